//! What CloudFormation makes of the blueprints that we ship, on an emulator.
use formwork::value::Target;

use crate::oracle::{Moto, Tree};
use crate::stacks::{all_on, shipped};

#[test]
fn a_stack_of_each_architecture_deploys_through_a_change_set() {
    let Some(moto) = Moto::start() else { return };
    let architectures = shipped();
    let of_ours = |case: &String| architectures.iter().any(|ours| ours.name == *case);
    let trials: Vec<_> = all_on(Target::CloudFormation)
        .into_iter()
        .filter(|made| of_ours(&made.case) && made.output.environment.as_deref() == Some("dev"))
        .collect();
    assert_eq!(trials.len(), architectures.len(), "each architecture has a stack to try");
    let tree = Tree::new([]);
    for made in trials {
        let template = made.write(tree.root()).join("template.yaml");
        let name = made.stack.replace('.', "-");
        let wrong = moto.deploy(&made.region, &name, &template, None).wrong;
        assert!(wrong.is_empty(), "{}:\n{}\n{}", made.stack, wrong.join("\n"), moto.log());
    }
    let wrong = moto.violations();
    assert!(wrong.is_empty(), "calls that no service would take:\n{}", wrong.join("\n"));
}

//! One stack, carried to many accounts and regions.

use formwork::value::Target;

use crate::snapshot::snapshot;
use crate::stacks::{Case, Made, OURS, composed, examples, made, shipped};

const ELSEWHERE: &str = "[eu-central-1, eu-west-1, us-east-1]";

fn fleet() -> Vec<Made> {
    let case = composed().into_iter().find(|case| case.name == "fleet").expect("a blueprint");
    made(&OURS, &case)
}

fn of<'a>(all: &'a [Made], stack: &str, target: Target) -> &'a Made {
    let mut own = all.iter().filter(|made| made.output.target == target);
    own.find(|made| made.stack == stack).expect("a stack")
}

#[test]
fn a_stack_set_says_what_deploy_says() {
    let all = fleet();
    for stack in ["fleet.dev", "fleet.prod"] {
        let made = of(&all, stack, Target::CloudFormation);
        snapshot(&format!("{stack}.stack-set.yaml"), made.text("stack-set.yaml"));
    }
    let guide = of(&all, "fleet.dev", Target::CloudFormation).text("DEPLOY.md");
    snapshot("fleet.dev.cloudformation.DEPLOY.md", guide);
}

#[test]
fn terraform_is_told_where_it_is() {
    let all = fleet();
    let made = of(&all, "fleet.dev", Target::Terraform);
    let files = ["versions.tf", "variables.tf", "DEPLOY.md"].map(|path| made.text(path));
    snapshot("fleet.dev.terraform", &files.join("\n"));
}

/// No kind emits what it knows of the region while generating.
#[test]
fn what_every_kind_makes_is_the_same_in_each_region() {
    let cases = examples().into_iter().chain(shipped()).chain(composed());
    let mut carried = 0;
    for Case { name, text } in cases.filter(|case| case.name != "fleet") {
        let text = carried_elsewhere(&text);
        let (generated, findings) = OURS.generate(&text);
        let same = findings.iter().all(|finding| &*finding.rule != "fleet-differs");
        let told: Vec<_> = findings.iter().map(|finding| finding.title.clone()).collect();
        assert!(same, "{name}: {told:#?}");
        carried += usize::from(generated.iter().any(|one| !one.outputs.is_empty()));
    }
    assert!(carried > 20, "too few are carried to be a test: {carried}");
}

/// The blueprint with other regions beside its own, for the target that needs no accounts.
fn carried_elsewhere(text: &str) -> String {
    let mut blueprint: serde_yaml::Mapping = serde_yaml::from_str(text).expect("a blueprint");
    let deploy = format!("{{regions: {ELSEWHERE}}}");
    for (name, value) in [("deploy", deploy.as_str()), ("targets", "[terraform]")] {
        blueprint.insert(name.into(), serde_yaml::from_str(value).expect("YAML"));
    }
    blueprint.insert("region".into(), "eu-central-1".into());
    blueprint.remove("naming");
    let in_regions = serde_yaml::from_str("{bucket: 'acme-files-{region}'}").expect("YAML");
    blueprint.insert("artifacts".into(), in_regions);
    serde_yaml::to_string(&blueprint).expect("YAML")
}

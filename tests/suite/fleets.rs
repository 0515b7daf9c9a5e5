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
fn variables_say_where_it_is() {
    let all = fleet();
    let made = of(&all, "fleet.dev", Target::Terraform);
    let files = ["versions.tf", "variables.tf", "DEPLOY.md"].map(|path| made.text(path));
    snapshot("fleet.dev.terraform", &files.join("\n"));
}

/// What is said beside `deploy`, and what would fail or do nothing.
#[test]
fn what_does_not_fit_a_fleet_is_told() {
    let units = "organizational_units: [ou-ab12-34cd56ef]";
    let named =
        "accounts: ['111122223333', '444455556666'], organizational_units: [ou-ab12-34cd56ef]";
    let many = format!("deploy: {{{units}, accounts: ['{:0>12}'", 0);
    let many = (1..40).fold(many, |all, one| format!("{all}, '{one:0>12}'"));
    let boundary = "iam: {permissions_boundary: 'arn:aws:iam::111122223333:policy/edge'}";
    let role = "role_arn: 'arn:aws:iam::{account}:role/deployer'";
    let provider = "terraform: {provider: {region: eu-west-1, assume_role: {role_arn: x}}}";
    let http = "terraform: {backend: {http: {}}}";
    let name = format!("cloudformation: {{stack_name: {}}}", "a".repeat(125));
    let alone = "targets: [cloudformation]";
    for (said, rules) in [
        (format!("deploy: {{{units}, max_concurrent: 25%}}\n{alone}"), &["fleet-operation"][..]),
        (format!("deploy: {{{units}, max_concurrent: 1%}}\n{alone}"), &[]),
        (
            format!("deploy: {{{units}, max_concurrent: 25%, failure_tolerance: 10%}}\n{alone}"),
            &["fleet-operation"],
        ),
        (format!("deploy: {{{units}, max_concurrent: 20, failure_tolerance: 10%}}\n{alone}"), &[]),
        (format!("{many}], max_concurrent: 20, failure_tolerance: 10%}}"), &["fleet-operation"]),
        (format!("{many}], max_concurrent: 5, failure_tolerance: 10%}}"), &[]),
        (format!("deploy: {{{named}, max_concurrent: 25%}}"), &[]),
        (format!("deploy: {{{named}}}\n{boundary}"), &["fleet-account"]),
        (format!("deploy: {{{named}, {role}}}\n{provider}"), &["fleet-region", "fleet-account"]),
        (format!("deploy: {{{role}}}\ntargets: [terraform]"), &["fleet-account"]),
        (format!("deploy: {{{named}}}\n{http}"), &["same-backend"]),
        (format!("deploy: {{{named}}}\n{name}"), &["fleet-name"]),
    ] {
        let text = format!(
            "formwork: 1\nname: guard\nregion: eu-central-1\nartifacts: {{bucket: acme-files}}\n\
             {said}\ncomponents:\n  alerts: {{kind: alert-topic}}\n"
        );
        let (_, findings) = OURS.generate(&text);
        let found: Vec<&str> = findings.iter().map(|finding| &*finding.rule).collect();
        let found: Vec<&str> =
            found.into_iter().filter(|rule| *rule != "nobody-hears-alarms").collect();
        assert_eq!(found, rules, "{said}");
    }
}

/// A landing zone has its boundary under one name in every account.
#[test]
fn a_boundary_is_that_of_the_account() {
    let text = "formwork: 1\nname: guard\nregion: eu-central-1\n\
        iam: {permissions_boundary: \"arn:aws:iam::{account}:policy/boundary\"}\n\
        components: {network: {kind: vpc}}\n";
    let all = made(&OURS, &Case { name: "guard".into(), text: text.into() });
    let template = of(&all, "guard", Target::CloudFormation).text("template.yaml");
    assert!(template.contains("\"arn:aws:iam::${AWS::AccountId}:policy/boundary\""), "{template}");
    let module = of(&all, "guard", Target::Terraform).text("network.tf");
    let boundary = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/boundary";
    assert!(module.contains(boundary), "{module}");
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

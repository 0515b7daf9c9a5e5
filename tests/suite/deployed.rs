//! What CloudFormation makes of the blueprints that we ship, and of a changed one, on an emulator.
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use formwork::diff::Change;
use formwork::value::Target;
use serde_json::{Value as Json, json};

use crate::changes::{CASES, Changes, changed, difference};
use crate::oracle::{Deployment, Moto, Tree};
use crate::stacks::{Case, Made, OURS, all_on, made, shipped};

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
        if CASES.contains(&&*made.case) {
            plans_what_diff_says(&moto, &made.case, &name);
        }
    }
    let wrong = moto.violations();
    assert!(wrong.is_empty(), "calls that no service would take:\n{}", wrong.join("\n"));
}

/// Whether a change set says of each change what `diff` says of it.
fn plans_what_diff_says(moto: &Moto, case: &str, stack: &str) {
    let rounds = Changes::of(case).rounds;
    let before = changed(case, "dev", &BTreeMap::new());
    let texts: Vec<_> = rounds.iter().map(|round| changed(case, "dev", round)).collect();
    let tree = Tree::new([]);
    let mut region = String::new();
    let template = |(round, text): (usize, &String)| {
        let all = made(&OURS, &Case { name: format!("{case}-{round}"), text: text.clone() });
        let is_dev = |one: &&Made| one.output.environment.as_deref() == Some("dev");
        let mut here = all.iter().filter(|one| one.output.target == Target::CloudFormation);
        let dev = here.find(is_dev).expect("it is generated");
        region.clone_from(&dev.region);
        dev.write(tree.root()).join("template.yaml")
    };
    let templates: Vec<_> = texts.iter().enumerate().map(template).collect();
    let listed = moto.changes(&region, stack, &templates);
    for (round, (text, listed)) in rounds.iter().zip(texts.iter().zip(listed)) {
        let said = difference(&before, text, "dev", Target::CloudFormation);
        let action = |change: &Change| {
            let word = serde_json::to_value(change.action).expect("a word");
            (change.address.clone(), word.as_str().expect("a word").to_owned())
        };
        let said = said.changes.iter().map(action).collect();
        let wrong = disagreements(&said, &listed);
        assert!(wrong.is_empty(), "{case} {:?}:\n{}", round.keys(), wrong.join("\n"));
    }
}

const REGION: &str = "eu-central-1";

const PLANT: &str = "\
formwork: 1
name: plant
region: eu-central-1
targets: [cloudformation]
components:
  key: {kind: encryption-key}
  alerts:
    kind: alert-topic
    subscriptions: {ops: {email: ops@example.com}, dba: {email: dba@example.com}}
  readings: {kind: kinesis-stream, retention_hours: 48}
  archive: {kind: data-bucket, expire_days: 30}
  buffer: {kind: kinesis-stream, protect: false}
";

/// The blueprint with texts in it changed, each of which stands there once.
fn with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(PLANT.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old} stands in the text once");
        text.replace(old, new)
    })
}

/// A folder of blueprints, and of what is generated from each.
struct Plants(Tree);

impl Plants {
    fn new<'a>(blueprints: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(Tree::new(blueprints))
    }

    fn formwork(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
        command.current_dir(self.0.root()).env_remove("FORMWORK_CATALOG").args(arguments);
        let output = command.output().expect("it starts");
        let [told, said] = [output.stdout, output.stderr].map(String::from_utf8);
        assert!(output.status.success(), "{arguments:?}\n{said:?}");
        told.expect("text")
    }

    /// Where the artifacts of a blueprint are.
    fn generated(&self, blueprint: &str) -> PathBuf {
        let folder = blueprint.strip_suffix(".yaml").expect("YAML");
        self.formwork(&["generate", blueprint, "-o", folder, "-q"]);
        self.0.path(folder).join("plant/cloudformation")
    }

    /// What `diff` says beforehand: what becomes of each resource.
    fn said(&self, old: &str, new: &str) -> BTreeMap<String, String> {
        let report = self.formwork(&["diff", old, new, "--format", "json"]);
        let report: Json = serde_json::from_str(&report).expect("JSON");
        let changes = report["stacks"][0]["changes"].as_array().expect("changes");
        let text = |change: &Json, name: &str| change[name].as_str().expect("a text").to_owned();
        changes.iter().map(|change| (text(change, "address"), text(change, "action"))).collect()
    }

    fn deploy(&self, moto: &Moto, blueprint: &str) -> Deployment {
        let folder = self.generated(blueprint);
        let policy = folder.join("stack-policy.json");
        moto.deploy(REGION, "plant", &folder.join("template.yaml"), Some(&policy))
    }
}

/// Where a change set says something else than `diff` said before: by logical id.
fn disagreements(said: &BTreeMap<String, String>, changes: &[Json]) -> Vec<String> {
    let id = |change: &Json| change["LogicalResourceId"].as_str().expect("an id").to_owned();
    let listed: BTreeMap<_, _> = changes.iter().map(|one| (id(one), foreseen(one))).collect();
    let ids: BTreeSet<&String> = said.keys().chain(listed.keys()).collect();
    let differ = ids.into_iter().filter_map(|id| {
        let ours = said.get(id).map_or("nothing", String::as_str);
        let theirs = listed.get(id).copied().unwrap_or(&["nothing"]);
        (!theirs.contains(&ours)).then(|| format!("{id}: we say {ours}, it says {theirs:?}"))
    });
    differ.collect()
}

/// What becomes of a resource by a change set. It lists all that reads what changes, and leaves
/// open whether that is another then; what it says for certain is static.
fn foreseen(change: &Json) -> &'static [&'static str] {
    let details = change["Details"].as_array().expect("details");
    let certain = details.iter().filter(|detail| detail["Evaluation"] == "Static");
    let needs: Vec<_> =
        certain.map(|detail| detail["Target"]["RequiresRecreation"].as_str()).collect();
    let perhaps = needs.contains(&Some("Conditionally"));
    match (change["Action"].as_str(), change["Replacement"].as_str()) {
        (Some("Add"), _) => &["add"],
        (Some("Remove"), _) => &["remove"],
        (_, Some("True")) => &["replace"],
        (_, Some("Conditional")) if perhaps => &["may-replace"],
        (_, Some("Conditional")) if needs.is_empty() => &["nothing", "change", "replace"],
        (_, Some("Conditional")) => &["change", "replace"],
        (_, Some("False")) if needs.is_empty() => &["nothing", "change"],
        (_, Some("False")) => &["change"],
        _ => &[],
    }
}

/// The status of a stack, once it does nothing any more.
fn settled(moto: &Moto, stack: &str) -> String {
    let start = Instant::now();
    loop {
        let told =
            moto.ask(REGION, "cloudformation", "describe_stacks", &json!({"StackName": stack}));
        let status = told["Stacks"][0]["StackStatus"].as_str().unwrap_or("none").to_owned();
        if !status.ends_with("IN_PROGRESS") {
            return status;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{status}");
    }
}

fn is_removed_but_for_its_data(moto: &Moto) {
    let ask = |operation, parameters| moto.ask(REGION, "cloudformation", operation, &parameters);
    let protect = |on: bool| {
        let wanted = json!({"StackName": "plant", "EnableTerminationProtection": on});
        ask("update_termination_protection", wanted)
    };
    let id = protect(true)["StackId"].as_str().expect("an id").to_owned();
    let delete = || ask("delete_stack", json!({"StackName": "plant"}));
    assert!(delete()["Error"].to_string().contains("TerminationProtection is enabled"));
    protect(false);
    delete();
    assert_eq!(settled(moto, &id), "DELETE_COMPLETE", "{}", moto.log());
}

#[test]
fn a_changed_blueprint_is_deployed_as_diff_says() {
    let Some(moto) = Moto::start() else { return };
    let second = with(&[
        ("retention_hours: 48", "retention_hours: 72"),
        ("expire_days: 30", "expire_days: 60"),
        ("kind: alert-topic", "kind: alert-topic\n    names: {main: other}"),
        ("buffer: {", "commands: {"),
    ]);
    let third = second
        .replace("dba@example.com", "cto@example.com")
        .replace("retention_hours: 72", "retention_hours: 96, names: {main: new}");
    let plants = Plants::new([("one.yaml", PLANT), ("two.yaml", &second), ("three.yaml", &third)]);
    let ask = |service, operation, parameters| moto.ask(REGION, service, operation, &parameters);

    let first = plants.deploy(&moto, "one.yaml");
    assert!(first.wrong.is_empty(), "{:#?}\n{}", first.wrong, moto.log());
    let again = plants.deploy(&moto, "one.yaml");
    assert!(again.wrong[0].contains("didn't contain changes"), "{again:#?}");

    let said = plants.said("one.yaml", "two.yaml");
    let deployed = plants.deploy(&moto, "two.yaml");
    assert!(deployed.wrong.is_empty(), "{:#?}\n{}", deployed.wrong, moto.log());
    assert_eq!(disagreements(&said, &deployed.changes), [""; 0], "{:#?}", deployed.changes);
    assert_eq!(said, deployed.done, "what diff says is what is done");
    for action in ["add", "change", "replace", "remove"] {
        assert!(said.values().any(|one| one == action), "nothing tries {action}: {said:?}");
    }

    let stream = |name: &str| {
        let told = ask("kinesis", "describe_stream_summary", json!({"StreamName": name}));
        told["StreamDescriptionSummary"]["RetentionPeriodHours"].as_i64()
    };
    assert_eq!(stream("plant-readings"), Some(72));
    assert_eq!(stream("plant-commands"), Some(24));
    assert_eq!(stream("plant-buffer"), None);
    let topics = ask("sns", "list_topics", json!({}));
    let arn = format!("arn:aws:sns:{REGION}:123456789012:other");
    assert_eq!(topics["Topics"], json!([{"TopicArn": arn}]), "the old one is gone");
    let heard = || {
        let told = ask("sns", "list_subscriptions_by_topic", json!({"TopicArn": arn}));
        let all = told["Subscriptions"].as_array().into_iter().flatten();
        all.map(|one| one["Endpoint"].to_string()).collect::<BTreeSet<_>>()
    };
    let people = BTreeSet::from(["dba", "ops"].map(|name| format!("\"{name}@example.com\"")));
    assert_eq!(heard(), people);
    let name = json!({"AlarmNames": ["plant-readings-write-throttled"]});
    let alarm = ask("cloudwatch", "describe_alarms", name);
    assert_eq!(alarm["MetricAlarms"][0]["AlarmActions"], json!([arn]), "it follows the topic");

    // The third would replace what is protected: all of it is refused, and taken back.
    let said = plants.said("two.yaml", "three.yaml");
    let refused = plants.deploy(&moto, "three.yaml");
    assert_eq!(disagreements(&said, &refused.changes), [""; 0], "{:#?}", refused.changes);
    let why = refused.wrong.join("\n");
    let rule = "does not allow [Update:Replace] for resource [LogicalResourceId/Readings]";
    assert!(why.starts_with("UPDATE_ROLLBACK_COMPLETE") && why.contains(rule), "{why}");
    assert_eq!((stream("plant-readings"), stream("new")), (Some(72), None));
    assert_eq!(heard(), people, "who came before the refusal has gone again");

    is_removed_but_for_its_data(&moto);
    assert_eq!(stream("plant-readings"), Some(72));
    assert_eq!(stream("plant-commands"), None);
    assert_eq!(ask("sns", "list_topics", json!({}))["Topics"], json!([]));
    let wrong = moto.violations();
    assert!(wrong.is_empty(), "calls that no service would take:\n{}", wrong.join("\n"));
}

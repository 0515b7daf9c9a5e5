//! DEPLOY.md and RUNBOOK.md, as the person reads them who has to deploy tonight.
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use formwork::diagnostic::human;
use formwork::value::Target;

use crate::snapshot::snapshot;
use crate::stacks::{ALL, Case, Engine, Made, OURS, changed, made};

/// Most is there already, and the rest is known only to whoever deploys.
const GIVEN: &str = r#"
formwork: 1
name: plant
region: eu-central-1
account: "111122223333"
terraform: {backend: {s3: {bucket: acme-state, region: eu-central-1}}}
cloudformation: {termination_protection: true, role_arn: "arn:aws:iam::111122223333:role/deploy"}
components:
  key: {kind: encryption-key, existing: {arn: {ssm: /lz/key}}}
  events: {kind: kinesis-stream, existing: {name: {parameter: stream-name}}}
  data: {kind: data-bucket}
  archiver:
    kind: firehose-archive
    source: events
    destination: data
    roles: {delivery: {parameter: delivery-role}}
"#;

/// Files of the user's own, and data that the stack no longer holds.
const FILES: &str = r#"
formwork: 1
name: jobs
region: cn-north-1
artifacts: {bucket: acme-deploy, prefix: "form work/"}
removed: {ledger: destroy, journal: {keep: [Journal, aws_kinesis_stream.journal]}}
components:
  nightly: {kind: program, code: {file: "jobs/it's $(nightly).py"}}
"#;

const SMALL: &str = r#"
formwork: 1
name: small
region: eu-central-1
components:
  alerts: {kind: alert-topic, subscriptions: {hook: {https: "https://example.com/hook"}}}
"#;

/// Our catalog with a kind that has a file, and with `deploy` in place of its data.
fn engine(deploy: Option<&str>) -> Engine {
    let files = [
        ("catalog/kinds/program.yaml", include_str!("../fixtures/guide/program.yaml")),
        (
            "templates/cloudformation/program.yaml.hbs",
            include_str!("../fixtures/guide/program.yaml.hbs"),
        ),
        ("templates/terraform/program.tf.hbs", include_str!("../fixtures/guide/program.tf.hbs")),
    ];
    let files = files.into_iter().chain(deploy.map(|text| ("catalog/deploy.yaml", text)));
    let files: BTreeMap<_, _> = files.map(|(path, text)| (path.into(), text.into())).collect();
    Engine::new(vec![changed(&files)])
}

fn on(engine: &Engine, target: Target, blueprint: &str) -> Made {
    let all = made(engine, &Case { name: "guide".into(), text: blueprint.into() });
    all.into_iter().find(|made| made.output.target == target).expect("the target")
}

fn deploy(engine: &Engine, target: Target, blueprint: &str) -> String {
    on(engine, target, blueprint).text("DEPLOY.md").to_owned()
}

fn headings(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

/// The lines of every block of commands.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1);
    blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines()).collect()
}

#[test]
fn what_is_given_from_outside_is_told() {
    for target in Target::ALL {
        snapshot(&format!("guide-given.{target}"), &deploy(&OURS, target, GIVEN));
    }
}

#[test]
fn files_are_uploaded_and_what_was_removed_is_told() {
    let engine = engine(None);
    for target in Target::ALL {
        let text = deploy(&engine, target, FILES);
        snapshot(&format!("guide-files.{target}"), &text);
        let made = on(&engine, target, FILES);
        let asset = made.output.artifacts.iter().find(|file| file.path.starts_with("assets/"));
        let path = asset.expect("an asset").path.replace('\'', "'\\''");
        assert!(text.contains(&format!("cp --region cn-north-1 '{path}' s3://acme-deploy/'form")));
    }
}

#[test]
fn nothing_is_told_that_is_not_so() {
    let text = deploy(&OURS, Target::CloudFormation, SMALL);
    let expected = ["Check", "First deployment", "Update", "Removal"];
    assert_eq!(headings(&text), expected);
    for absent in ["capabilities", "policy", "parameters", "role-arn", "upload", "protection"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    let text = deploy(&OURS, Target::Terraform, SMALL);
    assert_eq!(headings(&text), expected);
    for absent in ["-var", "prevent_destroy", "upload", "the backend"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(on(&OURS, Target::Terraform, SMALL).texts().all(|(path, _)| path != "RUNBOOK.md"));
}

#[test]
fn unprotected_data_is_not_said_to_stay() {
    let dev = |made: &&Made| made.stack == "sensor-streaming.dev";
    let texts: Vec<_> = ALL.iter().filter(dev).map(|made| made.text("DEPLOY.md")).collect();
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert!(text.contains("This goes with the stack, data and all"), "{text}");
        assert!(text.contains("- readings: `sensor-streaming-dev-readings`"), "{text}");
        assert!(!text.contains("stays in the account") && !text.contains("refuses to delete this"));
        assert!(!text.contains("stack-policy.json"), "{text}");
    }
}

#[test]
fn a_large_template_is_read_from_the_bucket_of_artifacts() {
    let engine = engine(Some(
        "largest_inline_template: 1\nacknowledged: []\nregions: [{begins: eu-, url_suffix: amazonaws.com}]\n",
    ));
    let artifacts = "artifacts: {bucket: acme-deploy, prefix: f/}\ncomponents:";
    let text = deploy(&engine, Target::CloudFormation, &SMALL.replace("components:", artifacts));
    let upload = "aws s3 cp --region eu-central-1 template.yaml s3://acme-deploy/f/small.yaml";
    assert!(commands(&text).contains(&upload), "{text}");
    let url = "--template-url https://acme-deploy.s3.eu-central-1.amazonaws.com/f/small.yaml";
    assert_eq!(text.matches(url).count(), 3, "{text}");
    assert!(!text.contains("--template-body"), "{text}");

    let (_, findings) = engine.generate(SMALL);
    let told: Vec<_> = findings.iter().map(|finding| human(finding, false)).collect();
    assert!(told.len() == 1 && told[0].starts_with("error[artifacts-missing]"), "{told:?}");
}

#[test]
fn what_is_named_must_be_acknowledged_as_named() {
    let stack =
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: {k: {kind: encryption-key}}";
    let capability = |types: &str| {
        let entry =
            format!("acknowledged: [{{types: '{types}', named: N, unnamed: U}}]\nregions: []");
        let text = deploy(&engine(Some(&entry)), Target::CloudFormation, stack);
        let line = commands(&text).into_iter().find(|line| line.contains("change-set-type CREATE"));
        line.and_then(|line| Some(line.split_once("--capabilities ")?.1.to_owned()))
    };
    assert_eq!(capability("AWS::KMS::Key"), Some("U".into()));
    assert_eq!(capability("AWS::KMS::Alias"), Some("N".into()));
    assert_eq!(capability("AWS::KMS::"), Some("N".into()));
    assert_eq!(capability("AWS::IAM::"), None);
}

#[test]
fn a_users_words_cannot_break_the_page() {
    let words = ["# x", "<!-- ", "`", "```", "a | b", "x\n\n## Removal\n", "*a* [b](c) &lt;", "\\"];
    let blueprint = |word: &str| {
        let word = serde_json::to_string(word).expect("a text");
        let own = format!("description: {word}, kind: alert-topic");
        SMALL
            .replace("kind: alert-topic", &own)
            .replace("region:", &format!("description: {word}\nregion:"))
    };
    for target in Target::ALL {
        let plain = deploy(&OURS, target, &blueprint("plain"));
        for word in words {
            let text = deploy(&OURS, target, &blueprint(word));
            assert_eq!(headings(&text), headings(&plain), "{word:?}");
            let differ = text.lines().zip(plain.lines()).filter(|(one, other)| one != other);
            let differ: Vec<_> = differ.map(|(one, _)| one).collect();
            assert_eq!(
                (differ.len(), text.lines().count()),
                (2, plain.lines().count()),
                "{word:?}"
            );
            for line in differ {
                let rest = line.trim_start_matches("`small`: ").trim_start_matches("| `alerts` | ");
                assert!(!bare(rest).contains(['`', '<', '*', '[', '&']), "{word:?}: {line}");
                let columns = bare(line).matches('|').count();
                assert!(line.starts_with("`small`: ") || columns == 4, "{word:?}: {line}");
            }
        }
    }
}

/// A line without what is escaped in it.
fn bare(line: &str) -> String {
    let mut letters = line.chars();
    let mut out = String::new();
    while let Some(c) = letters.next() {
        if c == '\\' {
            letters.next();
        } else {
            out.push(c);
        }
    }
    out
}

/// What a shell reads as its own in a line.
fn unquoted(line: &str) -> String {
    let (mut out, mut quote) = (String::new(), None);
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match quote {
            None if c == '\\' => drop(letters.next()),
            None if c == '"' || c == '\'' => quote = Some(c),
            None => out.push(c),
            Some(open) if c == open => quote = None,
            Some('"') if c == '$' || c == '`' => out.push(c),
            Some(_) => {}
        }
    }
    out
}

/// The command whose result a variable gets, or the line itself.
fn assigned(line: &str) -> &str {
    let inner = line.split_once("=$(").filter(|(name, _)| name.chars().all(char::is_alphabetic));
    inner.and_then(|(_, command)| command.strip_suffix(')')).unwrap_or(line)
}

#[test]
fn every_command_is_one_that_a_shell_takes() {
    let engine = engine(None);
    let own = [GIVEN, FILES, SMALL]
        .into_iter()
        .flat_map(|text| Target::ALL.map(|target| deploy(&engine, target, text)));
    let guides = ALL.iter().flat_map(Made::texts);
    let guides = guides
        .filter(|(path, _)| path.rsplit('.').next() == Some("md"))
        .map(|(_, text)| text.to_owned());
    let guides: Vec<_> = guides.chain(own).collect();
    let lines: Vec<_> = guides.iter().flat_map(|text| commands(text)).collect();
    assert!(lines.len() > 100);
    let name = |line: &&str| Some(line.split_once("=$(aws ")?.0.to_owned());
    let names: Vec<_> = lines.iter().filter_map(name).collect();
    for line in lines.iter().map(|line| assigned(line)) {
        let line = &names
            .iter()
            .fold(line.to_owned(), |line, name| line.replace(&format!("${name}"), name));
        let known = ["aws ", "terraform ", "influx ", "docker ", "mysql "];
        assert!(known.iter().any(|program| line.starts_with(program)), "{line}");
        assert!(!unquoted(line).contains(['<', '>', '$', '`', '&', ';', '*']), "{line}");
        assert_eq!(line.starts_with("aws "), line.contains(" --region "), "{line}");
    }
    let bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn();
    let Ok(mut bash) = bash else { return eprintln!("there is no bash: skipped") };
    bash.stdin.take().expect("a pipe").write_all(lines.join("\n").as_bytes()).expect("written");
    assert!(bash.wait().expect("it ends").success(), "{lines:#?}");
}

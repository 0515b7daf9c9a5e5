//! The judges judged: each passes what is right, and finds what is wrong with it changed.
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::process::run;
use super::*;

const TEMPLATE: &str = include_str!("../../oracles/selftest/cloudformation/template.yaml");
const STACK_SET: &str = include_str!("../../oracles/selftest/cloudformation/stack-set.yaml");
const MEMBER: &str = include_str!("../../oracles/selftest/cloudformation/member.yaml");
const MODULE: &str = include_str!("../../oracles/selftest/terraform/main.tf");

/// The text with one thing in it changed.
fn with(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old} stands in the text once");
    text.replace(old, new)
}

fn messages(findings: &[cfn_lint::Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {}:{} {}", f.level, f.rule, f.line, f.message)).collect()
}

#[test]
fn cfn_lint_judges() {
    let bad = with(TEMPLATE, "RetentionPeriodHours: 24", "RetentionPeriodHours: 9999");
    let context =
        "    Metadata:\n      com.aws.cloudformation.Context:\n        why: tells people\n";
    let untold = with(TEMPLATE, context, "");
    let tree = Tree::new([("good", TEMPLATE), ("bad", &bad), ("untold", &untold)]);
    let files = ["good", "bad", "untold"].map(|name| tree.path(name));
    let Some(findings) = cfn_lint(&files, &["eu-west-1", "us-east-1"]) else { return };
    let lines = messages(&findings);
    let of = |name: &str| {
        let path = tree.path(name);
        let found = findings.iter().filter(move |finding| finding.file == path);
        found.map(|finding| finding.rule.as_str()).collect::<Vec<_>>()
    };
    assert!(of("good").is_empty(), "{lines:#?}");
    assert_eq!(of("bad"), ["E3034"], "{lines:#?}");
    assert_eq!(of("untold"), ["I4010"], "{lines:#?}");
}

#[test]
fn cfn_lint_knows_what_a_region_lacks() {
    let template = r#"{"Resources": {"Metrics": {
        "Type": "AWS::Grafana::Workspace",
        "Properties": {
            "AccountAccessType": "CURRENT_ACCOUNT",
            "AuthenticationProviders": ["SAML"],
            "PermissionType": "SERVICE_MANAGED"
        }
    }}}"#;
    let tree = Tree::new([("template", template)]);
    let templates = [tree.path("template")];
    let Some(there) = cfn_lint(&templates, &["eu-west-1"]) else { return };
    let Some(absent) = cfn_lint(&templates, &["ca-west-1"]) else { return };
    let misses = |findings: &[cfn_lint::Finding]| findings.iter().any(|f| f.rule == "E3006");
    assert!(!misses(&there), "{:#?}", messages(&there));
    assert!(misses(&absent), "{:#?}", messages(&absent));
}

#[test]
fn checkov_judges_both_targets() {
    let tree =
        Tree::new([("cloudformation/template.yaml", TEMPLATE), ("terraform/main.tf", MODULE)]);
    let Some(good) = checkov(tree.root()) else { return };
    assert!(good.failed.is_empty() && good.unread.is_empty(), "{good:#?}");
    assert!(good.passed > 30, "{good:#?}");
    assert_eq!(good.suppressed, 5, "{good:#?}");

    let template = with(TEMPLATE, "EnableKeyRotation: true", "EnableKeyRotation: false");
    let module = with(MODULE, "enable_key_rotation = true", "enable_key_rotation = false");
    let tree = Tree::new([
        ("cloudformation/template.yaml", template.as_str()),
        ("terraform/main.tf", &module),
        ("broken/main.tf", "resource {"),
    ]);
    let bad = checkov(tree.root()).expect("it was there before");
    let told = |f: &checkov::Failure| format!("{} {} {}", f.check, f.resource, f.file.display());
    let mut failed: Vec<_> = bad.failed.iter().map(told).collect();
    failed.sort_unstable();
    let [template, module] = ["cloudformation/template.yaml", "terraform/main.tf"];
    let expected = [
        format!("CKV_AWS_7 AWS::KMS::Key.Key {}", tree.path(template).display()),
        format!("CKV_AWS_7 aws_kms_key.data {}", tree.path(module).display()),
    ];
    assert_eq!(failed, expected, "{bad:#?}");
    assert!(bad.failed.iter().all(|failure| failure.demand.contains("rotation")), "{bad:#?}");
    assert_eq!(bad.unread, [tree.path("broken/main.tf")]);
}

#[test]
fn terraform_judges_format_and_schema() {
    let Some(terraform) = Terraform::find() else { return };
    let unformatted = with(MODULE, "shard_count      =", "shard_count =");
    let unknown = with(MODULE, "shard_count     ", "shards          ");
    let tree = Tree::new([
        ("good/main.tf", MODULE),
        ("unformatted/main.tf", &unformatted),
        ("unknown/main.tf", &unknown),
    ]);
    let folders = ["good", "unformatted", "unknown"].map(|name| tree.path(name));
    assert_eq!(terraform.fmt_check(tree.root()), ["unformatted/main.tf"]);

    let invalid = terraform.validate(&folders);
    assert_eq!(invalid.len(), 1, "{invalid:#?}");
    assert!(invalid[0].starts_with(&folders[2].display().to_string()), "{invalid:#?}");
    assert!(invalid[0].contains("main.tf:46: error: Unsupported argument"), "{invalid:#?}");
}

#[test]
fn provider_6_is_judged_by_its_schema() {
    let bad = with(MODULE, "shard_count     ", "shards          ");
    let tree = Tree::new([("good/main.tf", MODULE), ("bad/main.tf", bad.as_str())]);
    let judge = |name| {
        let lines = provider_6(&tree.path(name))?.into_iter();
        // The catalog may emit none of the types that the module tries other judges with.
        Some(lines.filter(|line| !line.starts_with("not in ")).collect::<Vec<_>>())
    };
    let Some(good) = judge("good") else { return };
    assert!(good.is_empty(), "{good:#?}");
    let bad = judge("bad").expect("it was there before");
    assert_eq!(bad.len(), 1, "{bad:#?}");
    assert!(bad[0].contains("shards: does not exist on 6.x"), "{bad:#?}");
}

#[test]
fn terraform_reads_literals_back() {
    let Some(terraform) = Terraform::find() else { return };
    let expressions = [r#""a\t\"$${b}\" %%{c} \\ é""#, "[1, 2.50, null]", "{ on = true }"];
    let values = terraform.evaluate(&expressions).expect("they are right");
    assert_eq!(
        values,
        [json!("a\t\"${b}\" %{c} \\ é"), json!([1, 2.5, null]), json!({"on": true})]
    );
    let composed = terraform.evaluate(&["\"e\u{301}\""]);
    assert_eq!(composed, Ok(vec![json!("\u{e9}")]));
    let error = terraform.evaluate(&["\"${b}\""]).expect_err("there is no b");
    assert!(error.contains("Invalid reference"), "{error}");
}

#[test]
fn a_stack_applies_and_then_plans_empty() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let tree = Tree::new([("main.tf", MODULE)]);
    let stack = terraform.open(tree.root(), &moto).expect("it initialises");
    let first = stack.plan().expect("it plans");
    assert_eq!(first.changes.len(), 11, "{:#?}", first.changes);
    let applied = stack.apply(Duration::from_mins(3));
    assert_eq!(applied, Ok(()), "{}", moto.log());
    let second = stack.plan().expect("it plans again");
    assert!(second.changes.is_empty(), "{:#?}\n{}", second.changes, second.json);
    let left: Vec<_> = fs::read_dir(tree.root()).expect("the tree").collect();
    assert_eq!(left.len(), 1, "the original is not touched: {left:?}");
}

#[test]
fn a_change_set_deploys_what_is_right_and_fails_what_is_wrong() {
    let Some(moto) = Moto::start() else { return };
    let deployed = |stack: &str, template: &str| {
        let tree = Tree::new([("template.yaml", template)]);
        moto.deploy("eu-central-1", stack, &tree.path("template.yaml"), None).wrong
    };
    assert_eq!(deployed("good", TEMPLATE), [""; 0], "{}", moto.log());
    let hours = "RetentionPeriodHours: 24";
    let faults = [
        ("unknown", hours, "RetentionHours: 24", "'RetentionHours' was unexpected"),
        ("beyond", hours, "RetentionPeriodHours: 9999", "9999 is greater than"),
        ("lost", "!GetAtt Key.Arn", "!GetAtt Key.Name", "Key has no attribute Name"),
        ("nobody", "!GetAtt Key.Arn", "!GetAtt Lock.Arn", "no resource is Lock"),
        ("type", "AWS::Kinesis::Stream", "AWS::Kinesis::Brook", "AWS::Kinesis::Brook"),
    ];
    for (stack, right, wrong, told) in faults {
        let found = deployed(stack, &with(TEMPLATE, right, wrong)).join("\n");
        assert!(found.contains(told), "{stack}: {found}");
    }
}

#[test]
fn an_update_does_what_is_right_and_takes_back_what_is_wrong() {
    let Some(moto) = Moto::start() else { return };
    let deployed = |template: &str| {
        let tree = Tree::new([("template.yaml", template)]);
        moto.deploy("eu-central-1", "updated", &tree.path("template.yaml"), None)
    };
    let text = with(TEMPLATE, "KmsMasterKeyId: !Ref Key", "TopicName: told");
    assert_eq!(deployed(&text).wrong, [""; 0], "{}", moto.log());
    let hours = "RetentionPeriodHours: 24";
    let faults = [
        ("", "", "didn't contain changes"),
        (hours, "RetentionPeriodHours: 9999", "9999 is greater than"),
        ("EnableKeyRotation: true", "KeyUsage: SIGN_VERIFY", "nobody does that here"),
        ("TopicName: told", "TopicName: told\n      FifoTopic: true", "a custom-named resource"),
        (hours, "MaxRecordSizeInKiB: 2048", "nobody changes MaxRecordSizeInKiB"),
        ("Ref Key\n", "GetAtt Key.Name\n", "Key has no attribute Name"),
    ];
    for (right, wrong, told) in faults {
        let wrong = if right.is_empty() { text.clone() } else { with(&text, right, wrong) };
        let found = deployed(&wrong).wrong.join("\n");
        assert!(found.contains(told), "{told}: {found}");
    }
    let type_changed = with(&text, "AWS::Kinesis::Stream", "AWS::Logs::LogStream");
    let found = deployed(&type_changed).wrong.join("\n");
    assert!(found.contains("Update of resource type is not permitted"), "{found}");

    // What is replaced is kept where its policy says so, and what reads it follows.
    let properties = "Properties:\n      BucketEncryption:";
    let named = "Properties:\n      BucketName: another-archive\n      BucketEncryption:";
    let replaced = deployed(&with(&text, properties, named));
    assert_eq!(replaced.wrong, [""; 0], "{}", moto.log());
    assert_eq!(replaced.done["Archive"], "replace");
    let buckets = moto.ask("eu-central-1", "s3", "list_buckets", &json!({}));
    assert_eq!(buckets["Buckets"].as_array().map(Vec::len), Some(2), "{buckets}");
}

#[test]
fn a_stack_set_is_deployed_where_its_member_can_be() {
    let Some(moto) = Moto::start() else { return };
    let ask = |service, operation, what| moto.ask("eu-central-1", service, operation, &what);
    let place = json!({"LocationConstraint": "eu-central-1"});
    ask("s3", "create_bucket", json!({"Bucket": "members", "CreateBucketConfiguration": place}));
    let deployed = |stack: &str, set: &str, member: &str| {
        let object = json!({"Bucket": "members", "Key": "member.yaml", "Body": member});
        ask("s3", "put_object", object);
        let tree = Tree::new([("template.yaml", set)]);
        moto.deploy("eu-central-1", stack, &tree.path("template.yaml"), None).wrong
    };
    let faults = [
        ("member", STACK_SET.to_owned(), with(MEMBER, "ShardCount", "Shards"), "'Shards' was"),
        ("own", with(STACK_SET, "SERVICE_", "SELF_"), MEMBER.to_owned(), "PermissionModel"),
        ("absent", with(STACK_SET, "/member.", "/other."), MEMBER.to_owned(), "does not exist"),
        ("given", with(STACK_SET, "Key: Hours", "Key: Days"), MEMBER.to_owned(), "must have"),
    ];
    for (stack, set, member, told) in faults {
        let found = deployed(stack, &set, &member).join("\n");
        assert!(found.contains(told), "{stack}: {found}");
    }
    assert_eq!(deployed("good", STACK_SET, MEMBER), [""; 0], "{}", moto.log());
    let name = json!({"StackSetName": "roles"});
    let made = ask("cloudformation", "list_stack_instances", name);
    assert_eq!(made["Summaries"][0]["OrganizationalUnitId"], "ou-abcd-12345678", "{made}");
    assert_eq!(moto.violations(), [""; 0]);
}

#[test]
fn terraform_plans_what_validate_cannot_see() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let module = with(MODULE, "  shard_count      = 1\n", "");
    let tree = Tree::new([("main.tf", module.as_str())]);
    let stack = terraform.open(tree.root(), &moto).expect("it initialises");
    assert!(stack.validate().is_empty());
    let error = stack.plan().expect_err("a provisioned stream needs shards");
    assert!(error.contains("shard_count"), "{error}");
}

#[test]
fn a_mirror_is_known_by_its_layout() {
    let tree = Tree::new([
        ("new/registry.example/hashicorp/aws/5.100.1/linux_amd64/provider", ""),
        ("old/registry.example/hashicorp/aws/5.99.0/linux_amd64/provider", ""),
    ]);
    assert!(mirror::holds_provider(&tree.path("new"), "linux_amd64"));
    assert!(!mirror::holds_provider(&tree.path("new"), "darwin_arm64"));
    assert!(!mirror::holds_provider(&tree.path("old"), "linux_amd64"));

    let configuration = r#"
        plugin_cache_dir = "/cache"
        provider_installation {
          filesystem_mirror {
            path    = "/mirror"
            include = ["*/*/*"]
          }
          direct {}
        }
    "#;
    assert_eq!(mirror::configured(configuration), [Path::new("/mirror"), Path::new("/cache")]);
}

#[test]
fn yaml_is_read_with_functions_in_long_form() {
    let text = "a: !GetAtt X.Y.Z\nb: !Sub ['${x}', {x: !Ref Q}]\nc: 2012-10-17\nd: yes\n";
    let Some(read) = read_yaml(&[text, "a: 1\na: 2\n", "on: 1\n"]) else { return };
    let expected = json!({
        "a": {"Fn::GetAtt": ["X", "Y.Z"]},
        "b": {"Fn::Sub": ["${x}", {"x": {"Ref": "Q"}}]},
        "c": "2012-10-17",
        "d": true,
    });
    assert_eq!(read[0], Ok(expected));
    let errors = read[1..].iter().map(|read| read.as_ref().expect_err("wrong")).collect::<Vec<_>>();
    assert!(errors[0].contains("'a' is repeated"), "{errors:?}");
    assert!(errors[1].contains("True is no string"), "{errors:?}");
}

#[test]
fn the_emulator_ends_with_its_test() {
    let Some(moto) = Moto::start() else { return };
    let address = moto.endpoint.strip_prefix("http://").expect("an address").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(moto);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
#[cfg(unix)]
fn a_process_is_stopped_with_its_children() {
    let tree = Tree::new([("started", "")]);
    let script = "(sleep 1; echo late > started) & sleep 60";
    let mut command = Command::new("sh");
    command.current_dir(tree.root()).args(["-c", script]);
    let start = Instant::now();
    let stopped = run(&mut command, Duration::from_millis(200));
    assert_eq!(stopped.code, None);
    assert!(start.elapsed() < Duration::from_secs(10));
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(fs::read_to_string(tree.path("started")).expect("a file"), "");
}

#[test]
fn what_is_made_once_is_made_whole() {
    let name = format!("selftest-{}", std::process::id());
    let fail = |folder: &Path, _: &fs::File| {
        fs::write(folder.join("half"), "").map_err(|error| error.to_string())?;
        Err("no network".to_owned())
    };
    assert_eq!(once::made_once(&name, "", fail), Err("no network".to_owned()));
    let folder = once::made_once(&name, "", |_, _| Ok(())).expect("made");
    assert!(!folder.join("half").exists());
    let never = |_: &Path, _: &fs::File| -> Result<(), String> { panic!("it is there already") };
    assert_eq!(once::made_once(&name, "", never), Ok(folder.clone()));
    fs::remove_dir_all(&folder).expect("it can go");
    fs::remove_file(folder.with_extension("lock")).expect("it can go");
}

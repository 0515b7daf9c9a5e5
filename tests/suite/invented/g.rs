//! A key, a network and a stream that exist already, in every way in which that can be said.
use super::{Made, World, fixture, planned};
use crate::oracle::{Moto, Terraform, Tree};
use crate::snapshot::snapshot;
use std::time::Duration;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("given", world().make(&given())), ("base", world().make(&base()))]
}

fn world() -> World {
    World::of(&["d-network"])
}

fn given() -> String {
    fixture("g-existing/given.yaml")
}

fn base() -> String {
    fixture("g-existing/base.yaml")
}

/// What refers to what exists, on both targets.
fn users(environment: &str) -> String {
    let made = world().make(&given());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = format!("{environment}/cloudformation/template.yaml");
    let ids =
        ["Ledger", "ArchiverErrors", "ArchiverDeliveryPolicy", "LzNetworkPrivateA", "SubnetB"];
    let asked = ["DeliveryRole", "KeyArn", "FormworkBaseNetworkPrivateSubnets"];
    let fragments = made.fragments(&template, &[&ids[..], &asked[..]].concat());
    let file = |name: &str| made.file(&format!("{environment}/terraform/{name}.tf")).to_owned();
    let errors =
        made.fragments(&format!("{environment}/terraform/archiver.tf"), &["archiver_errors"]);
    format!("{fragments}\n{errors}\n{}\n{}", file("ledger"), file("variables"))
}

#[test]
fn what_exists_is_used_by_its_literal_outputs() {
    snapshot("invented-existing-literal", &users("literal"));
}

#[test]
fn what_exists_is_asked_for_when_it_is_deployed() {
    snapshot("invented-existing-asked", &users("asked"));
}

#[test]
fn what_exists_is_read_from_another_stack() {
    snapshot("invented-existing-shared", &users("shared"));
    let made = world().make(&base());
    let published = made.file("terraform/network.tf").to_owned() + made.file("terraform/key.tf");
    let published = published + made.file("terraform/events.tf");
    let given = world().make(&given());
    let read = given.file("shared/terraform/variables.tf");
    let paths: Vec<_> = read.lines().filter(|line| line.contains("\"/formwork/base/")).collect();
    assert_eq!(paths.len(), 4, "{read}");
    for path in paths {
        let path = path.split('"').nth(1).unwrap();
        assert!(published.contains(&format!("\"{path}\"")), "nobody publishes {path}");
    }
    let share = ["network_share_private_subnets", "network_share_cidr"];
    let share = made.fragments("terraform/network.tf", &share);
    let list = made.fragments("cloudformation/template.yaml", &["NetworkSharePrivateSubnets"]);
    snapshot("invented-share", &format!("{list}\n{share}"));
}

#[test]
fn what_exists_in_one_environment_is_generated_in_the_others() {
    let made = world().make(&given());
    let streams = ["own", "mixed", "literal", "asked", "shared"].map(|environment| {
        let template = made.file(&format!("{environment}/cloudformation/template.yaml"));
        ["Kinesis::Stream\n", "KMS::Key\n", "EC2::VPC\n"].map(|each| template.contains(each))
    });
    let expected = [[true; 3], [false, true, true], [false; 3], [false; 3], [false; 3]];
    assert_eq!(streams, expected);
    let mixed = made.fragments("mixed/cloudformation/template.yaml", &["ArchiverDeliveryPolicy"]);
    assert!(mixed.contains(":stream/plant-events\""), "{mixed}");
}

#[test]
fn steps_say_what_others_must_do() {
    assert_eq!(world().steps(&given(), "own"), "");
    snapshot("invented-existing-steps", &world().steps(&given(), "literal"));
    let asked = world().steps(&given(), "asked");
    let lines = asked.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    snapshot("invented-existing-steps-asked", &lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let complaints = [
        ("existing: {name: plant-events}", "retention_hours: 48, existing: {name: plant-events}"),
        ("existing: {name: plant-events}", "existing: {nam: plant-events}"),
        ("{parameter: stream-name}", "{parameter: StreamName}"),
        ("roles: {delivery: {parameter", "roles: {deliver: {parameter"),
        ("component: network}", "componentt: network}"),
        ("with: [key_arn]", "with: [key-arn]"),
        ("ledger: {kind: tenant, ", "ledger: {kind: tenant, side: public, "),
        ("cidr: 10.30.0.0/16}", "cidr: {parameter: network-cidr}}"),
    ];
    let told = complaints.map(|(old, new)| world().complaint(&given(), old, new));
    snapshot("invented-existing-refused", &told.join("\n\n"));
}

/// What the landing zone publishes, and what its people answer.
const LANDING_ZONE: &str = r#"
resource "aws_ssm_parameter" "of" {
  for_each = {
    "keys/events"       = "arn:aws:kms:eu-central-1:123456789012:key/0f0f0f0f"
    "network/cidr"      = "10.40.0.0/16"
    "network/private-a" = "subnet-0a1b2c3d4e5f60718"
    "network/vpc-id"    = "vpc-0a1b2c3d4e5f60718"
  }
  name  = "/lz/${each.key}"
  type  = "String"
  value = each.value
}
provider "aws" {
  region = "eu-central-1"
}
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"#;
const ANSWERS: &str = r#"
delivery_role = "arn:aws:iam::123456789012:role/delivery"
key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/0f0f0f0f"
stream_name   = "events"
subnet_b      = "subnet-0b1b2c3d4e5f60718"
"#;

#[test]
fn stacks_plan_from_what_others_have_applied() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let (base, given) = (world().make(&base()), world().make(&given()));
    let files = base.files.iter().map(|(path, text)| (format!("base/{path}"), text.as_str()));
    let files = files.chain(given.files.iter().map(|(path, text)| (path.clone(), text.as_str())));
    let more = [("lz/main.tf", LANDING_ZONE), ("asked/terraform/answers.auto.tfvars", ANSWERS)];
    let files: Vec<_> = files.chain(more.map(|(path, text)| (path.into(), text))).collect();
    let tree = Tree::new(files.iter().map(|(path, text)| (path.as_str(), *text)));
    for first in ["base/terraform", "lz"] {
        let (stack, _) = planned(&terraform, &moto, &tree.path(first));
        assert_eq!(stack.apply(Duration::from_mins(3)), Ok(()), "{}", moto.log());
    }
    for next in ["shared/terraform", "asked/terraform"] {
        let (_, plan) = planned(&terraform, &moto, &tree.path(next));
        let resources = plan.json["planned_values"]["root_module"]["resources"].as_array();
        let ledger = resources.unwrap().iter().find(|each| each["name"] == "ledger").unwrap();
        let subnets = ledger["values"]["subnet_ids"].as_array().unwrap();
        let known = subnets.iter().filter(|id| id.as_str().unwrap().starts_with("subnet-"));
        assert_eq!(known.count(), 2, "{next}: {ledger}");
    }
}

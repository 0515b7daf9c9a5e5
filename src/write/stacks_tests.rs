//! Stacks that a blueprint no longer has.

use super::tests::{Place, output, rules};
use super::{Holder, Output, Stack, prune, vanished};
use crate::value::Target;
use std::fs;
use std::path::Path;

fn stack(environment: Option<&str>, target: Target) -> Output {
    let environment = environment.map(str::to_owned);
    Output { environment, target, ..output(&[("a.tf", "one"), ("assets/b.py", "two")]) }
}

fn find(place: &Place, known: &[(Option<&str>, Target)]) -> Vec<Stack> {
    let known: Vec<_> =
        known.iter().map(|(env, target)| (env.map(str::to_owned), *target)).collect();
    vanished(place.out.path(), "plant", &known).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::copy(from.join(".formwork.json"), to.join(".formwork.json")).unwrap();
}

#[test]
fn only_stacks_that_the_blueprint_does_not_have_are_found() {
    let place = Place::new();
    assert_eq!(find(&place, &[]), []);
    for (environment, target) in [
        (None, Target::Terraform),
        (Some("dev"), Target::Terraform),
        (Some("dev"), Target::CloudFormation),
        (Some("prod"), Target::Terraform),
    ] {
        assert_eq!(place.generate(&stack(environment, target)).problems, []);
    }
    let base = place.out.path().join("plant");
    copy(&base.join("dev/terraform"), &base.join("copy-of-dev/terraform"));
    fs::create_dir_all(base.join("mine/terraform")).unwrap();

    let found =
        find(&place, &[(Some("dev"), Target::Terraform), (Some("prod"), Target::Terraform)]);
    let folders: Vec<_> = found.iter().map(|stack| stack.folder.clone()).collect();
    assert_eq!(folders, [base.join("terraform"), base.join("dev/cloudformation")]);
    assert_eq!((&found[0].environment, found[0].target), (&None, Target::Terraform));
    assert_eq!(vanished(place.out.path(), "other", &[]).unwrap(), []);
}

#[test]
fn a_pruned_stack_is_gone_with_its_folders() {
    let place = Place::new();
    for environment in ["dev", "prod"] {
        assert_eq!(place.generate(&stack(Some(environment), Target::Terraform)).problems, []);
    }
    let [dev] = &find(&place, &[(Some("prod"), Target::Terraform)])[..] else { panic!() };
    assert_eq!(prune(dev, false).unwrap().removed, ["a.tf", "assets/b.py"]);
    let base = place.out.path().join("plant");
    assert_eq!(
        (base.join("dev").exists(), base.join("prod/terraform/a.tf").exists()),
        (false, true)
    );
    assert_eq!(prune(dev, false).unwrap(), super::Written::default());
}

#[test]
fn pruning_keeps_what_is_not_ours() {
    let place = Place::with(&stack(None, Target::Terraform));
    place.put("terraform.tfstate", "state");
    place.put(".terraform/x", "plugin");
    let [stack] = &find(&place, &[])[..] else { panic!() };
    assert_eq!(prune(stack, true).unwrap().problems, []);
    let names: Vec<_> = place.files().into_keys().collect();
    assert_eq!(names, [".terraform/", ".terraform/x", "terraform.tfstate"]);
    assert_eq!(find(&place, &[]), []);
}

#[test]
fn pruning_refuses_edited_files_unless_forced() {
    let place = Place::with(&stack(None, Target::Terraform));
    place.put("a.tf", "by hand");
    let before = place.files();
    let [stack] = &find(&place, &[])[..] else { panic!() };
    assert_eq!(rules(&prune(stack, false).unwrap().problems), ["edited-artifact"]);
    assert_eq!(place.files(), before);
    assert_eq!(prune(stack, true).unwrap().problems, []);
    assert!(!stack.folder.exists());
}

#[test]
fn pruning_never_removes_protected_data() {
    let holder = Holder {
        address: "x_stream.readings".into(),
        component_id: "readings".into(),
        create_only: [].into(),
        type_name: "x_stream".into(),
    };
    let place = Place::with(&Output { holders: vec![holder], ..stack(None, Target::Terraform) });
    let before = place.files();
    let [stack] = &find(&place, &[])[..] else { panic!() };
    let refused = prune(stack, true).unwrap();
    assert_eq!((rules(&refused.problems), place.files()), (vec!["protected-data-removed"], before));
    assert!(refused.problems[0].help.starts_with("bring the stack back"));
}

//! Patches of what stands beside the properties: tags, and what Terraform alone knows.
use formwork::value::Target;

use crate::stacks::OURS;

/// A stream with a patch, or with whatever else, as the file of the target.
fn stream(target: Target, patch: &str) -> String {
    let text = format!(
        "formwork: 1\nname: plant-a\nregion: eu-central-1\ntags: {{owner: ops}}\ncomponents:\n  \
         readings: {{kind: kinesis-stream, tags: {{class: internal}}, patch: {{{}: {patch}}}}}\n",
        target.word()
    );
    let (generated, findings) = OURS.generate(&text);
    assert!(findings.is_empty(), "{findings:#?}");
    let mut outputs = generated.into_iter().flat_map(|stack| stack.outputs);
    let output = outputs.find(|output| output.target == target).expect("a target");
    let path = if target == Target::Terraform { "readings.tf" } else { "template.yaml" };
    let mut files = output.artifacts.into_iter();
    let file = files.find(|file| file.path == path).expect("a file");
    let text = String::from_utf8(file.bytes.clone()).expect("a text");
    // The first resource alone: the others are not patched.
    text.split("ReadingsWriteThrottled:")
        .next()
        .and_then(|text| text.split("\n}\n").next())
        .expect("one")
        .into()
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
}

#[test]
fn a_patch_changes_one_tag_and_leaves_the_others() {
    let tags = stream(Target::Terraform, "{main: {tags: {cost: \"7\"}}}");
    holds(&tags, &["class = \"internal\"", "cost  = \"7\""]);
    let none = stream(Target::Terraform, "{main: {tags: {class: null}}}");
    assert!(!none.contains("tags"), "{none}");
    let none = stream(Target::CloudFormation, "{main: {Tags: null}}");
    assert!(!none.contains("Tags"), "{none}");
    let other = stream(Target::CloudFormation, "{main: {Tags: [{Key: cost, Value: \"7\"}]}}");
    holds(&other, &["- Key: cost\n          Value: \"7\"\n"]);
    assert!(!other.contains("internal"), "{other}");
}

/// Terraform takes an argument once, and warns of references in quotes.
#[test]
fn a_patched_lifecycle_is_one_lifecycle() {
    let lifecycle = "{prevent_destroy: false, ignore_changes: [shard_count, \"a}b\"]}";
    let text = stream(Target::Terraform, &format!("{{main: {{lifecycle: {lifecycle}}}}}"));
    holds(&text, &["prevent_destroy = false", "ignore_changes  = [shard_count, \"a}b\"]"]);
    assert_eq!(text.matches("prevent_destroy").count(), 1, "{text}");
    let kept = stream(Target::Terraform, "{main: {lifecycle: {ignore_changes: [shard_count]}}}");
    holds(&kept, &["prevent_destroy = true", "ignore_changes  = [shard_count]"]);
}

#[test]
fn what_a_patch_waits_for_joins_what_the_kind_waits_for() {
    let text = "formwork: 1\nname: plant-a\nregion: eu-central-1\ncomponents:\n  lake: {kind: data-bucket, \
                patch: {terraform: {policy: {depends_on: [aws_s3_bucket_versioning.lake_versioning]}}}}\n";
    let (generated, _) = OURS.generate(text);
    let outputs = generated.into_iter().flat_map(|stack| stack.outputs);
    let files = outputs.flat_map(|output| output.artifacts).filter(|file| file.path == "lake.tf");
    let text: Vec<_> =
        files.map(|file| String::from_utf8(file.bytes.clone()).expect("text")).collect();
    let both = [
        "aws_s3_bucket_versioning.lake_versioning",
        "aws_s3_bucket_public_access_block.lake_access",
    ];
    holds(&text.concat(), &[&format!("depends_on = [\n    {},\n    {},\n  ]", both[0], both[1])]);
}

/// Each item of a list may have a resource of its own, and there is one of each.
#[test]
fn an_item_that_is_named_twice_is_told_at_both_places() {
    let text = "formwork: 1\nname: plant-a\nregion: eu-central-1\ncomponents:\n  network: {kind: vpc}\n  \
                store: {kind: relational-database, engine: mysql}\n  \
                office: {kind: external-client, cidrs: [10.60.0.0/16, 10.60.0.0/16], connects: [store]}\n";
    let (_, findings) = OURS.generate(text);
    let rules: Vec<_> = findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["same-logical-id"; 2], "{findings:#?}");
    for finding in findings {
        let texts: Vec<_> = finding.labels.iter().map(|label| label.span.text()).collect();
        assert!(texts.iter().filter(|text| **text == "10.60.0.0/16").count() == 2, "{texts:?}");
    }
}

/// A wrong address is a mistake of whoever wrote it, and none of the catalog's.
#[test]
fn addresses_are_addresses() {
    for (parameter, wrong) in
        [("cidr", "300.0.0.0/16"), ("cidr", "10.0.256.0/20"), ("cidr", "010.0.0.0/16")]
    {
        let text = format!(
            "formwork: 1\nname: plant-a\nregion: eu-central-1\ncomponents:\n  network: {{kind: vpc, {parameter}: {wrong}}}\n"
        );
        let (_, findings) = OURS.generate(&text);
        let rules: Vec<_> = findings.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(rules, ["wrong-pattern"], "{wrong}: {findings:#?}");
    }
}

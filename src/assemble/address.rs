//! Ids and addresses: for ever the same for the same component, resource and item.

use crate::derive::Stack;
use crate::value::{ResourceId, Target};

/// What names a resource on a target: a logical id, or the name in a Terraform address.
pub fn address(stack: &Stack<'_>, target: Target, resource: &ResourceId) -> String {
    let unit = stack.unit(resource.unit);
    let main = &*resource.resource == "main";
    let words = std::iter::once(&stack.component(&unit).id).chain(&unit.words);
    let words = words.chain((!main).then_some(&resource.resource)).chain(resource.items.iter());
    let words: Vec<&str> = words.map(|word| &**word).collect();
    match target {
        Target::CloudFormation => logical_id(&words),
        Target::Terraform => terraform_name(&words),
    }
}

/// `readings`, `consumer`, `archive` → `ReadingsConsumerArchive`.
pub fn logical_id(words: &[&str]) -> String {
    let mut id = String::new();
    for word in words.iter().flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric())) {
        let mut letters = word.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}

/// `readings`, `consumer`, `archive` → `readings_consumer_archive`.
pub fn terraform_name(words: &[&str]) -> String {
    words.join("_").replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

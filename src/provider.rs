//! What the two targets say of the types of resources that a catalog emits: facts, not judgement.
//!
//! `catalog/provider/README.md` tells where they come from and how the files are made again.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use serde::{Deserialize, Serialize};

/// What a change of a property does to a resource that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It is carried out in place.
    Update,
    /// Some changes of it replace the resource, others do not.
    #[serde(rename = "maybe")]
    MayReplace,
    /// The resource goes, and a new one comes.
    Replace,
    /// The service refuses it; the resource stays as it is.
    Refused,
    /// No source says.
    Unknown,
}

/// How a type writes its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagStyle {
    /// A list of objects with `Key` and `Value`.
    List,
    /// A map from a tag's name to its value.
    Map,
}

/// Where a type carries tags, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tagging {
    /// The property that holds them, at the top of the resource.
    pub property: Box<str>,
    /// How they are written there.
    pub style: TagStyle,
}

/// How often a block may stand, and whether its order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nesting {
    /// At most once.
    Single,
    /// As often as one likes, in an order that counts.
    List,
    /// As often as one likes, in any order.
    Set,
}

/// What the facts rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Basis {
    #[default]
    Examined,
    Schema,
}

/// The facts about one type of resource.
///
/// A path names a property by the steps to it, joined by dots; an element of a list or of a map
/// is no step: `rule.expiration.days`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceType {
    tags: Option<Tagging>,
    #[serde(default)]
    data: bool,
    #[serde(default)]
    facts: Basis,
    #[serde(default)]
    properties: BTreeMap<Box<str>, Effect>,
    #[serde(default)]
    blocks: BTreeMap<Box<str>, Nesting>,
    #[serde(default)]
    sensitive: BTreeSet<Box<str>>,
    #[serde(default)]
    attributes: BTreeSet<Box<str>>,
}

impl ResourceType {
    /// Where it carries tags; none where it cannot.
    pub fn tags(&self) -> Option<&Tagging> {
        self.tags.as_ref()
    }

    /// Whether a replacement loses data or state.
    pub fn holds_data(&self) -> bool {
        self.data
    }

    /// Whether the type was not examined: its effects are what its schema alone says of them.
    pub fn from_schema_alone(&self) -> bool {
        self.facts == Basis::Schema
    }

    /// What a change at a path does.
    ///
    /// What is not listed shares the fate of the property that it lies in, unless that is a
    /// block: a block's own effect is that of adding it or taking it away.
    pub fn effect(&self, path: &str) -> Effect {
        let mut up = successors(Some(path), |at| at.rsplit_once('.').map(|(above, _)| above));
        match up.find_map(|at| self.properties.get_key_value(at)) {
            Some((at, effect)) if **at == *path || !self.is_block(at) => *effect,
            _ => Effect::Unknown,
        }
    }

    /// Whether a path is written as a block; everything else is an argument.
    pub fn is_block(&self, path: &str) -> bool {
        self.nesting(path).is_some()
    }

    /// How often a block may stand; none for what is no block.
    pub fn nesting(&self, path: &str) -> Option<Nesting> {
        self.blocks.get(path).copied()
    }

    /// Whether a value at the path is kept out of what is shown.
    pub fn is_sensitive(&self, path: &str) -> bool {
        self.sensitive.contains(path)
    }

    /// Whether other resources can read an attribute; `CloudFormation`'s `Ref` is none.
    pub fn has_attribute(&self, name: &str) -> bool {
        self.attributes.contains(name)
    }

    /// The listed paths whose every change replaces, sorted.
    pub fn create_only(&self) -> impl Iterator<Item = &str> {
        let replacing = self.properties.iter().filter(|(_, effect)| **effect == Effect::Replace);
        replacing.map(|(path, _)| &**path)
    }
}

/// Which change of a property leaves a resource more open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opens {
    /// It becomes true.
    #[default]
    On,
    /// It was there, and is not any more, or is false.
    Off,
    /// It names somebody, or a range of addresses, that it did not.
    Reach,
    /// Its number is smaller.
    Shorter,
}

/// What leaves resources more open, and what that means. Written by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What it means, in words.
    pub say: Box<str>,
    /// Which change it is.
    pub opens: Opens,
    /// How texts begin that stand for nothing, beside null and false.
    #[serde(default)]
    pub unset: Vec<Box<str>>,
    /// The properties that it is said of, by the names of types.
    pub at: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// Facts about types of resources, of one target or of both: their names never meet.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Facts {
    #[serde(default)]
    types: BTreeMap<Box<str>, ResourceType>,
    #[serde(default)]
    openness: Vec<Opening>,
    #[serde(default)]
    source: Vec<Package>,
}

/// What facts were read from.
#[derive(Clone, Debug, Deserialize)]
struct Package {
    name: Box<str>,
    #[serde(default)]
    version: Box<str>,
}

impl Facts {
    /// Reads one target's file of one catalog; fails on what is not such a file.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Adds what another file says; a type that both know is taken from `over`, whole. What opens
    /// a resource is gathered from all.
    pub fn layer(&mut self, over: Self) {
        self.types.extend(over.types);
        self.openness.extend(over.openness);
        self.source.extend(over.source);
    }

    /// What the facts were read from, each with its version.
    pub fn sources(&self) -> Vec<String> {
        let named = |one: &Package| format!("{} {}", one.name, one.version).trim_end().to_string();
        self.source.iter().map(named).collect()
    }

    /// The properties of a type by which it can become more open.
    pub fn openings(&self, type_name: &str) -> impl Iterator<Item = (&str, &Opening)> {
        self.openness.iter().flat_map(move |opening| {
            opening.at.get(type_name).into_iter().flatten().map(move |path| (&**path, opening))
        })
    }

    /// The facts about a type, by its name on its target.
    pub fn get(&self, type_name: &str) -> Option<&ResourceType> {
        self.types.get(type_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROPERTIES_WITHOUT_BLOCKS: &str = r#"{"source": [{"name": "invented"}], "types": {
        "Acme::Store::Table": {
            "tags": {"property": "Labels", "style": "list"}, "data": true,
            "properties": {"Name": "replace", "Spec": "update", "Spec.Engine": "refused",
                           "Fleet": "replace", "Fleet.Count": "maybe"},
            "attributes": ["Arn"]},
        "Acme::Store::Index": {"facts": "schema"}}}"#;

    const PROPERTIES_WITH_BLOCKS: &str = r#"{"types": {
        "acme_table": {
            "properties": {"labels": "update", "disk": "replace", "disk.size": "update",
                           "disk.node.zone": "unknown"},
            "blocks": {"disk": "single", "disk.node": "set"},
            "sensitive": ["disk.password"]},
        "Acme::Store::Table": {"properties": {"Name": "update"}}}}"#;

    fn facts(json: &str) -> Facts {
        Facts::read(json).unwrap()
    }

    #[test]
    fn what_is_not_listed_shares_the_fate_of_what_it_lies_in() {
        let facts = facts(PROPERTIES_WITHOUT_BLOCKS);
        let table = facts.get("Acme::Store::Table").unwrap();
        assert_eq!(table.effect("Name"), Effect::Replace);
        assert_eq!(table.effect("Spec.Size.Unit"), Effect::Update);
        assert_eq!(table.effect("Spec.Engine.Version"), Effect::Refused);
        assert_eq!(table.effect("Fleet.Kind"), Effect::Replace);
        assert_eq!(table.effect("Fleet.Count"), Effect::MayReplace);
        assert_eq!(table.effect("Nam"), Effect::Unknown);
        assert_eq!(table.create_only().collect::<Vec<_>>(), ["Fleet", "Name"]);
    }

    #[test]
    fn a_block_passes_nothing_on() {
        let facts = facts(PROPERTIES_WITH_BLOCKS);
        let table = facts.get("acme_table").unwrap();
        assert_eq!(table.effect("disk"), Effect::Replace);
        assert_eq!(table.effect("disk.size"), Effect::Update);
        assert_eq!(table.effect("disk.kind"), Effect::Unknown);
        assert_eq!(table.effect("disk.node.zone"), Effect::Unknown);
        assert_eq!(table.effect("labels.owner"), Effect::Update);
        assert!(table.is_block("disk") && !table.is_block("labels"));
        assert_eq!(table.nesting("disk.node"), Some(Nesting::Set));
        assert!(table.is_sensitive("disk.password") && !table.is_sensitive("disk.size"));
    }

    #[test]
    fn what_a_file_leaves_out_is_not_so() {
        let facts = facts(PROPERTIES_WITHOUT_BLOCKS);
        let (table, index) =
            (facts.get("Acme::Store::Table").unwrap(), facts.get("Acme::Store::Index").unwrap());
        let labels = Tagging { property: "Labels".into(), style: TagStyle::List };
        assert_eq!((table.tags(), index.tags()), (Some(&labels), None));
        assert!(table.holds_data() && !index.holds_data());
        assert!(table.has_attribute("Arn") && !index.has_attribute("Arn"));
        assert!(!table.from_schema_alone() && index.from_schema_alone());
    }

    #[test]
    fn a_later_file_replaces_a_type_whole() {
        let mut layered = facts(PROPERTIES_WITHOUT_BLOCKS);
        layered.layer(facts(PROPERTIES_WITH_BLOCKS));
        let table = layered.get("Acme::Store::Table").unwrap();
        assert_eq!(table.effect("Name"), Effect::Update);
        assert!(table.tags().is_none());
        assert!(layered.get("Acme::Store::Index").is_some() && layered.get("acme_table").is_some());
    }

    #[test]
    fn a_misspelt_member_is_an_error() {
        let error = Facts::read(r#"{"types": {"acme_table": {"propertys": {}}}}"#).unwrap_err();
        assert!(error.to_string().contains("propertys"), "{error}");
    }

    #[test]
    fn the_catalogs_files_say_what_is_known() {
        let mut made = facts(include_str!("../catalog/provider/cloudformation.json"));
        made.layer(facts(include_str!("../catalog/provider/terraform.json")));
        for (name, known) in facts(include_str!("../catalog/provider/known.json")).types {
            let found = made.get(&name).unwrap_or_else(|| panic!("{name} is not listed"));
            assert_eq!((found.tags(), found.data), (known.tags(), known.data), "{name}");
            for (path, effect) in known.properties {
                assert_eq!(found.effect(&path), effect, "{name} {path}");
            }
            for (path, nesting) in known.blocks {
                assert_eq!(found.nesting(&path), Some(nesting), "{name} {path}");
            }
            assert!(known.attributes.is_subset(&found.attributes), "{name}");
            assert!(known.sensitive.is_subset(&found.sensitive), "{name}");
        }
    }

    #[test]
    fn what_opens_a_resource_names_properties_that_there_are() {
        let mut made = facts(include_str!("../catalog/provider/cloudformation.json"));
        made.layer(facts(include_str!("../catalog/provider/terraform.json")));
        let openness = facts(include_str!("../catalog/provider/openness.json")).openness;
        assert!(!openness.is_empty());
        for (name, paths) in openness.iter().flat_map(|opening| &opening.at) {
            let known = made.get(name).unwrap_or_else(|| panic!("{name} is not listed"));
            for path in paths {
                assert_ne!(known.effect(path), Effect::Unknown, "{name} {path}");
            }
        }
    }
}

//! The one table of the engine's rules. Rules of kinds stand in the kinds' files.

use super::Severity;

/// A rule of the engine.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable, kebab-case.
    pub name: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it checks, in one line.
    pub summary: &'static str,
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

const fn error(name: &'static str, summary: &'static str) -> Rule {
    Rule { name, severity: Severity::Error, summary }
}

const fn warning(name: &'static str, summary: &'static str) -> Rule {
    Rule { name, severity: Severity::Warning, summary }
}

/// Every rule of the engine, by the step that finds it.
pub const RULES: &[Rule] = &[
    // read, parse
    error("syntax", "a blueprint is YAML"),
    error("several-documents", "a file holds one document"),
    error("duplicate-key", "a key is written once"),
    error("alias", "values are written out, not aliased"),
    error("tag", "values carry no tags"),
    error("too-deep", "nesting is bounded"),
    error("leading-zero", "a number with a leading zero is quoted, or no string"),
    error("number-range", "numbers are kept exactly"),
    // overlay
    error("unknown-environment", "`extends` names an environment"),
    error("environment-cycle", "environments do not extend one another in a circle"),
    error("overlay-without-component", "an overlay changes a component that is there"),
    error("overlay-forbidden", "some keys cannot differ between environments"),
    // resolve
    error("unsupported-version", "the version of the format is one that this formwork reads"),
    error("requires", "this formwork is one that the blueprint allows"),
    error("unknown-key", "every key is known"),
    error("mistaken-key", "a name in circulation that this service does not have"),
    error("mistaken-value", "a value in circulation that this service does not take"),
    error("missing-key", "what is required is there"),
    error("wrong-type", "a value has the type that its parameter wants"),
    error("not-allowed", "a value is one of those allowed"),
    error("out-of-range", "a value lies in its range"),
    error("wrong-pattern", "a value has the form that its parameter wants"),
    error("wrong-name", "names are lower-case words joined by hyphens"),
    error("reserved-name", "some names are taken by our own files"),
    error("unknown-kind", "a component's kind is in the catalog"),
    error("unknown-reference", "a reference names a component that offers what is asked for"),
    error("ambiguous-reference", "what is left out can be bound in one way only"),
    error("unbound-reference", "what a component needs is there"),
    error("self-reference", "a component does not refer to itself"),
    error("duplicate-id", "an id belongs to one component"),
    error("existing-with-parameters", "what exists is described by its outputs alone"),
    error("deploy-time-not-allowed", "a value that decides something is known when generating"),
    error("parameter-clash", "a deploy-time parameter has one type and a free name"),
    error("secret-literal", "a secret is not written into a blueprint"),
    error("file-not-found", "a file that a blueprint names is beside it"),
    error("artifacts-missing", "files that are read at deployment have a bucket to lie in"),
    error("only-on", "a parameter is set only where every target knows it"),
    error("unknown-alarm", "`alarms` names an alarm of the kind"),
    error("unknown-part", "`roles`, `names` and `patch` name what the kind has"),
    error("naming-pattern", "a naming pattern holds `{component}` and known placeholders"),
    error("fleet-region", "the regions of a fleet begin with the blueprint's own"),
    error("fleet-account", "each target can reach the accounts of a fleet"),
    error("fleet-operation", "what is said about a fleet's deployment has its effect"),
    error("fleet-name", "names in a fleet differ between its regions"),
    error("same-output", "two stacks do not share a folder"),
    error("same-prefix", "two stacks that may share an account have prefixes of their own"),
    error("same-backend", "two stacks do not share a Terraform state"),
    // derive, check
    error("cycle", "components do not wait for one another in a circle"),
    error("name-too-long", "a physical name keeps its service's limit"),
    error("name-pattern", "a physical name has the form that its service wants"),
    error("dynamic-reference", "a text does not read as a CloudFormation dynamic reference"),
    error("broken-path", "neighbours on an objective's path refer to one another"),
    error("objective-missed", "an objective's path usually takes no longer than it promises"),
    warning("arn-of-another-region", "an ARN is of the stack's region"),
    warning("type-without-facts", "what the catalog generates has facts about its changes"),
    warning("secret-in-state", "a secret does not pass through state or readable configuration"),
    warning("unused-accept", "`accept` silences something"),
    warning("expired-accept", "`accept` has not expired"),
    warning("unused-component", "every component is used or useful by itself"),
    error("fleet-differs", "a fleet is the same in each of its regions"),
    // verify
    error("same-logical-id", "two resources do not share an id"),
    error("same-physical-name", "two resources of a type do not share a name"),
    error("resource-cycle", "resources do not wait for one another in a circle"),
    error("too-many-resources", "a stack keeps the service's limits"),
    error("template-too-large", "a template keeps the service's limits"),
    error("unknown-patch", "a patch changes a resource that is there"),
    // write
    error("edited-artifact", "a file that a person changed is not overwritten"),
    error("foreign-file", "a file that is not ours is not overwritten"),
    error("file-in-the-way", "a link or folder does not stand where a file goes"),
    error("protected-data-removed", "protected data does not go by itself"),
    error("protected-data-replaced", "protected data is not replaced"),
    error("stale-artifact", "what was generated is what would be generated"),
    warning("vanished-stack", "a stack that is no longer in its blueprint is pruned"),
    // catalog
    error("broken-catalog", "a file of the catalog says what it may"),
];

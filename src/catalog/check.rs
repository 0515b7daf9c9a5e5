//! Checks a kind when its file is read: every name in an expression known, every promise kept.

use super::Catalog;
use super::Sort;
use super::emit::{Existing, OutputValue, Piece};
use super::fields::Problems;
use super::kind::{Bindings, Kind, Part};
use super::schema::{Form, Properties, Schema};
use crate::diagnostic::did_you_mean;
use crate::expression::{Expression, Names, Shape};
use crate::value::{Key, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Notes whatever in the kind cannot work.
pub(super) fn kind(catalog: &Catalog, kind: &Kind, problems: &Problems) {
    let scope = Scope { catalog, kind, bound: vec![], values: RefCell::default() };
    Check { scope, problems }.kind();
}

/// What names stand for in the kind's expressions.
struct Scope<'a> {
    catalog: &'a Catalog,
    kind: &'a Kind,
    bound: Vec<(Arc<str>, Shape)>,
    /// Shapes of values found so far; `None` while one is being found.
    values: RefCell<BTreeMap<Arc<str>, Option<Shape>>>,
}

/// Namespaces whose members the engine knows, with those members.
const COMPONENT: [&str; 6] = ["name", "id", "description", "existing", "kind", "protect"];
const PART: [&str; 3] = ["name", "existing", "id"];
const AWS: [&str; 4] = ["account_id", "partition", "region", "url_suffix"];
const STACK: [&str; 5] = ["name", "prefix", "region", "environment", "account"];

fn scalars(names: &[&str]) -> Vec<(Arc<str>, Shape)> {
    names.iter().map(|name| (Arc::from(*name), Shape::Scalar)).collect()
}

fn object(members: impl IntoIterator<Item = (Arc<str>, Shape)>) -> Shape {
    Shape::Object(members.into_iter().collect())
}

impl Scope<'_> {
    fn with(&self, bindings: &Bindings, problems: &Problems) -> Scope<'_> {
        let mut scope = Scope {
            catalog: self.catalog,
            kind: self.kind,
            bound: self.bound.clone(),
            values: RefCell::default(),
        };
        for (name, expression) in bindings {
            let shape = shape_of(expression, &scope, problems);
            scope.bound.push((name.clone(), item_of(&shape)));
        }
        scope
    }

    fn schema(&self, schema: &Schema) -> Shape {
        match &schema.form {
            Form::Any | Form::Statements => Shape::Any,
            Form::Text { .. } | Form::Number { .. } | Form::Boolean => Shape::Scalar,
            Form::File { .. } => {
                let mut members = scalars(&["bucket_name", "key", "sha256", "path", "text"]);
                members.push(("bucket".into(), Shape::Any));
                object(members)
            }
            Form::List { items, .. } => Shape::List(Box::new(self.schema(items))),
            Form::Object(properties) => object(self.properties(properties)),
            Form::Named { item, .. } => {
                let key = ("key".into(), Shape::Scalar);
                let members = self.properties(item).into_iter().chain([key]);
                Shape::Map(Box::new(object(members)))
            }
            Form::Map { values, .. } => Shape::Map(Box::new(self.schema(values))),
            Form::Reference { capability, .. } => self.capability(capability),
        }
    }

    fn properties(&self, properties: &Properties) -> Vec<(Arc<str>, Shape)> {
        properties.iter().map(|(key, schema)| (key.text.clone(), self.schema(schema))).collect()
    }

    fn capability(&self, name: &str) -> Shape {
        match self.catalog.capability(name) {
            Some(capability) => {
                let key = ("key".into(), Shape::Scalar);
                object(self.properties(&capability.outputs).into_iter().chain([key]))
            }
            None => Shape::Any,
        }
    }

    fn outputs(&self, kind: &Kind) -> Shape {
        object(kind.outputs.iter().map(|output| {
            let shape = match (output.each.is_empty(), &output.schema.form) {
                (false, _) => Shape::List(Box::new(Shape::Scalar)),
                (true, Form::Text { .. }) => Shape::Any,
                (true, _) => self.schema(&output.schema),
            };
            (output.name.text.clone(), shape)
        }))
    }

    fn value(&self, name: &str) -> Option<Shape> {
        let (key, expression) = self.kind.values.iter().find(|(key, _)| &*key.text == name)?;
        if let Some(known) = self.values.borrow().get(&key.text) {
            return Some(known.clone().unwrap_or(Shape::Any));
        }
        self.values.borrow_mut().insert(key.text.clone(), None);
        let shape = expression.shape(self).unwrap_or(Shape::Any);
        self.values.borrow_mut().insert(key.text.clone(), Some(shape.clone()));
        Some(shape)
    }

    fn namespace(&self, name: &str) -> Option<Shape> {
        let kind = self.kind;
        Some(match name {
            "outputs" => self.outputs(kind),
            "collected" => object(kind.collects.iter().map(|name| {
                let items = kind.offers.iter().filter_map(|offer| self.catalog.capability(offer));
                let mut items = items.filter_map(|capability| {
                    capability.collects.iter().find(|(key, _)| key.text == *name)
                });
                let item = items.next().map_or(Shape::Any, |(_, schema)| self.schema(schema));
                (name.clone(), Shape::List(Box::new(item)))
            })),
            "parts" => {
                object(kind.parts.iter().map(|part| (part.name.text.clone(), self.part(part))))
            }
            "resources" => object(kind.emits.iter().map(|emit| {
                let names = ("names".into(), Shape::Map(Box::new(Shape::Scalar)));
                (emit.resource.text.clone(), object([("name".into(), Shape::Scalar), names]))
            })),
            "component" => object(scalars(&COMPONENT)),
            "part" if kind.is_part => object(scalars(&PART)),
            "aws" => {
                let zones = ("zones".into(), Shape::List(Box::new(Shape::Scalar)));
                object(scalars(&AWS).into_iter().chain([zones]))
            }
            "stack" => {
                let iam = object(scalars(&["path", "permissions_boundary", "role_names"]));
                let artifacts = object(scalars(&["bucket", "prefix"]));
                let more = [("iam".into(), iam), ("artifacts".into(), artifacts)];
                object(scalars(&STACK).into_iter().chain(more))
            }
            "facts" | "programs" | "with" | "old" | "new" => Shape::Any,
            _ => return None,
        })
    }

    fn part(&self, part: &Part) -> Shape {
        let outputs = match self.catalog.kind(Sort::Part, &part.part) {
            Some(file) => self.outputs(&file),
            None => Shape::Any,
        };
        if part.each.is_empty() { outputs } else { Shape::List(Box::new(outputs)) }
    }
}

fn item_of(shape: &Shape) -> Shape {
    match shape {
        Shape::List(item) | Shape::Map(item) => (**item).clone(),
        _ => Shape::Any,
    }
}

impl Names for Scope<'_> {
    fn root(&self, name: &str) -> Option<Shape> {
        let bound = self.bound.iter().rev().find(|(bound, _)| **bound == *name);
        bound
            .map(|(_, shape)| shape.clone())
            .or_else(|| self.kind.parameter(name).map(|schema| self.schema(schema)))
            .or_else(|| self.value(name))
            .or_else(|| self.namespace(name))
    }

    fn roots(&self) -> Vec<String> {
        let own = self.kind.parameters.iter().map(|(key, _)| key);
        let own = own.chain(self.kind.values.iter().map(|(key, _)| key));
        let spaces = ["outputs", "collected", "parts", "resources", "component", "stack", "aws"];
        own.map(|key| key.text.to_string()).chain(spaces.map(String::from)).collect()
    }
}

fn shape_of(expression: &Expression, scope: &Scope<'_>, problems: &Problems) -> Shape {
    expression.shape(scope).unwrap_or_else(|failures| {
        for failure in &failures {
            problems.failed(failure);
        }
        Shape::Any
    })
}

struct Check<'a> {
    scope: Scope<'a>,
    problems: &'a Problems,
}

impl Check<'_> {
    fn kind(&self) {
        self.names();
        self.values_and_rules();
        self.emits();
        self.outputs();
        self.promises();
        self.contributions();
        self.parts();
        for telling in self.scope.kind.tellings() {
            self.expression(telling);
        }
        let kind = self.scope.kind;
        for change in kind.changes.iter().filter(|one| kind.parameter_at(&one.at).is_none()) {
            self.problems.at(&member(kind, "changes"), format!("there is no `{}`", change.at));
        }
    }

    fn expression(&self, expression: &Expression) {
        shape_of(expression, &self.scope, self.problems);
    }

    fn bound(&self, bindings: &Bindings, expressions: &[&Expression]) {
        let scope = self.scope.with(bindings, self.problems);
        for expression in expressions {
            shape_of(expression, &scope, self.problems);
        }
    }

    /// A parameter, a value and a namespace do not share a name.
    fn names(&self) {
        let kind = self.scope.kind;
        let keys = kind.parameters.iter().map(|(key, _)| key);
        let keys: Vec<&Key> = keys.chain(kind.values.iter().map(|(key, _)| key)).collect();
        for (index, key) in keys.iter().enumerate() {
            let twice = keys[..index].iter().any(|first| first.text == key.text);
            if twice || self.scope.namespace(&key.text).is_some() {
                let title = format!("`{}` means something else already", key.text);
                self.problems.at_key(key, title, None);
            }
        }
        for (key, schema) in &kind.parameters {
            if let Some((capability, _)) = schema.reference()
                && self.scope.catalog.capability(capability).is_none()
            {
                let known = self.scope.catalog.capabilities().keys().map(|name| &**name);
                let title = format!("there is no capability `{capability}`");
                self.problems.at_key(key, title, did_you_mean(capability, known));
            }
        }
    }

    fn values_and_rules(&self) {
        let kind = self.scope.kind;
        for (_, value) in &kind.values {
            self.expression(value);
        }
        for rule in &kind.rules {
            let scope = self.scope.with(&rule.each, self.problems);
            let more = [&rule.when, &rule.help, &rule.dated].into_iter().flatten();
            for expression in [&rule.deny, &rule.message].into_iter().chain(more).chain(&rule.at) {
                shape_of(expression, &scope, self.problems);
            }
        }
        // Grants read `with`, which only those who use them know.
        for (_, statements) in &kind.grants {
            self.expression(statements);
        }
    }

    fn emits(&self) {
        for emit in &self.scope.kind.emits {
            let reasons = emit.suppress.iter().chain(&emit.ignore);
            let mut all: Vec<&Expression> = reasons.map(|(_, reason)| reason).collect();
            all.extend(&emit.tags);
            all.push(&emit.why);
            all.extend(&emit.when);
            all.extend(emit.name.iter().filter_map(|name| name.before.as_ref()));
            self.bound(&emit.each, &all);
            self.resources(&emit.resource, &emit.after);
        }
    }

    fn resources(&self, at: &Key, words: &[Arc<str>]) {
        let kind = self.scope.kind;
        for word in words.iter().filter(|word| kind.emit(word).is_none()) {
            let known = kind.emits.iter().map(|emit| &*emit.resource.text);
            let title = format!("there is no resource `{word}`");
            self.problems.at_key(at, title, did_you_mean(word, known));
        }
    }

    fn outputs(&self) {
        for output in &self.scope.kind.outputs {
            let mut all: Vec<&Expression> = output.when.iter().collect();
            match &output.value {
                OutputValue::Tree(value) => all.push(value),
                OutputValue::Attributes(spellings) => {
                    for piece in spellings.iter().flatten() {
                        if let Piece::Attribute(resource, _) = piece {
                            self.resources(&output.name, std::slice::from_ref(resource));
                        }
                    }
                }
            }
            if let Existing::Follows(follows) = &output.existing {
                self.expression(follows);
            }
            self.bound(&output.each, &all);
            self.resources(&output.name, &output.ready);
        }
    }

    /// What the capabilities promise that the kind offers.
    fn promises(&self) {
        let kind = self.scope.kind;
        for offer in &kind.offers {
            let Some(capability) = self.scope.catalog.capability(offer) else {
                let title = format!("`{}` offers `{offer}`, which is no capability", kind.name);
                self.problems.at(&member(kind, "offers"), title);
                continue;
            };
            let lacks = |what: &str, name: &str, section: &str| {
                let title = format!("`{offer}` promises the {what} `{name}`, which is not here");
                self.problems.at(&member(kind, section), title);
            };
            for (output, schema) in &capability.outputs {
                if !schema.optional && kind.output(&output.text).is_none() {
                    lacks("output", &output.text, "outputs");
                }
            }
            for grant in &capability.grants {
                if !kind.grants.iter().any(|(key, _)| key.text == *grant) {
                    lacks("grant", grant, "grants");
                }
            }
            for (collection, schema) in &capability.collects {
                if !schema.optional && !kind.collects.contains(&collection.text) {
                    lacks("collection", &collection.text, "collects");
                }
            }
        }
    }

    fn contributions(&self) {
        let kind = self.scope.kind;
        for contribution in &kind.contributes {
            self.expression(&contribution.items);
            let schema = kind.parameter_at(&contribution.parameter);
            let Some((capability, _)) = schema.and_then(Schema::reference) else {
                let title = format!("`{}` is no reference", contribution.parameter);
                self.problems.at(&member(kind, "contributes"), title);
                continue;
            };
            let Some(capability) = self.scope.catalog.capability(capability) else { continue };
            let known = || capability.collects.iter().map(|(key, _)| &*key.text);
            if !known().any(|name| *name == *contribution.collection) {
                let title =
                    format!("`{}` collects no `{}`", capability.name, contribution.collection);
                let near = did_you_mean(&contribution.collection, known()).unwrap_or_default();
                self.problems.at(&member(kind, "contributes"), format!("{title} {near}"));
            }
        }
    }

    fn parts(&self) {
        for part in &self.scope.kind.parts {
            let arguments = part.arguments.iter().map(|(_, argument)| argument);
            let all: Vec<&Expression> = arguments.chain(&part.when).collect();
            self.bound(&part.each, &all);
            let Some(file) = self.scope.catalog.kind(Sort::Part, &part.part) else {
                let known = self.scope.catalog.kinds(Sort::Part);
                let title = format!("there is no part `{}`", part.part);
                self.problems.at_key(&part.name, title, did_you_mean(&part.part, known));
                continue;
            };
            for (key, _) in &part.arguments {
                if file.parameter(&key.text).is_none() {
                    let known = file.parameters.iter().map(|(key, _)| &*key.text);
                    let title = format!("the part `{}` has no `{}`", part.part, key.text);
                    self.problems.at_key(key, title, did_you_mean(&key.text, known));
                }
            }
            for (key, schema) in &file.parameters {
                let given = part.arguments.iter().any(|(argument, _)| argument.text == key.text);
                if !given && schema.required() && schema.reference().is_none() {
                    let title = format!("the part `{}` wants `{}`", part.part, key.text);
                    self.problems.at_key(&part.name, title, None);
                }
            }
        }
    }
}

/// The value of a section of the kind's file, or the whole file.
fn member(kind: &Kind, name: &str) -> Value {
    kind.document.get(name).unwrap_or(&kind.document).clone()
}

//! Templates: the structure of a kind's resources on one target, with slots where values go.
//!
//! Handlebars' parser reads them; what they may hold is closed (slots, `id`, `json`, `if`,
//! `unless`, `each`, partials), so a template is lowered into a small tree of our own. Rendering
//! prints a numbered token for each value, never the value.

mod lower;
mod render;

pub use render::{Printed, render};

use crate::catalog::{Catalog, Kind};
use crate::expression::{Expression, Failure};
use crate::source::{Author, Source, Span};
use crate::value::Target;
use handlebars::{Handlebars, no_escape};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A template that is ready to be rendered.
#[derive(Debug)]
pub struct Template {
    nodes: Vec<Node>,
}

/// A piece of a template, with its line.
#[derive(Debug)]
enum Node {
    /// Text that is printed as it stands.
    Text { text: String, place: Span },
    /// A value.
    Slot { path: Expression, place: Span },
    /// A tree that stands as JSON text.
    Json { path: Expression, place: Span },
    /// A resource's logical id or address.
    Id { resource: Arc<str>, items: Vec<Expression>, place: Span },
    /// One branch or the other.
    If { path: Expression, negated: bool, then: Vec<Node>, otherwise: Vec<Node>, place: Span },
    /// Once for each item.
    Each { path: Expression, name: Arc<str>, body: Vec<Node>, place: Span },
}

/// The templates read so far, for the whole process.
#[derive(Debug, Default)]
pub struct Templates {
    kinds: Mutex<BTreeMap<String, Arc<Vec<Template>>>>,
    texts: [OnceLock<Handlebars<'static>>; 2],
}

impl Templates {
    /// The templates of a kind on a target: one file, or a folder of them; none where the kind
    /// has nothing there.
    pub fn of(
        &self,
        catalog: &Catalog,
        kind: &Kind,
        target: Target,
    ) -> Result<Arc<Vec<Template>>, Failure> {
        let key = format!("{target}/{}/{}", kind.is_part, kind.name);
        let known = self.kinds.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let files = files(catalog, kind, target).into_iter();
        let read = files.map(|path| read(catalog, &path, target));
        let read = Arc::new(read.collect::<Result<Vec<_>, _>>()?);
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(key, read.clone());
        Ok(read)
    }

    /// The texts for people, which use handlebars as it is: those for both targets, and the
    /// target's own.
    pub fn texts(
        &self,
        catalog: &Catalog,
        target: Target,
    ) -> Result<&Handlebars<'static>, Failure> {
        let once = &self.texts[target as usize];
        if let Some(known) = once.get() {
            return Ok(known);
        }
        let texts = texts(catalog, target)?;
        Ok(once.get_or_init(|| texts))
    }
}

fn texts(catalog: &Catalog, target: Target) -> Result<Handlebars<'static>, Failure> {
    let mut texts = Handlebars::new();
    texts.set_strict_mode(true);
    texts.register_escape_fn(no_escape);
    for folder in ["templates/guide/".to_owned(), format!("templates/guide/{target}/")] {
        for name in catalog.names(&folder, ".md.hbs") {
            let Some((path, text)) = catalog.file(&format!("{folder}{name}.md.hbs")) else {
                continue;
            };
            let registered = texts.register_template_string(name, text);
            registered.map_err(|error| Failure::new(format!("{path}: {error}")))?;
        }
    }
    Ok(texts)
}

fn extension(target: Target) -> &'static str {
    match target {
        Target::CloudFormation => "yaml.hbs",
        Target::Terraform => "tf.hbs",
    }
}

/// The paths of a kind's templates: its own, or those of the kind that it extends.
fn files(catalog: &Catalog, kind: &Kind, target: Target) -> Vec<String> {
    let ending = format!(".{}", extension(target));
    let folder = if kind.is_part { "parts/" } else { "" };
    for name in catalog.template_names(kind) {
        let path = format!("templates/{target}/{folder}{name}");
        let file = format!("{path}{ending}");
        if catalog.file(&file).is_some() {
            return vec![file];
        }
        let below = format!("{path}/");
        let names = catalog.names(&below, &ending);
        if !names.is_empty() {
            return names.iter().map(|name| format!("{below}{name}{ending}")).collect();
        }
    }
    vec![]
}

fn read(catalog: &Catalog, path: &str, target: Target) -> Result<Template, Failure> {
    let Some((name, text)) = catalog.file(path) else {
        return Err(Failure::new(format!("there is no template {path}")));
    };
    let source = Source::new(name, text, Author::Catalog);
    let partial = |name: &str| {
        let path = format!("templates/{target}/{name}.{}", extension(target));
        let (name, text) = catalog.file(&path)?;
        Some(Source::new(name, text, Author::Catalog))
    };
    let nodes = lower::lower(&source, &partial, 0)?;
    Ok(Template { nodes })
}

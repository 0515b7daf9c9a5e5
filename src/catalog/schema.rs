//! What a parameter may be: JSON Schema's words where it has them, and a few of ours.

use super::fields::{Fields, Problems};
use super::kind::texts;
use crate::diagnostic::did_you_mean;
use crate::value::{Data, Key, Target, Value};
use std::sync::Arc;

/// Members of an object by name, in the order of the file.
pub type Properties = Vec<(Key, Schema)>;

/// What one value of a blueprint may be.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Its form.
    pub form: Form,
    /// The values allowed; empty when any of the form is.
    pub allowed: Vec<Value>,
    /// What stands when it is left out.
    pub default: Option<Value>,
    /// Whether it may be left out without a default.
    pub optional: bool,
    /// What it means, for people.
    pub description: Option<Arc<str>>,
    /// Whether it may be known only at deployment.
    pub deploy_time: bool,
    /// Whether it is a secret, so never a literal.
    pub secret: bool,
    /// The only target that knows it, and why.
    pub only_on: Option<(Target, Arc<str>)>,
    /// The first Terraform provider that knows it, or one of its values.
    pub since: Vec<Since>,
    /// Whether data comes from what it refers to, and does not go there.
    pub inward: bool,
    /// Whether a user may set it below `alarms`.
    pub overridable: bool,
    /// Whether a layer above has taken it away: it has its default, and nobody can set it.
    pub withheld: bool,
    /// Members, or values, that people write and that do not exist, with a lesson for each.
    pub mistaken: Vec<(Key, Arc<str>)>,
}

/// A lower bound of the Terraform provider's version.
#[derive(Clone, Debug)]
pub struct Since {
    /// The bound.
    pub version: semver::Version,
    /// The value that needs it; `None` when the parameter itself does.
    pub value: Option<Value>,
}

/// The form of a value.
#[derive(Clone, Debug, Default)]
pub enum Form {
    /// Whatever YAML can say.
    #[default]
    Any,
    /// Text.
    Text {
        /// The fewest characters.
        min: Option<usize>,
        /// The most characters.
        max: Option<usize>,
        /// What it must match.
        pattern: Option<Pattern>,
    },
    /// A number.
    Number {
        /// Whether it has no fraction.
        whole: bool,
        /// The least.
        minimum: Option<f64>,
        /// The greatest.
        maximum: Option<f64>,
    },
    /// `true` or `false`.
    Boolean,
    /// A file beside the blueprint, or an object in a bucket.
    File {
        /// It is read from a bucket, so it must lie there before the deployment.
        stored: bool,
        /// The capability of components whose objects will do as well.
        bucket: Option<Arc<str>>,
    },
    /// A list.
    List {
        /// What each item may be.
        items: Box<Schema>,
        /// The fewest items.
        min: Option<usize>,
        /// The most items.
        max: Option<usize>,
    },
    /// An object.
    Object(Properties),
    /// A mapping by name; each item is an object.
    Named {
        /// What each item may say.
        item: Properties,
        /// What the names may be, where they are not names of ours.
        keys: Option<Box<Schema>>,
    },
    /// A mapping with free keys.
    Map {
        /// What each value may be.
        values: Box<Schema>,
        /// What the keys may be.
        keys: Option<Box<Schema>>,
    },
    /// The name of a component that offers a capability.
    Reference {
        /// The capability.
        capability: Arc<str>,
        /// The kind that is added where nothing offers it.
        implied: Option<Arc<str>>,
    },
    /// Statements, in arguments of parts.
    Statements,
}

/// A regular expression with its text.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As it was written.
    pub text: Arc<str>,
    regex: regex_lite::Regex,
}

impl Pattern {
    /// Compiles a pattern; `None` when it is none.
    pub fn new(text: &str) -> Option<Self> {
        Some(Self { text: text.into(), regex: regex_lite::Regex::new(text).ok()? })
    }

    /// Whether the text fits it.
    pub fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl Schema {
    /// Any text.
    pub fn text() -> Self {
        Self { form: Form::Text { min: None, max: None, pattern: None }, ..Self::default() }
    }

    /// Whether a blueprint must write it.
    pub fn required(&self) -> bool {
        self.default.is_none() && !self.optional
    }

    /// What it is, in the words of YAML, for messages.
    pub fn wants(&self) -> String {
        match &self.form {
            Form::Any => "any value".into(),
            Form::Text { .. } => "a string".into(),
            Form::Number { whole: true, .. } => "a whole number".into(),
            Form::Number { .. } => "a number".into(),
            Form::Boolean => "true or false".into(),
            Form::File { bucket: Some(_), .. } => {
                "`{file: PATH}` or `{bucket: COMPONENT, key: KEY}`".into()
            }
            Form::File { bucket: None, .. } => "`{file: PATH}`".into(),
            Form::List { .. } | Form::Statements => "a list".into(),
            Form::Object(_) | Form::Map { .. } => "a mapping".into(),
            Form::Named { .. } => "a mapping by name".into(),
            Form::Reference { capability, .. } => {
                format!("the name of a component that offers `{capability}`")
            }
        }
    }

    /// The capability and the implied kind that a reference asks for, in lists too.
    pub fn reference(&self) -> Option<(&Arc<str>, Option<&Arc<str>>)> {
        match &self.form {
            Form::Reference { capability, implied } => Some((capability, implied.as_ref())),
            Form::List { items, .. } | Form::Map { values: items, .. } => items.reference(),
            _ => None,
        }
    }

    /// What each item of a list, or each value of a mapping with free keys, may be.
    pub fn item(&self) -> Option<&Self> {
        match &self.form {
            Form::List { items, .. } | Form::Map { values: items, .. } => Some(items),
            _ => None,
        }
    }

    /// The property of that name, of an object or of every item.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match &self.form {
            Form::Object(properties) | Form::Named { item: properties, .. } => {
                properties.iter().find(|(key, _)| *key.text == *name).map(|(_, schema)| schema)
            }
            Form::List { items, .. } | Form::Map { values: items, .. } => items.member(name),
            _ => None,
        }
    }

    /// Reads a schema from a catalog file.
    pub fn read(value: &Value, problems: &Problems) -> Self {
        let mut fields = Fields::of(value, problems);
        fields.text("affects");
        let allowed = fields.get("enum").and_then(Value::as_list).unwrap_or_default().to_vec();
        let schema = Self {
            form: form(&mut fields, value, &allowed, problems),
            allowed,
            default: fields.get("default").cloned(),
            optional: fields.flag("optional"),
            description: fields.text("description"),
            deploy_time: fields.flag("deploy_time"),
            secret: fields.flag("secret"),
            only_on: only_on(&mut fields, problems),
            since: since(&mut fields, problems),
            inward: inward(&mut fields, problems),
            overridable: fields.flag("overridable"),
            withheld: fields.flag("withheld"),
            mistaken: texts(fields.members("mistaken"), problems),
        };
        let settles = matches!(schema.form, Form::Object(_) | Form::Reference { .. });
        if let Some(withheld) = fields.get("withheld").filter(|_| schema.required() && !settles) {
            problems.at(withheld, "what nobody can set has a `default`, or is `optional`");
        }
        fields.finish();
        schema
    }
}

/// The members of `properties`, `parameters` and the like.
pub fn properties(members: &[(Key, Value)], problems: &Problems) -> Properties {
    members.iter().map(|(key, value)| (key.clone(), Schema::read(value, problems))).collect()
}

fn form(f: &mut Fields<'_>, whole: &Value, allowed: &[Value], problems: &Problems) -> Form {
    if let Some(capability) = f.text("reference") {
        return Form::Reference { capability, implied: f.text("implied") };
    }
    let keys = f.get("keys").map(|keys| Box::new(Schema::read(keys, problems)));
    if let Some(named) = f.get("named") {
        let members = named.as_map().map_or(&[][..], |map| &map.0);
        return Form::Named { item: properties(members, problems), keys };
    }
    if let Some(values) = f.get("map") {
        return Form::Map { values: Box::new(Schema::read(values, problems)), keys };
    }
    if f.get("properties").is_some() {
        f.text("type");
        return Form::Object(properties(f.members("properties"), problems));
    }
    let implied = if allowed.is_empty() { "any" } else { "string" };
    let word = f.text("type").unwrap_or_else(|| implied.into());
    typed(&word, f, problems).unwrap_or_else(|| {
        let known = ["any", "string", "integer", "number", "boolean", "array", "file", "object"];
        let help = did_you_mean(&word, known).unwrap_or_else(|| known.join(", "));
        problems.at(whole, format!("there is no type `{word}`: {help}"));
        Form::Any
    })
}

fn typed(word: &str, f: &mut Fields<'_>, problems: &Problems) -> Option<Form> {
    Some(match word {
        "any" => Form::Any,
        "string" => Form::Text {
            min: f.count("minLength"),
            max: f.count("maxLength"),
            pattern: pattern(f, problems),
        },
        "integer" | "number" => Form::Number {
            whole: word == "integer",
            minimum: bound(f, "minimum", problems),
            maximum: bound(f, "maximum", problems),
        },
        "boolean" => Form::Boolean,
        "file" => Form::File { stored: f.flag("stored"), bucket: f.text("bucket") },
        "statements" => Form::Statements,
        "array" => Form::List {
            items: Box::new(
                f.get("items").map(|items| Schema::read(items, problems)).unwrap_or_default(),
            ),
            min: f.count("minItems"),
            max: f.count("maxItems"),
        },
        "object" => Form::Object(vec![]),
        _ => return None,
    })
}

fn bound(fields: &mut Fields<'_>, name: &'static str, problems: &Problems) -> Option<f64> {
    let value = fields.get(name)?;
    let bound = number(value);
    if bound.is_none() {
        problems.at(value, format!("`{name}` is a number"));
    }
    bound
}

fn pattern(fields: &mut Fields<'_>, problems: &Problems) -> Option<Pattern> {
    let text = fields.text("pattern")?;
    let pattern = Pattern::new(&text);
    if let (None, Some(value)) = (&pattern, fields.get("pattern")) {
        problems.at(value, "this is not a regular expression");
    }
    pattern
}

/// A number as a float, for comparing.
#[allow(clippy::cast_precision_loss, reason = "bounds and counts are far below 2^53")]
pub fn number(value: &Value) -> Option<f64> {
    match value.data {
        Data::Integer(integer) => Some(integer as f64),
        Data::Float(float) => Some(float),
        _ => None,
    }
}

fn only_on(fields: &mut Fields<'_>, problems: &Problems) -> Option<(Target, Arc<str>)> {
    let value = fields.get("only_on")?;
    let mut only = Fields::of(value, problems);
    let found =
        Target::ALL.into_iter().find_map(|target| Some((target, only.text(target.word())?)));
    only.finish();
    found
}

/// `flow: in`, or `out`, which need not be said.
fn inward(fields: &mut Fields<'_>, problems: &Problems) -> bool {
    let flow = fields.get("flow");
    let word = flow.and_then(Value::as_str);
    if let Some(flow) = flow.filter(|_| !matches!(word, Some("in" | "out"))) {
        problems.at(flow, "`flow` is `in` or `out`");
    }
    word == Some("in")
}

/// `{terraform: 6.20.0}`, or `{terraform: {<value>: 6.20.0}}` for some of its values.
fn since(fields: &mut Fields<'_>, problems: &Problems) -> Vec<Since> {
    let Some(value) = fields.get("since") else { return vec![] };
    let mut since = Fields::of(value, problems);
    let bounds = since.get("terraform");
    since.finish();
    let version = |text: &Value| text.as_str().and_then(|text| semver::Version::parse(text).ok());
    let bound = |text: &Value, value: Option<Value>| {
        let version = version(text);
        if version.is_none() {
            problems.at(text, "a version has three numbers, as in \"6.20.0\"");
        }
        Some(Since { version: version?, value })
    };
    match bounds {
        None => vec![],
        Some(bounds) => match bounds.as_map() {
            None => bound(bounds, None).into_iter().collect(),
            Some(map) => map
                .iter()
                .filter_map(|(key, text)| bound(text, Some((&*key.text).into())))
                .collect(),
        },
    }
}

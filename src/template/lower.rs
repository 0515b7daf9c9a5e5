//! From handlebars' tree to ours; whatever else handlebars can do is refused.

use super::Node;
use crate::expression::{self, Expression, Failure};
use crate::source::{Source, Span};
use crate::value::{Origin, Value};
use handlebars::Path;
use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, Template, TemplateElement,
};
use std::sync::Arc;

/// A larger kind is a folder of templates: parsing grows faster than the template.
const MAX_TAGS: usize = 60;
/// Partials in partials.
const MAX_DEPTH: usize = 8;

type Partials<'a> = dyn Fn(&str) -> Option<Arc<Source>> + 'a;

/// Parses and lowers a template.
pub(super) fn lower(
    source: &Arc<Source>,
    partials: &Partials<'_>,
    depth: usize,
) -> Result<Vec<Node>, Failure> {
    let lowering = Lowering { source, partials, depth };
    let tags = source.text.matches("{{").count();
    if tags > MAX_TAGS {
        let message = format!("{tags} tags; a template has at most {MAX_TAGS}: make it a folder");
        return Err(lowering.fail(1, &message));
    }
    if let Some(at) = source.text.find("slot_") {
        let line = source.text[..at].matches('\n').count() + 1;
        return Err(lowering.fail(line, "`slot_` is how values are marked, and cannot be printed"));
    }
    let parsed = Template::compile(&source.text).map_err(|error| {
        let line = error.pos().map_or(1, |(line, _)| line);
        lowering.fail(line, &format!("this is not a template: {}", error.reason()))
    })?;
    lowering.template(&parsed)
}

struct Lowering<'a> {
    source: &'a Arc<Source>,
    partials: &'a Partials<'a>,
    depth: usize,
}

impl Lowering<'_> {
    fn place(&self, line: usize) -> Span {
        self.source.line(line)
    }

    fn fail(&self, line: usize, message: &str) -> Failure {
        Failure::new(message).at(Some(&self.place(line)))
    }

    fn template(&self, template: &Template) -> Result<Vec<Node>, Failure> {
        let mut nodes = vec![];
        for (element, mapping) in template.elements.iter().zip(&template.mapping) {
            self.element(element, mapping.0, &mut nodes)?;
        }
        Ok(nodes)
    }

    fn branch(&self, template: Option<&Template>) -> Result<Vec<Node>, Failure> {
        template.map_or(Ok(vec![]), |template| self.template(template))
    }

    fn element(
        &self,
        element: &TemplateElement,
        line: usize,
        nodes: &mut Vec<Node>,
    ) -> Result<(), Failure> {
        match element {
            TemplateElement::RawString(text) => {
                // The parser tells the place of the first character that is no blank.
                let blanks = text.len() - text.trim_start().len();
                let place = self.place(line.saturating_sub(text[..blanks].matches('\n').count()));
                nodes.push(Node::Text { text: text.clone(), place });
            }
            TemplateElement::Comment(_) => {}
            TemplateElement::Expression(tag) => nodes.push(self.tag(tag, line)?),
            TemplateElement::HelperBlock(block) => nodes.push(self.block(block, line)?),
            TemplateElement::PartialExpression(partial) => {
                nodes.extend(self.partial(partial, line)?);
            }
            _ => {
                let holds = "slots, `id`, `json`, `if`, `unless`, `each` and partials alone";
                return Err(self.fail(line, &format!("a template holds {holds}")));
            }
        }
        Ok(())
    }

    fn tag(&self, tag: &HelperTemplate, line: usize) -> Result<Node, Failure> {
        let name = self.word(&tag.name, line)?;
        let place = self.place(line);
        if !tag.hash.is_empty() {
            return Err(self.fail(line, &format!("`{name}` takes no named arguments")));
        }
        match (name, tag.params.as_slice()) {
            (path, []) => Ok(Node::Slot { path: self.path(path, line)?, place }),
            ("json", [path]) => Ok(Node::Json { path: self.parameter(path, line)?, place }),
            ("id", [Parameter::Literal(resource), items @ ..]) => {
                let resource = resource.as_str().unwrap_or_default().into();
                let items = items.iter().map(|item| self.parameter(item, line));
                Ok(Node::Id { resource, items: items.collect::<Result<_, _>>()?, place })
            }
            _ => Err(self.fail(line, &format!("there is no helper `{name}` that takes this"))),
        }
    }

    fn block(&self, block: &HelperTemplate, line: usize) -> Result<Node, Failure> {
        let name = self.word(&block.name, line)?;
        let place = self.place(line);
        let [path] = block.params.as_slice() else {
            return Err(self.fail(line, &format!("`{name}` takes one name")));
        };
        let path = self.parameter(path, line)?;
        let then = self.branch(block.template.as_ref())?;
        let otherwise = self.branch(block.inverse.as_ref())?;
        match (name, &block.block_param) {
            ("if" | "unless", None) => {
                Ok(Node::If { path, negated: name == "unless", then, otherwise, place })
            }
            ("each", Some(BlockParam::Single(item))) if otherwise.is_empty() => {
                let name = self.word(item, line)?.into();
                Ok(Node::Each { path, name, body: then, place })
            }
            ("each", _) => Err(self.fail(line, "write `{{#each list as |item|}}`, without `else`")),
            _ => Err(self.fail(line, &format!("there is no block `{name}`"))),
        }
    }

    /// A partial stands where it is named, under the indentation of its tag.
    fn partial(&self, partial: &DecoratorTemplate, line: usize) -> Result<Vec<Node>, Failure> {
        let name = self.word(&partial.name, line)?;
        let plain = partial.params.is_empty() && partial.hash.is_empty();
        let source = (self.partials)(name).filter(|_| plain && self.depth < MAX_DEPTH);
        let Some(source) = source else {
            return Err(self.fail(line, &format!("there is no partial `{name}`")));
        };
        let mut nodes = lower(&source, self.partials, self.depth + 1)?;
        if let Some(indent) = &partial.indent {
            indented(&mut nodes, indent);
            nodes.insert(0, Node::Text { text: indent.clone(), place: self.place(line) });
        }
        Ok(nodes)
    }

    fn word<'p>(&self, parameter: &'p Parameter, line: usize) -> Result<&'p str, Failure> {
        match parameter {
            Parameter::Name(name) => Ok(name),
            Parameter::Path(Path::Relative((_, raw))) => Ok(raw),
            Parameter::Literal(literal) if literal.is_string() => {
                Ok(literal.as_str().unwrap_or_default())
            }
            _ => Err(self.fail(line, "a name is wanted here")),
        }
    }

    fn parameter(&self, parameter: &Parameter, line: usize) -> Result<Expression, Failure> {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => self.path(self.word(parameter, line)?, line),
            _ => Err(self.fail(line, "a name is wanted here, not a value: values are data")),
        }
    }

    /// Names and members alone: calculating is for the kind's file.
    fn path(&self, path: &str, line: usize) -> Result<Expression, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if !path.chars().all(plain) || path.split('.').any(|name| name.starts_with('-')) {
            return Err(self.fail(line, &format!("`{path}` is not a name")));
        }
        expression::expression(&Value::from(path).from_origin(Origin::At(self.place(line))))
    }
}

fn indented(nodes: &mut [Node], indent: &str) {
    for node in nodes {
        match node {
            Node::Text { text, .. } => {
                let ends = text.ends_with('\n');
                *text = text.replace('\n', &format!("\n{indent}"));
                if ends {
                    text.truncate(text.len() - indent.len());
                }
            }
            Node::If { then, otherwise, .. } => {
                indented(then, indent);
                indented(otherwise, indent);
            }
            Node::Each { body, .. } => indented(body, indent),
            _ => {}
        }
    }
}

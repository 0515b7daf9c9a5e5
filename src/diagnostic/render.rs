//! Findings as people read them: the line drawn, a caret, and help.

use super::{Diagnostic, Label, Severity};
use crate::source::Source;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::sync::Arc;

/// Draws one finding; with `color`, in terminal colours. The text ends without a line break.
pub fn human(finding: &Diagnostic, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(clean(&finding.title)).id(&*finding.rule);
    let mut group = Group::with_title(title).elements(snippets(&finding.labels));
    for help in &finding.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    if !finding.environments.is_empty() {
        let found = format!("found in {}", finding.environments.join(", "));
        group = group.element(Level::NOTE.message(found));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group]).clone()
}

/// One snippet for each source, in the order in which the labels name them.
fn snippets(labels: &[Label]) -> Vec<Snippet<'_, Annotation<'_>>> {
    let mut sources: Vec<&Arc<Source>> = vec![];
    for label in labels {
        if !sources.iter().any(|source| Arc::ptr_eq(source, &label.span.source)) {
            sources.push(&label.span.source);
        }
    }
    let annotation = |(index, label): (usize, &'_ Label)| {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = (!label.text.is_empty()).then(|| clean(&label.text));
        kind.span(label.span.start as usize..label.span.end as usize).label(text)
    };
    let snippet = |source: &'_ Arc<Source>| {
        let labels = labels.iter().enumerate();
        let own = labels.filter(|(_, label)| Arc::ptr_eq(&label.span.source, source));
        Snippet::source(source.drawn().into_owned())
            .path(source.name.clone())
            .annotations(own.map(annotation).collect::<Vec<_>>())
    };
    sources.into_iter().map(snippet).collect()
}

/// Control characters from a blueprint must not reach a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// "2 errors, 1 warning", or nothing to say.
pub fn summary(findings: &[Diagnostic]) -> Option<String> {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let count = |count: usize, word: &str| {
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {word}{plural}"))
    };
    let counts = [count(errors, "error"), count(findings.len() - errors, "warning")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

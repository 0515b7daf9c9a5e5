//! Pictures that others draw: Mermaid, which hosts of repositories show, and Graphviz.

use super::{Diagram, Edge, Node};
use std::fmt::Write as _;

/// What becomes of components, and the colours of that: readable on light and on dark.
const MARKS: [(&str, &str); 4] = [
    ("added", "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"),
    ("changed", "fill:#ddf4ff,stroke:#0969da,color:#1f2328"),
    ("replaced", "fill:#fff1e5,stroke:#bc4c00,color:#1f2328,stroke-width:3px"),
    ("removed", "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:5 5"),
];

/// A Mermaid flowchart.
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = format!("---\ntitle: \"{}\"\n---\nflowchart LR\n", diagram.title);
    let (apart, others): (Vec<usize>, Vec<usize>) =
        (0..diagram.nodes.len()).partition(|index| diagram.is_apart(*index));
    text.extend(others.iter().map(|index| box_of(&diagram.nodes[*index], "  ")));
    for edge in &diagram.edges {
        let (from, to) = (&diagram.nodes[edge.from].name, &diagram.nodes[edge.to].name);
        let line = if edge.promised { "==>" } else { "-->" };
        let label = if edge.label.is_empty() { String::new() } else { format!("|{}|", edge.label) };
        let _ = writeln!(text, "  {} {line}{label} {}", id(from), id(to));
    }
    if !apart.is_empty() {
        text += "  subgraph serving [for all that can use them]\n    direction TB\n";
        text.extend(apart.iter().map(|index| box_of(&diagram.nodes[*index], "    ")));
        text += "  end\n";
    }
    let outside = diagram.nodes.iter().filter(|node| node.outside).map(|node| id(&node.name));
    let outside: Vec<String> = outside.collect();
    if !outside.is_empty() {
        let _ = writeln!(text, "  classDef outside stroke-dasharray: 5 5");
        let _ = writeln!(text, "  class {} outside", outside.join(","));
    }
    for (mark, colours) in MARKS {
        let marked = diagram.nodes.iter().filter(|node| node.mark == Some(mark));
        let marked: Vec<String> = marked.map(|node| id(&node.name)).collect();
        if !marked.is_empty() {
            let _ = writeln!(text, "  classDef {mark} {colours}");
            let _ = writeln!(text, "  class {} {mark}", marked.join(","));
        }
    }
    for objective in &diagram.objectives {
        let _ = writeln!(text, "  %% {objective}");
    }
    text
}

/// Words such as `end` are Mermaid's own, and names have hyphens.
fn id(name: &str) -> String {
    format!("c_{}", name.replace('-', "_"))
}

fn box_of(node: &Node, indent: &str) -> String {
    let below = node.mark.map_or(String::new(), |mark| format!("<br><i>{mark}</i>"));
    let Node { name, service, .. } = node;
    format!("{indent}{}[\"<b>{name}</b><br>{service}{below}\"]\n", id(name))
}

/// A directed graph for Graphviz.
pub fn dot(diagram: &Diagram) -> String {
    let mut text = format!("digraph \"{}\" {{\n  rankdir=LR\n", diagram.title);
    let label = std::iter::once(&diagram.title).chain(&diagram.objectives);
    let label = label.map(String::as_str).collect::<Vec<_>>().join("\\n");
    let _ = writeln!(text, "  label=\"{label}\" labelloc=t fontname=\"sans-serif\"");
    text += "  node [shape=box style=rounded fontname=\"sans-serif\"]\n";
    text += "  edge [fontname=\"sans-serif\" fontsize=11]\n";
    for node in &diagram.nodes {
        let style = if node.outside { " style=\"rounded,dashed\"" } else { "" };
        let _ = writeln!(
            text,
            "  \"{name}\" [label=\"{name}\\n{}\"{style}]",
            node.service,
            name = node.name
        );
    }
    for Edge { from, to, label, promised } in &diagram.edges {
        let (from, to) = (&diagram.nodes[*from].name, &diagram.nodes[*to].name);
        let width = if *promised { " penwidth=3" } else { "" };
        let _ = writeln!(text, "  \"{from}\" -> \"{to}\" [label=\"{label}\"{width}]");
    }
    text + "}\n"
}

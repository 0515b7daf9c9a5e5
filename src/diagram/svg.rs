//! A picture as SVG. `layout-rs` places boxes and leads arrows; how they look is ours.

use super::{Diagram, Node};
use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::{Point, Position};
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use std::fmt::Write as _;

const STYLE: &str = "\
  <style>
    text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif }
    text { font-size: 12px; fill: #333 }
    .title { font-size: 18px; font-weight: 600; fill: #111 }
    .name { font-size: 15px; font-weight: 600; fill: #111 }
    .label { fill: #555; stroke: #fff; stroke-width: 4px; paint-order: stroke }
    rect { fill: #f4f7fb; stroke: #4a6785; stroke-width: 1.5 }
    .outside { fill: #fff; stroke-dasharray: 5 4 }
    .group { fill: none; stroke: #c5ced8 }
    path { fill: none; stroke: #7b8794; stroke-width: 1.5 }
    .promised { stroke: #c2410c; stroke-width: 3.5 }
    .promise { fill: #c2410c; font-weight: 600 }
  </style>
";
const HEIGHT: f64 = 52.0;
const LINE: f64 = 16.0;
/// A service's name that has more letters is broken into two lines.
const LONG: usize = 20;
/// What `layout-rs` takes a letter of a label to be wide.
const LABEL: usize = 7;
/// Around each box.
const ROOM: f64 = 28.0;
const MARGIN: f64 = 24.0;
/// A letter of this size is about so wide, for each pixel of its height.
const LETTER: f64 = 0.6;

/// The picture, as wide as it must be.
pub fn svg(diagram: &Diagram) -> String {
    let mut drawing = Drawing::default();
    let mut graph = VisualGraph::new(Orientation::LeftToRight);
    let placed: Vec<usize> = (0..diagram.nodes.len()).filter(|at| !diagram.is_apart(*at)).collect();
    let handles: Vec<_> = placed
        .iter()
        .map(|at| {
            let size = size(&diagram.nodes[*at]);
            let shape = ShapeKind::new_box(&at.to_string());
            let (look, way) = (StyleAttr::simple(), Orientation::LeftToRight);
            let pos = Position::new(Point::zero(), size, Point::zero(), Point::splat(ROOM));
            graph.add_node(Element { shape, pos, look, orientation: way, properties: None })
        })
        .collect();
    let handle = |node: usize| placed.iter().position(|at| *at == node).map(|at| handles[at]);
    for edge in &diagram.edges {
        if let (Some(from), Some(to)) = (handle(edge.from), handle(edge.to)) {
            let class = if edge.promised { "promised" } else { "" };
            let mut arrow = Arrow::simple_with_properties(&edge.label, class);
            arrow.look.font_size = LABEL;
            graph.add_edge(arrow, from, to);
        }
    }
    if !placed.is_empty() {
        graph.do_it(false, false, false, &mut drawing);
    }
    drawing.finish(diagram)
}

/// As large as its texts, since nobody measures them here.
fn size(node: &Node) -> Point {
    let [first, second] = lines(&node.service);
    let wide = wide(&first, 12.0).max(wide(&second, 12.0)).max(wide(&node.name, 15.0) * 1.08);
    Point::new(wide + 28.0, if second.is_empty() { HEIGHT } else { HEIGHT + LINE })
}

/// A long text in two lines, broken near its middle.
fn lines(text: &str) -> [String; 2] {
    let far = |(at, _): &(usize, &str)| (2 * at).abs_diff(text.len());
    match text.match_indices(' ').min_by_key(far) {
        Some((at, _)) if text.len() > LONG => [text[..at].into(), text[at + 1..].into()],
        _ => [text.into(), String::new()],
    }
}

#[allow(clippy::cast_precision_loss, reason = "texts are short")]
fn wide(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What `layout-rs` has drawn so far.
#[derive(Default)]
struct Drawing {
    arrows: String,
    labels: String,
    boxes: Vec<(usize, Point, Point)>,
    /// The largest coordinates.
    right: f64,
    bottom: f64,
    left: f64,
    top: f64,
}

impl Drawing {
    fn reach(&mut self, from: Point, to: Point) {
        self.left = self.left.min(from.x);
        self.top = self.top.min(from.y);
        self.right = self.right.max(to.x);
        self.bottom = self.bottom.max(to.y);
    }

    fn finish(mut self, diagram: &Diagram) -> String {
        let apart: Vec<&Node> = (0..diagram.nodes.len())
            .filter(|index| diagram.is_apart(*index))
            .map(|index| &diagram.nodes[index])
            .collect();
        let mut body = String::new();
        for (index, at, size) in &self.boxes {
            body += &boxed(&diagram.nodes[*index], *at, *size);
        }
        let group = self.group(&apart);
        let (left, top) = (self.left - MARGIN, self.top - MARGIN);
        let mut head = String::new();
        let mut line = top - 4.0;
        let x = left + MARGIN;
        for objective in diagram.objectives.iter().rev() {
            let text = escaped(objective);
            let _ = writeln!(
                head,
                "  <text class=\"promise\" x=\"{x:.0}\" y=\"{line:.0}\">{text}</text>"
            );
            line -= 18.0;
        }
        let title = escaped(&diagram.title);
        let _ =
            writeln!(head, "  <text class=\"title\" x=\"{x:.0}\" y=\"{line:.0}\">{title}</text>");
        let top = line - 18.0 - MARGIN;
        let (width, height) = (self.right + MARGIN - left, self.bottom + MARGIN - top);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{title}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" style=\"max-width: 100%; height: auto\" \
             viewBox=\"{left:.0} {top:.0} {width:.0} {height:.0}\">\n\
             {STYLE}{MARKERS}  <rect style=\"fill: #fff; stroke: none\" x=\"{left:.0}\" \
             y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\"/>\n\
             {head}{group}{}{body}{}</svg>\n",
            self.arrows, self.labels
        )
    }

    /// Those that serve all, in rows below the others.
    fn group(&mut self, apart: &[&Node]) -> String {
        if apart.is_empty() {
            return String::new();
        }
        let (left, top) = (self.left, self.bottom + 2.0 * MARGIN);
        let most = (self.right - self.left).max(700.0);
        let (mut x, mut y, mut right) = (left + 16.0, top + 40.0, left);
        let mut inner = String::new();
        for node in apart {
            let size = size(node);
            if x + size.x > left + most && x > left + 16.0 {
                (x, y) = (left + 16.0, y + HEIGHT + 16.0);
            }
            inner += &boxed(node, Point::new(x, y), size);
            x += size.x + 16.0;
            right = f64::max(right, x);
        }
        let (wide, high) = ((right - left).max(240.0), y + HEIGHT + 16.0 - top);
        self.reach(Point::new(left, top), Point::new(left + wide, top + high));
        let rect = rect("group", Point::new(left, top), Point::new(wide, high));
        let (x, y) = (left + 16.0, top + 24.0);
        format!("{rect}  <text x=\"{x:.0}\" y=\"{y:.0}\">for all that can use them</text>\n{inner}")
    }
}

const MARKERS: &str = "\
  <defs>
    <marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" \
markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">\
<path d=\"M0 0L10 5L0 10z\" style=\"fill: #7b8794; stroke: none\"/></marker>
    <marker id=\"promised\" viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" markerWidth=\"14\" \
markerHeight=\"14\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">\
<path d=\"M0 0L10 5L0 10z\" style=\"fill: #c2410c; stroke: none\"/></marker>
  </defs>
";

fn rect(class: &str, at: Point, size: Point) -> String {
    format!(
        "  <rect class=\"{class}\" x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\" \
         rx=\"8\"/>\n",
        at.x, at.y, size.x, size.y
    )
}

fn boxed(node: &Node, at: Point, size: Point) -> String {
    let mut text = rect(if node.outside { "outside" } else { "own" }, at, size);
    let x = at.x + size.x / 2.0;
    let [first, second] = lines(&node.service);
    let rows = [("name", &node.name, 22.0), ("", &first, 40.0), ("", &second, 40.0 + LINE)];
    for (class, row, below) in rows.into_iter().filter(|(_, row, _)| !row.is_empty()) {
        let (y, row) = (at.y + below, escaped(row));
        let place = format!("text-anchor=\"middle\" x=\"{x:.0}\" y=\"{y:.0}\"");
        let _ = writeln!(text, "  <text class=\"{class}\" {place}>{row}</text>");
    }
    text
}

impl RenderBackend for Drawing {
    fn draw_rect(
        &mut self,
        at: Point,
        size: Point,
        _: &StyleAttr,
        _: Option<String>,
        _: Option<ClipHandle>,
    ) {
        self.reach(at, at.add(size));
        self.boxes.push((usize::MAX, at, size));
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    /// The text of a box is the index of its component; any other is a label of an arrow.
    fn draw_text(&mut self, at: Point, text: &str, _: &StyleAttr) {
        match (text.parse(), self.boxes.last_mut()) {
            (Ok(index), Some(last)) if last.0 == usize::MAX => last.0 = index,
            _ => self.label(at, text),
        }
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _: bool,
        (backwards, _): (bool, bool),
        _: &StyleAttr,
        class: Option<String>,
        text: &str,
    ) {
        let Some(((start, leave), (control, end))) = path.first().zip(path.get(1)) else { return };
        let mut way = format!(
            "M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}",
            start.x, start.y, leave.x, leave.y, control.x, control.y, end.x, end.y
        );
        for (control, to) in path.iter().skip(2) {
            let _ = write!(way, "S{:.0} {:.0} {:.0} {:.0}", control.x, control.y, to.x, to.y);
        }
        for point in path.iter().flat_map(|(one, other)| [*one, *other]) {
            self.reach(point, point);
        }
        let class = class.unwrap_or_default();
        let marker = if class.is_empty() { "arrow" } else { &class };
        let side = if backwards { "start" } else { "end" };
        let _ = writeln!(
            self.arrows,
            "  <path class=\"{class}\" marker-{side}=\"url(#{marker})\" d=\"{way}\"/>"
        );
        if !text.is_empty() {
            let middle = Point::new(f64::midpoint(start.x, end.x), f64::midpoint(start.y, end.y));
            self.label(middle, text);
        }
    }

    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}

impl Drawing {
    fn label(&mut self, at: Point, text: &str) {
        let (x, y, text) = (at.x, at.y + 4.0, escaped(text));
        let _ = writeln!(
            self.labels,
            "  <text class=\"label\" text-anchor=\"middle\" x=\"{x:.0}\" y=\"{y:.0}\">{text}</text>"
        );
    }
}

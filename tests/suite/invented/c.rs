//! A component that nobody writes: it gathers panels and permissions from whoever implies it.
use super::order::decides_nothing_else;
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    let make = |name| (name, world().make(&fixture(&format!("c-implied/{name}.yaml"))));
    ["support", "wall"].map(make).into()
}

fn world() -> World {
    World::of(&["c-implied"])
}

fn support() -> String {
    fixture("c-implied/support.yaml")
}

const TEMPLATE: &str = "cloudformation/template.yaml";

#[test]
fn a_board_gathers_from_whoever_implies_it() {
    let made = world().make(&support());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = made.fragments(TEMPLATE, &["StatusBoard", "StatusBoardWatcherPolicy"]);
    snapshot("invented-implied", &template);
    let module = made.file("terraform/status-board.tf");
    for line in ["x      = 12\n        y      = 4\n", "aws_sqs_queue.refunds.name,"] {
        assert!(module.contains(line), "{line} in\n{module}");
    }
}

#[test]
fn written_under_its_name_it_has_parameters() {
    let made = world().make(&fixture("c-implied/wall.yaml"));
    let board = made.fragments(TEMPLATE, &["StatusBoard", "StatusBoardWatcherPolicy"]);
    assert!(board.contains(r#"\"width\":8,\"x\":0,"#), "{board}");
    assert!(board.contains("LookRefunds"), "{board}");
    assert!(!board.contains("nseen"), "`board: none` hangs nothing there:\n{board}");
}

#[test]
fn a_board_that_exists_is_not_made() {
    let board = "  wallboard: {kind: status-board, existing: {name: floor-3}}\n";
    let made = world().make(&(support() + board));
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = made.file(TEMPLATE);
    assert!(!template.contains("Dashboard") && !template.contains("Role"), "{template}");
}

#[test]
fn nobody_implies_it_where_nobody_may_see() {
    let text = "formwork: 1\nname: closed\nregion: eu-central-1\ncomponents:\n  \
                refunds: {kind: ticket-desk, board: none}\n";
    let made = world().make(text);
    let template = made.file(TEMPLATE);
    assert!(!template.contains("Dashboard"), "{template}");
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let more = "  refunds: {kind: ticket-desk}\n  praise: {kind: ticket-desk}";
    let crowded = world().complaint(&support(), "  refunds: {kind: ticket-desk, tall: true}", more);
    let wall = fixture("c-implied/wall.yaml");
    let columns = world().complaint(&wall, "columns: 3", "columns: 4");
    let two = "  status-board: {kind: status-board}\n  other: {kind: status-board}";
    let two = world().complaint(&wall, "  status-board: {kind: status-board, columns: 3}", two);
    snapshot("invented-implied-refused", &[crowded, columns, two].join("\n\n"));
}

#[test]
fn the_order_of_components_decides_nothing_else() {
    decides_nothing_else(&world(), &support());
}

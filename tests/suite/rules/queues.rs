//! Random workload management: what is accepted is JSON within AWS's published rules, held against
//! them by a validator that knows nothing of ours; what is refused is told at a line.
//!
//! The rules: <https://docs.aws.amazon.com/redshift/latest/mgmt/workload-mgmt-config.html>, and the
//! pages on query monitoring rules and on dynamic and static properties beside it.
use std::fmt::Write;
use std::time::Duration;

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use formwork::hcl::read::read;
use formwork::hcl::{Content, Expression};
use formwork::value::Target;
use serde_json::Value;

use crate::stacks::OURS;

#[test]
fn accepted_queues_are_within_the_services_rules() {
    let (mut accepted, mut refused) = (0, 0);
    arbtest(|u| {
        let blueprint = blueprint(u)?;
        let (generated, findings) = OURS.generate(&blueprint);
        let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
        if errors.is_empty() {
            accepted += 1;
            let outputs = generated.iter().flat_map(|stack| &stack.outputs);
            let terraform = outputs.filter(|output| output.target == Target::Terraform);
            for output in terraform {
                let file = output.artifacts.iter().find(|file| file.path == "cluster.tf");
                let text = String::from_utf8(file.expect("the cluster's file").bytes.clone());
                let wrong = violations(&configuration(&text.expect("text")));
                assert!(wrong.is_empty(), "{wrong:#?}\n{blueprint}");
            }
        } else {
            refused += 1;
            for error in errors {
                assert!(!error.labels.is_empty(), "{} has no line\n{blueprint}", error.rule);
            }
        }
        Ok(())
    })
    .budget(Duration::from_secs(10))
    .run();
    assert!(accepted > 5 && refused > 5, "{accepted} accepted, {refused} refused");
}

fn blueprint(u: &mut Unstructured<'_>) -> Result<String> {
    let manual = u.ratio(1, 2)?;
    let mode = if manual { "manual" } else { "automatic" };
    let mut text = format!(
        "formwork: 1\nname: w\nregion: eu-central-1\ncomponents:\n  network: {{kind: vpc}}\n  \
         cluster:\n    kind: redshift-cluster\n    node_type: ra3.4xlarge\n    nodes: 4\n    \
         concurrency_scaling: {{usage_limits: {{cap: {{minutes: 60, action: disable}}}}}}\n    \
         workload_management:\n      mode: {mode}\n      queues:\n"
    );
    for number in 0..u.int_in_range(1..=9)? {
        let _ = writeln!(text, "        q-{number}: {{{}}}", queue(u, manual, number)?);
    }
    if u.ratio(1, 3)? {
        let _ = writeln!(text, "      default_queue: {{{}}}", settings(u, manual)?);
    }
    Ok(text)
}

fn queue(u: &mut Unstructured<'_>, manual: bool, number: i32) -> Result<String> {
    let long = u.ratio(1, 12)?;
    let group = if long { format!("g{}", "x".repeat(900)) } else { format!("g{number}") };
    let mut text = format!("query_groups: [{group}], {}", settings(u, manual)?);
    if u.ratio(1, 3)? {
        text += ", rules: {";
        for rule in 0..u.int_in_range(1..=5)? {
            let name = if u.ratio(1, 15)? { "same".into() } else { format!("r{number}-{rule}") };
            let metric = u.choose(&["query_execution_time", "io_skew", "scan_row_count"])?;
            let bound = u.choose(&["60", "0", "99", "100000", "86400"])?;
            let action = u.choose(&["log", "abort", "hop", "change_query_priority"])?;
            let lower = *action == "change_query_priority" && u.ratio(2, 3)?;
            let priority = if lower { ", priority: lowest" } else { "" };
            let _ = write!(
                text,
                "{name}: {{when: {{{metric}: {{above: {bound}}}}}, action: {action}{priority}}}, "
            );
        }
        text = text.trim_end_matches([',', ' ']).to_owned() + "}";
    }
    Ok(text)
}

fn settings(u: &mut Unstructured<'_>, manual: bool) -> Result<String> {
    // Now and then, settings of the other mode.
    let manual = if u.ratio(1, 20)? { !manual } else { manual };
    let scaling = u.choose(&["auto", "off"])?;
    let mut text = format!("concurrency_scaling: {scaling}");
    if manual {
        let _ = write!(text, ", concurrency: {}", u.int_in_range(1..=20)?);
        let _ = write!(text, ", memory_percent: {}", u.int_in_range(1..=40)?);
    } else {
        let _ = write!(text, ", priority: {}", u.choose(&["highest", "normal", "lowest"])?);
    }
    Ok(text)
}

/// The JSON that the cluster's parameter group gets.
fn configuration(text: &str) -> Value {
    let body = read(text).expect("HCL");
    let blocks = body.0.iter().filter_map(|structure| match &structure.content {
        Content::Block(labels, body) => Some((labels, body)),
        Content::Value(_) => None,
    });
    let groups = blocks.filter(|(labels, _)| labels[0] == "aws_redshift_parameter_group");
    let inside = groups.flat_map(|(_, body)| &body.0);
    let parameters = inside.filter_map(|structure| match &structure.content {
        Content::Block(_, body) if structure.name == "parameter" => Some(body),
        _ => None,
    });
    for parameter in parameters {
        let attribute = |wanted: &str| {
            parameter.0.iter().find_map(|structure| match &structure.content {
                Content::Value(value) if structure.name == wanted => Some(value),
                _ => None,
            })
        };
        let named = matches!(attribute("name"), Some(Expression::Text(name))
            if name == "wlm_json_configuration");
        if let (true, Some(value)) = (named, attribute("value")) {
            return plain(value);
        }
    }
    panic!("no configuration in\n{text}");
}

fn plain(expression: &Expression) -> Value {
    match expression {
        Expression::Call(name, arguments) if name == "jsonencode" => plain(&arguments[0]),
        Expression::List(items) => items.iter().map(plain).collect(),
        Expression::Object(members) => members
            .iter()
            .map(|(key, value)| match key {
                Expression::Text(key) | Expression::Traversal(key) => (key.clone(), plain(value)),
                other => panic!("a key that is {other:?}"),
            })
            .collect(),
        Expression::Text(text) => text.as_str().into(),
        Expression::Integer(number) => (*number).into(),
        Expression::Boolean(boolean) => (*boolean).into(),
        other => panic!("{other:?} in a configuration"),
    }
}

/// What AWS would have against a configuration.
#[derive(Default)]
struct Violations(Vec<&'static str>);

impl Violations {
    fn hold(&mut self, fine: bool, otherwise: &'static str) {
        if !fine {
            self.0.push(otherwise);
        }
    }

    fn hold_distinct(&mut self, mut names: Vec<Option<&str>>, otherwise: &'static str) {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        self.hold(names.len() == count, otherwise);
    }
}

fn violations(configuration: &Value) -> Vec<&'static str> {
    let mut all = Violations::default();
    all.hold(configuration.to_string().len() <= 8_000, "more than 8,000 characters");
    let entries = configuration.as_array().expect("a list of queues, and nothing around it");
    let is_short = |queue: &&Value| queue.get("short_query_queue").is_some();
    let (short, queues): (Vec<_>, Vec<_>) = entries.iter().partition(is_short);
    all.hold(short.len() <= 1, "several short query queues");
    all.hold(short.is_empty() || entries.last() == short.first().copied(), "it is not the last");
    let manual = queues.iter().any(|queue| queue["queue_type"] == "manual");
    of_names(&queues, &mut all);
    of_shares(&queues, manual, &mut all);
    of_rules(&queues, manual, &mut all);
    all.0
}

fn of_names(queues: &[&Value], all: &mut Violations) {
    let Some((default, named)) = queues.split_last() else {
        return all.hold(false, "no queue");
    };
    all.hold(named.len() <= 8, "more than eight queues");
    let groups = ["user_group", "query_group", "user_role"];
    let grouped = groups.iter().any(|key| default.get(key).is_some());
    all.hold(!grouped, "the default queue has groups");
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ' ';
    for queue in named {
        let name = queue["name"].as_str().unwrap_or_default();
        all.hold((1..=64).contains(&name.len()) && name.chars().all(letter), "a queue's name");
    }
    let names = named.iter().map(|queue| queue["name"].as_str()).collect();
    all.hold_distinct(names, "two queues of one name");
}

fn of_shares(queues: &[&Value], manual: bool, all: &mut Violations) {
    let number = |queue: &Value, key: &str| queue.get(key).and_then(Value::as_i64);
    let memory: Vec<_> =
        queues.iter().filter_map(|queue| number(queue, "memory_percent_to_use")).collect();
    all.hold(memory.iter().sum::<i64>() <= 100, "more than all of the memory");
    all.hold(memory.is_empty() || memory.len() == queues.len(), "memory of some queues alone");
    let slots = queues.iter().map(|queue| number(queue, "query_concurrency").unwrap_or(5));
    all.hold(!manual || slots.sum::<i64>() <= 50, "more than 50 slots");
    let mode = if manual { "manual" } else { "auto" };
    for queue in queues {
        all.hold(queue["queue_type"] == mode, "queues of both modes");
        let slots = number(queue, "query_concurrency");
        all.hold(manual || slots.is_none(), "slots in automatic mode");
        all.hold(!manual || queue.get("priority").is_none(), "priority in manual mode");
    }
}

fn of_rules(queues: &[&Value], manual: bool, all: &mut Violations) {
    let listed = queues.iter().filter_map(|queue| queue.get("rules")?.as_array());
    let rules: Vec<_> = listed.flatten().collect();
    all.hold(rules.len() <= 25, "more than 25 rules");
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for rule in &rules {
        let name = rule["rule_name"].as_str().unwrap_or_default();
        all.hold((1..=32).contains(&name.len()) && name.chars().all(letter), "a rule's name");
        let action = rule["action"].as_str().unwrap_or_default();
        all.hold(action != "hop" || manual, "a hop in automatic mode");
        let changes_priority = action == "change_query_priority";
        all.hold(!changes_priority || !manual, "a priority in manual mode");
        let valued = rule.get("value").is_some();
        all.hold(changes_priority == valued, "a priority without its action");
        of_predicates(&rule["predicate"], all);
    }
    let names = rules.iter().map(|rule| rule["rule_name"].as_str()).collect();
    all.hold_distinct(names, "two rules of one name");
}

fn of_predicates(predicates: &Value, all: &mut Violations) {
    let predicates = predicates.as_array().map_or(&[][..], Vec::as_slice);
    all.hold((1..=3).contains(&predicates.len()), "no predicate, or more than three");
    for predicate in predicates {
        let most = match predicate["metric_name"].as_str() {
            Some("query_execution_time") => 86_399,
            Some("io_skew") => 99,
            Some("scan_row_count") => 999_999_999_999_999,
            other => panic!("{other:?} is no metric that was asked for"),
        };
        let bound = predicate["value"].as_i64();
        all.hold(bound.is_some_and(|n| (0..=most).contains(&n)), "a bound out of range");
    }
}

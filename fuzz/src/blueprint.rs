//! Whatever stands in a file, it is a blueprint or a finding; never a panic, never our bug.
#![no_main]

use formwork::blueprint;
use formwork::catalog::{Catalog, embedded};
use formwork::diagnostic::human;
use formwork::generate::{self, Request, Session};
use formwork::source::{Author, Source};
use formwork::template::Templates;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(vec![embedded()]));

thread_local! {
    static TEMPLATES: Templates = Templates::default();
}

fuzz_target!(|text: &str| {
    let source = Source::new("blueprint.yaml", text, Author::Blueprint);
    let findings = match blueprint::parse(&source) {
        Err(findings) => findings,
        Ok(blueprint) => TEMPLATES.with(|templates| {
            let as_of = jiff::civil::date(2026, 1, 1);
            let session = Session { catalog: &CATALOG, templates, as_of };
            let read_file = |_: &str| Err(String::from("there are no files"));
            let request =
                Request { environments: &[], targets: &[], artifacts: true, read_file: &read_file };
            generate::blueprint(&session, &blueprint, &request).1
        }),
    };
    for finding in &findings {
        assert_ne!(&*finding.rule, "broken-catalog", "{}", human(finding, false));
    }
});

//! Temporary.
fn main() {
    use formwork::*;
    let catalog = catalog::Catalog::new(vec![catalog::embedded()]);
    catalog.read_all();
    for f in catalog.take_findings() {
        eprintln!("{}", diagnostic::human(&f, false));
    }
    let templates = template::Templates::default();
    let session = generate::Session {
        catalog: &catalog,
        templates: &templates,
        as_of: "2026-11-26".parse().unwrap(),
    };
    let path = std::env::args().nth(1).unwrap();
    let source = source::Source::new(
        path.clone(),
        std::fs::read_to_string(path).unwrap(),
        source::Author::Blueprint,
    );
    let bp = match blueprint::parse(&source) {
        Ok(b) => b,
        Err(f) => {
            for f in f {
                eprintln!("{}", diagnostic::human(&f, false));
            }
            return;
        }
    };
    let read = |p: &str| std::fs::read(p).map_err(|e| e.to_string());
    let request =
        generate::Request { environments: &[], targets: &[], artifacts: true, read_file: &read };
    let (made, findings) = generate::blueprint(&session, &bp, &request);
    for f in &findings {
        eprintln!("{}\n", diagnostic::human(f, false));
    }
    for f in catalog.take_findings() {
        eprintln!("{}", diagnostic::human(&f, false));
    }
    for g in made {
        for o in g.outputs {
            let plan = write::plan("stacks".as_ref(), &o).unwrap();
            let w = write::apply(&plan, false).unwrap();
            println!("{:?}", w.written);
            for p in w.problems {
                println!("{p:?}");
            }
        }
    }
}

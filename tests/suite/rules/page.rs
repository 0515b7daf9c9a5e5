//! The page of a rule: prose, and files that have the rule found or not.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules");

/// A page, read by its headings.
pub struct Page {
    /// The rule, which is the file's name.
    pub rule: String,
    /// What it checks: the line below the title.
    pub summary: String,
    pub wrong: Vec<Block>,
    pub right: Vec<Block>,
}

/// What stands between two fences.
pub struct Block {
    /// The word after the first fence: `yaml`, `console`, …
    pub language: String,
    /// What the block is called there; a blueprint may go without.
    pub path: Option<String>,
    pub text: String,
}

impl Block {
    pub fn is_blueprint(&self) -> bool {
        let beside = self.path.as_deref().is_none_or(|path| !path.contains('/'));
        self.language == "yaml" && beside
    }
}

/// Every page there is.
pub fn pages() -> Vec<Page> {
    let mut paths: Vec<_> = fs::read_dir(FOLDER)
        .expect("the pages of the rules")
        .map(|entry| entry.expect("a page").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Page {
    let text = fs::read_to_string(path).expect("a page");
    let rule = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut sections = BTreeMap::new();
    let mut parts = text.split("\n## ");
    let head = parts.next().expect("a title");
    let mut headings = vec![];
    for part in parts {
        let (heading, body) = part.split_once('\n').expect("a section");
        headings.push(heading);
        sections.insert(heading, body);
    }
    assert_eq!(headings, ["Why", "Wrong", "Right"], "the headings of {rule}");
    assert!(sections["Why"].trim().len() > 60, "{rule} says why");
    let summary = head.strip_prefix(&format!("# {rule}\n\n"));
    let summary = summary.unwrap_or_else(|| panic!("{rule} begins with its title")).trim();
    assert!(!summary.contains('\n') && summary.ends_with('.'), "{rule} is summed up in one line");
    let (wrong, right) = (blocks(sections["Wrong"]), blocks(sections["Right"]));
    Page { summary: summary.into(), wrong, right, rule }
}

fn blocks(section: &str) -> Vec<Block> {
    let mut blocks = vec![];
    let mut rest = section;
    while let Some((_, after)) = rest.split_once("```") {
        let (info, body) = after.split_once('\n').expect("a fence ends its line");
        let (text, after) = body.split_once("```").expect("a fence is closed");
        let (language, path) = match info.split_once(' ') {
            Some((language, path)) => (language, Some(path.to_owned())),
            None => (info, None),
        };
        blocks.push(Block { language: language.into(), path, text: text.into() });
        rest = after;
    }
    assert!(!blocks.is_empty(), "a section without an example: {section}");
    blocks
}

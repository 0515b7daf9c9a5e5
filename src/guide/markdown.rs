//! Texts as Markdown and a shell take them, whatever stands in them.

/// On one line, without what a terminal would obey.
fn one_line(text: &str) -> String {
    let visible = text.replace(|c: char| c.is_control(), " ");
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The catalog's own words, which may hold `code`; nothing else in them is HTML.
pub fn prose(text: &str) -> String {
    let text = one_line(text);
    let pairs = text.matches('`').count().is_multiple_of(2);
    let spans = pairs && !text.contains("``") && !text.contains("\\`");
    let piece = |(index, piece): (usize, &str)| {
        let inside = spans && index % 2 == 1;
        if inside { piece.to_string() } else { piece.replace('<', "&lt;") }
    };
    text.split('`').enumerate().map(piece).collect::<Vec<_>>().join("`")
}

/// A user's words, where nothing is a mark.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if "\\`*_[]<>&~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A name or path, as code.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    let mut fence = "`".to_string();
    while text.contains(&fence) {
        fence.push('`');
    }
    let space = if fence.len() > 1 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// In a cell of a table.
pub fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// One word of a command.
pub fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// With a capital letter at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogs_words_keep_their_code() {
        assert_eq!(prose("a `b<c>` <!-- d"), "a `b<c>` &lt;!-- d");
        assert_eq!(prose("` <!-- ```"), "` &lt;!-- ```");
        assert_eq!(prose("\\` <!-- `"), "\\` &lt;!-- `");
        assert_eq!(prose("one\n\n# two\u{1b}[31m"), "one # two [31m");
    }

    #[test]
    fn a_users_words_hold_no_marks() {
        assert_eq!(literal("<!-- `a` *b*\n| c"), "\\<!-- \\`a\\` \\*b\\* | c");
        assert_eq!(cell(&literal("a|\\|b")), "a\\|\\\\\\|b");
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
    }

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(shell("s3://a/b-1.py"), "s3://a/b-1.py");
        assert_eq!(shell("it's $(x)"), "'it'\\''s $(x)'");
        assert_eq!(shell(""), "''");
    }
}

//! What YAML and HCL spell alike: characters in double quotes, and comments.

use std::fmt::Write;

/// Whether a character is invisible, reorders its neighbours, or ends a line for some readers only.
pub(crate) fn misleads(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Writes a character as it stands between double quotes in YAML, HCL and JSON.
pub(crate) fn escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if misleads(c) => code_point(out, c),
        _ => out.push(c),
    }
}

/// Writes a character as its number: `\u2028`, and `\U0001F600` where four digits are too few.
pub(crate) fn code_point(out: &mut String, c: char) {
    let number = u32::from(c);
    _ = if number > 0xffff {
        write!(out, "\\U{number:08x}")
    } else {
        write!(out, "\\u{number:04x}")
    };
}

/// Writes a comment, one `#` line for each of its lines; what could end a line is a blank in it.
pub(crate) fn comment(out: &mut String, indent: usize, text: &str) {
    for line in text.trim_end().split('\n') {
        let line = line.trim_end().replace(misleads, " ");
        let line = format!("{:indent$}# {line}", "");
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
pub(crate) mod hostile {
    const WORDS: &str = "y Y n N yes Yes YES no No on On ON off OFF true True TRUE false null \
        Null NULL nan NaN inf Inf ~ = << - -- --- ... ? : , [ ] { } & * # | > @ ` ! % ' \" \\ $ \
        ${ %{ $${ $$${ %%{ %%%{ ${x} %{if} ~} {{x}} !Ref &a *a |- >- [] {} .nan .inf -.inf 0 -0 \
        017 08 0o17 0x1F 0b11 1_000 1_000.5 1__0 12:30:45 1:2 190:20:30 -1:30 2010-09-09 1e3 1. \
        .5 +1 1e400 2001-12-14T21:59:43.10Z 685.230_15e+03 0x_1 0b_1 012345678901 \
        12345678901234567890 a: :a AWS::X::Y arn:aws:x:::b a#b a:b a::b key:value //x /*x*/ for \
        in if else endif https://example.org/?a=1&b=%20 abc a-b a_b a.b a/b é ñandú 日本語 한국 ✨ 👩‍💻 \
        🇩🇪 x✨y";

    #[rustfmt::skip]
    const LINES: &[&str] = &[
        "", " ", "a ", " a", "a b", "a: b", "a #b", "- a", "a\nb", "a\n", "\na", "\n", "a\n\nb",
        "a\n b", " a\nb", "a \nb", "a\n  \nb", "a\tb", "\ta", "a\r\nb", "a\rb", "\0", "\u{1}",
        "\u{7}", "\u{1b}[31m", "\u{7f}", "a\u{85}b", "a\u{a0}b", "a\u{ad}b", "\u{200b}",
        "\u{200f}", "a\u{2028}b", "\u{2028}", "\u{2029}", "\u{202e}abc", "\u{2066}a\u{2069}",
        "\u{feff}a", "\u{fffd}", "\u{fffe}", "\u{10ffff}", "a\u{e0041}\u{e007f}", "---\na: b",
        "...\na", "%YAML 1.1\n---", "a\n# b", "{\n  \"a\": 1,\n  \"b\": [\"${x}\"]\n}", "a\n\tb",
        "# a\nb", "\"\"\"", "'''", "\\u0041", "EOT\n", "<<EOT\nx\nEOT", "a\\", "a$", "$${x}$",
        "}\nresource \"x\" \"y\" {}",
    ];

    /// Texts that some reader of YAML or HCL would get wrong if they stood there bare.
    pub(crate) fn texts() -> Vec<String> {
        let long =
            ["x".repeat(10_000), "x y\n".repeat(2_500), "\"".repeat(1_200), "k".repeat(1_020)];
        let words = WORDS.split_whitespace().chain(LINES.iter().copied());
        words.map(str::to_owned).chain(long).collect()
    }
}

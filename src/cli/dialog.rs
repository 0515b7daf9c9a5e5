//! What `new` asks a person who said nothing: on a terminal, and nowhere else.

use std::io::{self, BufRead, Write};

/// What was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub architecture: String,
    pub name: String,
    pub region: String,
    pub file: String,
}

/// What a blueprint says that is started from.
pub(super) struct Known {
    pub architecture: String,
    pub name: String,
    pub region: String,
}

/// Asks until each answer is one; an empty line takes what stands in brackets. Fails where nobody
/// answers.
pub(super) fn ask(
    known: &[Known],
    mut answers: impl BufRead,
    mut console: impl Write,
) -> io::Result<Answers> {
    writeln!(console, "Which architecture?")?;
    for (number, one) in (1..).zip(known) {
        writeln!(console, "  {number}  {}", one.architecture)?;
    }
    let chosen = loop {
        let answer = question(&mut answers, &mut console, "number or name", "1")?;
        let by_number =
            answer.parse::<usize>().ok().and_then(|number| known.get(number.checked_sub(1)?));
        let by_name = || known.iter().find(|one| one.architecture == answer);
        match by_number.or_else(by_name) {
            Some(one) => break one,
            None => writeln!(console, "`{answer}` is none of them")?,
        }
    };
    let name = question(&mut answers, &mut console, "name", &chosen.name)?;
    let region = question(&mut answers, &mut console, "region", &chosen.region)?;
    let file = question(&mut answers, &mut console, "file", &format!("{name}.yaml"))?;
    Ok(Answers { architecture: chosen.architecture.clone(), name, region, file })
}

fn question(
    answers: &mut impl BufRead,
    console: &mut impl Write,
    what: &str,
    usual: &str,
) -> io::Result<String> {
    write!(console, "{what} [{usual}]: ")?;
    console.flush()?;
    let mut line = String::new();
    if answers.read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nobody answers"));
    }
    let line = line.trim();
    Ok(if line.is_empty() { usual } else { line }.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Answers, Known, ask};

    fn answered(lines: &str) -> Option<Answers> {
        let known = |architecture: &str| Known {
            architecture: architecture.into(),
            name: "plant".into(),
            region: "eu-central-1".into(),
        };
        let known = ["sensor-streaming", "emr-migration"].map(known);
        ask(&known, lines.as_bytes(), std::io::sink()).ok()
    }

    #[test]
    fn empty_lines_take_what_is_usual() {
        let answers = answered("\n\n\n\n").unwrap();
        assert_eq!((&*answers.architecture, &*answers.file), ("sensor-streaming", "plant.yaml"));
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again() {
        let answers = answered("0\n7\nredshift\nemr-migration\nhadoop\nus-east-1\n\n").unwrap();
        let Answers { architecture, name, region, file } = answers;
        assert_eq!((&*architecture, &*name), ("emr-migration", "hadoop"));
        assert_eq!((&*region, &*file), ("us-east-1", "hadoop.yaml"));
    }

    #[test]
    fn whoever_leaves_gets_nothing() {
        assert_eq!(answered("1\nplant\n"), None);
    }
}

//! Functions that look at texts: cutting, formatting, addresses, hashes.

use super::functions::Arguments;
use crate::value::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// The first letter of each word made large.
pub(super) fn title(text: &str) -> String {
    let mut title = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            title.push(letter);
        } else {
            title.extend(letter.to_uppercase());
        }
        inside = letter.is_alphanumeric() || letter == '_';
    }
    title
}

/// Characters from an offset, which may count from the end; a length of -1 is the rest.
pub(super) fn substr(a: &Arguments<'_>) -> Result<Value, String> {
    let (text, offset, length) = (a.text(0)?, a.integer(1)?, a.integer(2)?);
    let before = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let skipped = if offset < 0 { text.chars().count().saturating_sub(before) } else { before };
    let taken = match usize::try_from(length) {
        Ok(length) => length,
        Err(_) if length == -1 => usize::MAX,
        Err(_) => return Err("a length is -1 or more".into()),
    };
    Ok(text.chars().skip(skipped).take(taken).collect::<String>().into())
}

/// `%s`, `%d`, `%05d` and `%%`.
pub(super) fn format(a: &Arguments<'_>) -> Result<Value, String> {
    let (mut rest, mut next, mut out) = (a.text(0)?, 1, String::new());
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let verb = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let width = &after[..after.len() - verb.len()];
        let mut letters = verb.chars();
        match (width, letters.next()) {
            ("", Some('%')) => out.push('%'),
            ("", Some('s')) => {
                out.push_str(&a.scalar(next)?);
                next += 1;
            }
            (_, Some('d')) if width.is_empty() || width.starts_with('0') && width.len() < 4 => {
                let width = width.parse().unwrap_or(0);
                let _ = write!(out, "{:0width$}", a.integer(next)?);
                next += 1;
            }
            _ => return Err(format!("`%{after}`: a format has %s, %d, %05d and %% only")),
        }
        rest = letters.as_str();
    }
    if next != a.0.len() {
        return Err(format!("the format takes {}, not {} values", next - 1, a.0.len() - 1));
    }
    Ok((out + rest).into())
}

/// In hexadecimal.
pub(super) fn sha256(a: &Arguments<'_>) -> Result<Value, String> {
    Ok(format!("{:x}", Sha256::digest(a.text(0)?)).into())
}

/// The first address of an IPv4 network, and how many bits it has in common.
fn network(text: &str) -> Result<(u32, u32), String> {
    let read = || {
        let (address, bits) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Some((u32::from(address) & mask, bits))
    };
    read().ok_or_else(|| format!("`{text}` is not an IPv4 network, such as 10.0.0.0/16"))
}

/// A number of so many bits; a negative one counts from the end.
fn numbered(number: i64, bits: u32) -> Option<u32> {
    let count = 1_i64 << bits;
    let number = if number < 0 { number.checked_add(count)? } else { number };
    u32::try_from(number).ok().filter(|_| number < count)
}

/// `cidrsubnet("10.0.0.0/16", 8, 3)` is `10.0.3.0/24`.
pub(super) fn cidr_subnet(a: &Arguments<'_>) -> Result<Value, String> {
    let ((base, bits), more, number) = (network(a.text(0)?)?, a.integer(1)?, a.integer(2)?);
    let fitting = u32::try_from(more).ok().filter(|more| bits.saturating_add(*more) <= 32);
    let more = fitting.ok_or_else(|| format!("{more} more bits do not fit after {bits}"))?;
    let offset = numbered(number, more).filter(|_| number >= 0);
    let offset = offset.ok_or_else(|| format!("{more} bits have no number {number}"))?;
    let length = bits + more;
    let base = base | offset.checked_shl(32 - length).unwrap_or(0);
    Ok(format!("{}/{length}", Ipv4Addr::from(base)).into())
}

/// `cidrhost("10.0.0.0/16", 5)` is `10.0.0.5`.
pub(super) fn cidr_host(a: &Arguments<'_>) -> Result<Value, String> {
    let (text, number) = (a.text(0)?, a.integer(1)?);
    let (base, bits) = network(text)?;
    let offset = numbered(number, 32 - bits);
    let offset = offset.ok_or_else(|| format!("`{text}` has no address {number}"))?;
    Ok(Ipv4Addr::from(base | offset).to_string().into())
}

//! System variables a server tells (RFC 9327, 4; ntpd): `version="ntpd 4.2.8p15", processor="x86_64", system="Linux/5.10"`.

use crate::{About, Kind, Output};
use model::NameKind;

/// Says what the text of the system's variables proves. It may be a piece of a longer text: a value that is cut is none.
pub fn prove(data: &[u8], out: &mut Output) {
    for (key, value) in variables(data) {
        let about = out.about(About::Sender).verified();
        match key {
            b"version" => drop(about.software(first_words(value))),
            b"system" => {
                let text = crate::text::clean(value);
                let system = text.replacen('/', " ", 1);
                let _ = about.formatted(Kind::Os, format_args!("{system}"));
            }
            b"daemon_version" => drop(about.software(value)),
            b"hostname" | b"host" => drop(about.name(NameKind::Host, value)),
            _ => {}
        }
    }
}

/// `ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)`: program and version.
fn first_words(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|b| *b == b'@').or_else(|| value.iter().enumerate().filter(|(_, b)| **b == b' ').nth(1).map(|(i, _)| i));
    value.get(..end.unwrap_or(value.len())).unwrap_or(value)
}

/// Quoted values and their keys.
fn variables(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = data;
    core::iter::from_fn(move || {
        loop {
            let equals = rest.iter().position(|b| *b == b'=')?;
            let (key, behind) = rest.split_at(equals);
            let key = key.rsplit(|b| matches!(b, b',' | b' ' | b'\r' | b'\n')).next().unwrap_or_default();
            let behind = behind.get(1..)?;
            match behind.strip_prefix(b"\"") {
                Some(quoted) => {
                    let end = quoted.iter().position(|b| *b == b'"')?;
                    let value = quoted.get(..end)?;
                    rest = quoted.get(end + 1..)?;
                    return Some((key, value));
                }
                None => rest = behind,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values() {
        let text = b"version=\"ntpd 4.2.8p15@1.3728-o Wed\",\r\n processor=\"x86_64\", leap=0, system=\"Lin";
        let all: Vec<_> = variables(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(first_words(all[0].1), b"ntpd 4.2.8p15");
        assert_eq!(all[1], (&b"processor"[..], &b"x86_64"[..]));
    }
}

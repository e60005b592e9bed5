//! What a control block reference proves about its publisher.

use crate::{About, Output};
use model::{NameKind, Role};

/// Logical device instances that many makers use. The domain of a reference is the name of the IED and the instance of
/// the logical device run together; only an instance known as such can be cut off.
const INSTANCES: &[&str] = &[
    "ANN", "CFG", "CON", "CONTROL", "CTRL", "DEVICE", "DR", "GOOSE", "LD", "LDEV", "MEAS", "MET", "PRO", "PROT",
    "PROTECTION", "RELAY", "SYS", "SYSTEM",
];

/// Says the name of the IED, and that it is one.
pub fn prove(reference: &[u8], out: &mut Output) {
    let domain = reference.split(|b| *b == b'/').next().unwrap_or_default();
    // a reference without logical node is none
    if domain.len() == reference.len() || domain.is_empty() || domain.len() > 64 {
        return;
    }
    let sender = out.about(About::Sender).implied().role(Role::Ied);
    match without_instance(domain) {
        Some(name) => sender.name(NameKind::Station, name),
        None => sender.guessed().name(NameKind::Station, domain),
    };
}

fn without_instance(domain: &[u8]) -> Option<&[u8]> {
    let digits = domain.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let stem = domain.get(..domain.len() - digits)?;
    let longest = INSTANCES
        .iter()
        .filter(|i| {
            let at = stem.len().checked_sub(i.len());
            // LD alone is no instance, LD0 is
            (digits > 0 || **i != "LD")
                && at.and_then(|at| stem.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(i.as_bytes()))
        })
        .max_by_key(|i| i.len())?;
    stem.get(..stem.len() - longest.len()).filter(|name| name.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::without_instance;

    #[test]
    fn instances_are_cut_off_where_they_are_known() {
        assert_eq!(without_instance(b"AA1C1Q01A1LD0"), Some(b"AA1C1Q01A1".as_slice()));
        assert_eq!(without_instance(b"Relay7PROT"), Some(b"Relay7".as_slice()));
        assert_eq!(without_instance(b"IED_1CTRL"), Some(b"IED_1".as_slice()));
        assert_eq!(without_instance(b"BUILD"), None);
        assert_eq!(without_instance(b"LD0"), None);
        assert_eq!(without_instance(b"simpleIOGenericIO"), None);
    }
}

//! IEC 60870-5-104: the descriptor. See the page.

mod files;
mod meaning;
mod session;
mod values;
mod wire;

use self::wire::{Control, STANDARD, START};
use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};
use model::{Hop, Path};

/// Most objects with values in one row; an ASDU holds at most 127.
const MAX_ITEMS: usize = 64;
/// Most files on their way in one conversation; stations move one at a time.
const MAX_FILES: usize = 4;

/// IEC 60870-5-104 edition 2.1, with the types of IEC 60870-5-101 and -7.
pub static PROTOCOL: Protocol = Protocol {
    name: "iec104",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(2404)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("cause", "cause of transmission: a word, or a number where the standard has none"),
        field("reply_cause", "cause of transmission of the answer"),
        field("negative", "the answer is a negative confirmation, or the file is not ready"),
        field("test", "sent under test conditions"),
        field("originator", "originator address, where it is not 0"),
        field("broadcast", "the command went to all stations (common address 65535)"),
        field("select", "true: the command selects; false: it executes"),
        field("qualifier", "qualifier of the command or set point, where it is not 0"),
        field("freeze", "what a counter interrogation does with the counters"),
        field("overflow", "objects whose quality says: overflow"),
        field("blocked", "objects whose quality says: blocked"),
        field("substituted", "objects whose quality says: substituted"),
        field("not_topical", "objects whose quality says: not topical"),
        field("invalid", "objects whose quality says: invalid"),
        field("size", "length of a file in bytes, as announced"),
        field("section", "name (number) of the section of a file"),
        field("length", "length of a file segment in bytes"),
        field("call", "what is called or selected of a file"),
        field("acknowledge", "what is acknowledged of a file"),
    ],
    spaces: &["ioa", "station", "file"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// The station with this common address.
fn path(common_address: u16) -> Path {
    Path::of(Hop::Unit(common_address.into()))
}

/// A U format is six fixed octets; an I format has a length, a type, a number of objects and a cause that agree.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::apdu(probe.bytes) {
        Ok(Some(apdu)) if wire::is_proper(&apdu, probe.bytes) => {
            // whatever follows begins with the start octet again
            if probe.bytes.get(apdu.size).is_some_and(|next| *next != START) {
                return Verdict::No;
            }
            match apdu.control {
                Control::Unnumbered(_) => Verdict::Sure,
                Control::Supervision { .. } => Verdict::Likely,
                Control::Information { .. } => match wire::asdu(apdu.asdu, STANDARD) {
                    Ok(asdu) if asdu.is_credible() && asdu.fits().is_some() => Verdict::Sure,
                    Ok(asdu) if asdu.is_credible() => Verdict::Likely,
                    // private types, other field sizes
                    _ => Verdict::Maybe,
                },
            }
        }
        Ok(Some(_)) => Verdict::No,
        Ok(None) if probe.bytes.len() >= 2 => Verdict::Maybe,
        _ => Verdict::No,
    }
}

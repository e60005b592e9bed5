//! Targets in words: tags as programmers write them, objects as `Class code/instance/attribute`.

use super::path::{Segment, segments};
use crate::{Draft, Goal, Span};
use crate::text::decimal;
use core::fmt::Write;

/// Names of the public classes (CIP Volume 1, table 5-1.1, and Volume 2, chapter 5), sorted by code.
const CLASSES: &[(u32, &str)] = &[
    (0x01, "Identity"),
    (0x02, "Message Router"),
    (0x03, "DeviceNet"),
    (0x04, "Assembly"),
    (0x05, "Connection"),
    (0x06, "Connection Manager"),
    (0x07, "Register"),
    (0x08, "Discrete Input Point"),
    (0x09, "Discrete Output Point"),
    (0x0a, "Analog Input Point"),
    (0x0b, "Analog Output Point"),
    (0x0e, "Presence Sensing"),
    (0x0f, "Parameter"),
    (0x10, "Parameter Group"),
    (0x12, "Group"),
    (0x1d, "Discrete Input Group"),
    (0x1e, "Discrete Output Group"),
    (0x1f, "Discrete Group"),
    (0x20, "Analog Input Group"),
    (0x21, "Analog Output Group"),
    (0x22, "Analog Group"),
    (0x23, "Position Sensor"),
    (0x24, "Position Controller Supervisor"),
    (0x25, "Position Controller"),
    (0x26, "Block Sequencer"),
    (0x27, "Command Block"),
    (0x28, "Motor Data"),
    (0x29, "Control Supervisor"),
    (0x2a, "AC/DC Drive"),
    (0x2b, "Acknowledge Handler"),
    (0x2c, "Overload"),
    (0x2d, "Softstart"),
    (0x2e, "Selection"),
    (0x30, "S-Device Supervisor"),
    (0x31, "S-Analog Sensor"),
    (0x32, "S-Analog Actuator"),
    (0x33, "S-Single Stage Controller"),
    (0x34, "S-Gas Calibration"),
    (0x35, "Trip Point"),
    (0x37, "File"),
    (0x39, "Safety Supervisor"),
    (0x3a, "Safety Validator"),
    (0x3b, "Safety Discrete Output Point"),
    (0x3d, "Safety Discrete Input Point"),
    (0x41, "Event Log"),
    (0x42, "Motion Device Axis"),
    (0x43, "Time Sync"),
    (0x44, "Modbus"),
    (0x45, "Originator Connection List"),
    (0x46, "Modbus Serial Link"),
    (0x47, "Device Level Ring"),
    (0x48, "QoS"),
    (0x4d, "Target Connection List"),
    (0x4e, "Base Energy"),
    (0x4f, "Electrical Energy"),
    (0x50, "Non-Electrical Energy"),
    (0x51, "Base Switch"),
    (0x52, "SNMP"),
    (0x53, "Power Management"),
    (0x54, "RSTP Bridge"),
    (0x55, "RSTP Port"),
    (0x56, "PRP/HSR Protocol"),
    (0x57, "PRP/HSR Nodes Table"),
    (0x5d, "CIP Security"),
    (0x5e, "EtherNet/IP Security"),
    (0x5f, "Certificate Management"),
    (0x67, "PCCC"),
    (0x6b, "Symbol"),
    (0x6c, "Template"),
    (0xf0, "ControlNet"),
    (0xf1, "ControlNet Keeper"),
    (0xf2, "ControlNet Scheduling"),
    (0xf3, "Connection Configuration"),
    (0xf4, "Port"),
    (0xf5, "TCP/IP Interface"),
    (0xf6, "Ethernet Link"),
    (0xf7, "CompoNet Link"),
    (0xf8, "CompoNet Repeater"),
];

/// The public name of a class.
pub fn class_name(class: u32) -> Option<&'static str> {
    let at = CLASSES.binary_search_by_key(&class, |c| c.0).ok()?;
    CLASSES.get(at).map(|c| c.1)
}

/// Symbol text: as it is where it is printable ASCII, else with escapes. Tag names are ASCII by definition.
fn symbol_text(name: &[u8], text: &mut Vec<u8>) {
    for byte in name {
        match byte {
            0x20..=0x7e => text.push(*byte),
            other => {
                text.extend_from_slice(b"\\x");
                hex(u32::from(*other), text);
            }
        }
    }
}

/// At least two hexadecimal digits.
fn hex(n: u32, text: &mut Vec<u8>) {
    let digits = (8 - n.leading_zeros() / 4).max(2);
    for at in (0..digits).rev() {
        let digit = (n >> (at * 4) & 15) as u8;
        text.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
}

/// A path without its ports and keys: `Program:Main.Tank[3].Level`, `Assembly 0x04/100/3`, `0x8e/1/0x74/1`. Written for
/// every request, so straight into the arena. `without_index` leaves out the last index, because it is the target's
/// first address.
fn write_path(path: &[u8], without_index: bool, text: &mut Vec<u8>) {
    let last = if without_index { segments(path).count().saturating_sub(1) } else { usize::MAX };
    let start = text.len();
    let mut open = false;
    let mut symbol = false;
    for (at, segment) in segments(path).enumerate() {
        let Ok(segment) = segment else { break };
        if let Segment::Member(index) = segment
            && symbol
        {
            if at < last {
                text.push(if open { b',' } else { b'[' });
                decimal(index.into(), text);
                open = true;
            }
            continue;
        }
        if open {
            text.push(b']');
            open = false;
        }
        match segment {
            Segment::Symbol(name) => {
                if text.len() > start {
                    text.push(b'.');
                }
                symbol_text(name, text);
                symbol = true;
            }
            Segment::Class(class) => {
                if text.len() > start {
                    text.push(b'/');
                }
                if let Some(name) = class_name(class) {
                    text.extend_from_slice(name.as_bytes());
                    text.push(b' ');
                }
                text.extend_from_slice(b"0x");
                hex(class, text);
                symbol = false;
            }
            Segment::Instance(n) | Segment::Attribute(n) | Segment::Member(n) | Segment::Point(n) => {
                if text.len() > start {
                    text.push(b'/');
                }
                decimal(n.into(), text);
            }
            _ => {}
        }
    }
    if open {
        text.push(b']');
    }
}

/// `sub` of a tag that is an element of an array: `first` is its index.
pub const INDEXED: u64 = 1;

/// The target of a path. Tags that end in one index keep it as their first address.
pub fn goal(path: &[u8], instance: Option<u32>, symbol: bool, draft: &mut Draft<'_>) -> Goal {
    let index = if symbol { last_index(path) } else { None };
    let name = draft.out().written(|text| write_path(path, index.is_some(), text));
    match (symbol, index) {
        (false, _) => Goal { space: "object", first: instance.unwrap_or_default().into(), count: 0, sub: 0, name },
        (true, Some(index)) => Goal { space: "tag", first: index.into(), count: 1, sub: INDEXED, name },
        (true, None) => Goal { space: "tag", first: 0, count: 1, sub: 0, name },
    }
}

/// The index at the end of a path, where there is exactly one.
fn last_index(path: &[u8]) -> Option<u32> {
    let mut before = None;
    let mut last = None;
    for segment in segments(path) {
        before = last;
        last = Some(segment.ok()?);
    }
    match (before, last) {
        (Some(Segment::Symbol(_)), Some(Segment::Member(index))) => Some(index),
        _ => None,
    }
}

/// The `index`-th element after a goal.
pub fn element(goal: Goal, index: u64) -> Goal {
    Goal { first: goal.first.saturating_add(index), sub: INDEXED, count: 1, ..goal }
}

/// Writes a target.
pub fn notation(goal: &Goal, name: &str, text: &mut String) {
    match goal.space {
        _ if goal.name == Span::EMPTY => text.push_str(goal.space),
        "tag" => {
            let _ = write!(text, "tag:{name}");
            if goal.sub == INDEXED {
                let _ = write!(text, "[{}]", goal.first);
            }
        }
        _ => text.push_str(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &[u8]) -> String {
        let mut text = Vec::new();
        write_path(path, false, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn written_as_in_the_field() {
        assert!(CLASSES.is_sorted_by_key(|c| c.0));
        assert_eq!(text(&[1, 0, 0x20, 4, 0x24, 100, 0x30, 3]), "Assembly 0x04/100/3");
        assert_eq!(text(&[0x20, 0x8e, 0x24, 1, 0x20, 0x74, 0x24, 1]), "0x8e/1/0x74/1");
        let tag = [0x91, 3, b'A', b'r', b'r', 0, 0x28, 3, 0x28, 4, 0x91, 1, b'x', 0];
        assert_eq!(text(&tag), "Arr[3,4].x");
        assert_eq!(text(&[0x91, 4, b'a', 0xff, 0, b'z', 0x21, 0, 0x34, 0x12]), "a\\xff\\x00z/0x1234");
        assert_eq!(last_index(&[0x91, 1, b'x', 0, 0x28, 7]), Some(7));
        assert_eq!(last_index(&tag), None);
    }
}

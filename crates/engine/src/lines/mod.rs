//! JSON Lines: one line per transaction, evidence or anomaly, formatted straight from the rows into one reused
//! buffer. The names are a contract (docs/json.md): versioned, never renamed silently.

mod text;

pub use text::{escape, json_value};

use crate::say::{Ends, Write};
use model::{Event, Outcome, Stamp, Time, What};
use protocols::{Output, Protocol, Row, Val};
use std::io::Write as _;
use text::{endpoint, host, nanos, number, path, signed, val};

/// The writer behind `bourdon facts`.
#[derive(Debug, Default)]
pub struct JsonLines {
    second: Option<i64>,
    date: Vec<u8>,
    /// A target's notation, written anew for each.
    notation: String,
}

impl JsonLines {
    /// A writer for one shard.
    pub fn new() -> JsonLines {
        JsonLines::default()
    }

    fn head(&mut self, at: Stamp, kind: &str, protocol: &str, text: &mut Vec<u8>) {
        text.extend_from_slice(b"{\"time\":\"");
        self.time(at.time, text);
        text.extend_from_slice(b"\",\"frame\":");
        number(at.frame, text);
        text.extend_from_slice(b",\"kind\":\"");
        text.extend_from_slice(kind.as_bytes());
        text.extend_from_slice(b"\",\"protocol\":\"");
        text.extend_from_slice(protocol.as_bytes());
        text.push(b'"');
    }

    /// RFC 3339; the date and time of day are kept from line to line of the same second.
    fn time(&mut self, time: Time, text: &mut Vec<u8>) {
        let second = time.0.div_euclid(Time::SECOND);
        if self.second != Some(second) {
            self.second = Some(second);
            self.date.clear();
            let _ = write!(self.date, "{}", Time(second * Time::SECOND));
            self.date.truncate(19);
        }
        text.extend_from_slice(&self.date);
        text.push(b'.');
        nanos(time.0.rem_euclid(Time::SECOND).unsigned_abs(), text);
        text.push(b'Z');
    }
}

impl Write for JsonLines {
    fn row(&mut self, at: Stamp, protocol: &Protocol, row: &Row, out: &Output, ends: &Ends, text: &mut Vec<u8>) {
        self.head(at, "transaction", protocol.name, text);
        text.extend_from_slice(b",\"operation\":\"");
        text.extend_from_slice(protocol.operation_name(row).as_bytes());
        text.extend_from_slice(b"\",\"code\":");
        number(row.code.into(), text);
        text.extend_from_slice(b",\"class\":\"");
        text.extend_from_slice(row.class.word().as_bytes());
        text.push(b'"');
        let (actor, subject) = ends.of(row.actor.unwrap_or(row.sent));
        text.extend_from_slice(b",\"actor\":\"");
        endpoint(actor, text);
        text.extend_from_slice(b"\",\"subject\":\"");
        endpoint(subject, text);
        text.push(b'"');
        if row.actor.is_none() {
            text.extend_from_slice(b",\"roles\":\"unknown\"");
        }
        path(&row.path, text);
        let items = out.items_of(row);
        if !items.is_empty() {
            text.extend_from_slice(b",\"targets\":[");
            for (i, entry) in items.iter().enumerate() {
                if i > 0 {
                    text.push(b',');
                }
                text.extend_from_slice(b"{\"target\":\"");
                self.notation.clear();
                let name = String::from_utf8_lossy(out.span(entry.goal.name));
                (protocol.notation)(&entry.goal, &name, &mut self.notation);
                escape(&self.notation, text);
                text.push(b'"');
                if entry.value != Val::None {
                    text.extend_from_slice(b",\"value\":");
                    val(&entry.value, out, text);
                }
                text.push(b'}');
            }
            text.push(b']');
        }
        let extras = out.extras_of(row);
        if !extras.is_empty() {
            text.extend_from_slice(b",\"fields\":{");
            for (i, extra) in extras.iter().enumerate() {
                if i > 0 {
                    text.push(b',');
                }
                text.push(b'"');
                text.extend_from_slice(extra.key.as_bytes());
                text.extend_from_slice(b"\":");
                val(&extra.value, out, text);
            }
            text.push(b'}');
        }
        text.extend_from_slice(b",\"outcome\":\"");
        text.extend_from_slice(row.outcome.word().as_bytes());
        text.push(b'"');
        if let Outcome::Refused(code) = row.outcome {
            text.extend_from_slice(b",\"refused\":");
            number(code.into(), text);
        }
        if let Some(asked) = row.asked {
            text.extend_from_slice(b",\"asked_frame\":");
            number(asked.frame, text);
        }
        if let Some(latency) = row.latency {
            text.extend_from_slice(b",\"latency_ns\":");
            signed(latency, text);
        }
        text.extend_from_slice(b"}\n");
    }

    fn event(&mut self, event: &Event, text: &mut Vec<u8>) {
        match &event.what {
            What::Evidence(e) => {
                self.head(event.at, "evidence", e.protocol, text);
                text.extend_from_slice(b",\"about\":\"");
                host(e.about.host, text);
                text.push(b'"');
                path(&e.about.path, text);
                if let Some(by) = e.by {
                    text.extend_from_slice(b",\"by\":\"");
                    host(by, text);
                    text.push(b'"');
                }
                let _ = write!(text, ",\"attribute\":\"{}\",\"value\":\"", e.claim.attribute());
                escape(&e.claim.to_string(), text);
                let _ = writeln!(text, "\",\"strength\":\"{}\"}}", e.strength);
            }
            What::Anomaly(a) => {
                self.head(event.at, "anomaly", a.protocol, text);
                let _ = write!(text, ",\"anomaly\":\"{}\",\"detail\":\"", a.kind);
                escape(&a.detail, text);
                text.extend_from_slice(b"\",\"sender\":\"");
                endpoint(a.sender, text);
                text.extend_from_slice(b"\",\"receiver\":\"");
                endpoint(a.receiver, text);
                text.push(b'"');
                path(&a.path, text);
                if a.repeats != 1 {
                    let _ = write!(text, ",\"repeats\":{}", a.repeats);
                }
                text.extend_from_slice(b"}\n");
            }
            What::Transfer(t) => {
                self.head(event.at, "transfer", t.protocol, text);
                text.extend_from_slice(b",\"actor\":\"");
                endpoint(t.actor, text);
                text.extend_from_slice(b"\",\"subject\":\"");
                endpoint(t.subject, text);
                text.push(b'"');
                path(&t.path, text);
                let _ = write!(text, ",\"direction\":\"{}\",\"content\":\"{}\",\"name\":\"", t.kind, t.content);
                escape(&t.name, text);
                let _ =
                    writeln!(text, "\",\"size\":{},\"sha256\":\"{}\",\"complete\":{}}}", t.size, t.sha256, t.complete);
            }
            What::Match(m) => {
                self.head(event.at, "match", m.protocol.unwrap_or("unknown"), text);
                let _ = write!(text, ",\"pattern\":\"{}\",\"sender\":\"", m.pattern);
                endpoint(m.sender, text);
                text.extend_from_slice(b"\",\"receiver\":\"");
                endpoint(m.receiver, text);
                text.extend_from_slice(b"\"}\n");
            }
            What::Gap(g) => {
                self.head(event.at, "gap", "tcp", text);
                text.extend_from_slice(b",\"sender\":\"");
                endpoint(g.sender, text);
                text.extend_from_slice(b"\",\"receiver\":\"");
                endpoint(g.receiver, text);
                let _ = writeln!(text, "\",\"bytes\":{}}}", g.bytes);
            }
            What::Transaction(_) | What::Flow(_) | What::Health(_) => {}
        }
    }
}

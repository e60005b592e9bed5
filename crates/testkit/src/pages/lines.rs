//! Facts as lines of words, for cases and laws: no frame numbers, no times, so that a line means the same however the
//! bytes were cut.

use engine::{Ends, Write, transaction, value};
use model::{Endpoint, Event, Outcome, Stamp, Value, What};
use protocols::{Output, Protocol, Row};
use std::fmt::Write as _;

/// Writes one line per fact.
#[derive(Debug, Default)]
pub struct CaseLines;

impl Write for CaseLines {
    fn row(&mut self, at: Stamp, protocol: &Protocol, row: &Row, out: &Output, ends: &Ends, text: &mut Vec<u8>) {
        // the static descriptor is needed for the owned form; tests look it up by name
        let Some(protocol) = protocols::by_name(protocol.name) else { return };
        let t = transaction(row, out, protocol, ends, at, 0);
        let mut line = format!("{} {} class={}", t.protocol, t.operation, t.class);
        ends_of("actor", t.actor, &mut line);
        ends_of("subject", t.subject, &mut line);
        if !t.roles_known {
            line.push_str(" roles=unknown");
        }
        let _ = write!(line, " code={}", t.code);
        if let Some(unit) = t.path.unit() {
            let _ = write!(line, " unit={unit}");
        }
        if !t.path.is_host() {
            word("path", &t.path.to_string(), &mut line);
        }
        for item in &t.items {
            word("target", &item.target.name, &mut line);
            if item.value != Value::None {
                word("value", &show(&item.value), &mut line);
            }
        }
        for extra in out.extras_of(row) {
            word(extra.key, &show(&value(&extra.value, out)), &mut line);
        }
        if t.asked.is_some() && t.latency.is_some() {
            line.push_str(" paired");
        }
        match t.outcome {
            Outcome::Refused(code) => {
                let _ = write!(line, " refused={code}");
            }
            other => {
                let _ = write!(line, " {}", other.word());
            }
        }
        line.push('\n');
        text.extend_from_slice(line.as_bytes());
    }

    fn event(&mut self, event: &Event, text: &mut Vec<u8>) {
        let mut line = String::new();
        match &event.what {
            What::Evidence(e) if e.protocol != "ethernet" => {
                let _ = write!(line, "evidence {} about={}", e.protocol, e.about.host);
                if !e.about.path.is_host() {
                    word("path", &e.about.path.to_string(), &mut line);
                }
                word(e.claim.attribute(), &e.claim.to_string(), &mut line);
                let _ = write!(line, " {}", e.strength);
            }
            What::Anomaly(a) => {
                let _ = write!(line, "anomaly {} {}", a.protocol, a.kind);
                // the number behind the field (an offset, a code) is for people
                let field = a.detail.rsplit_once(" (").map_or(a.detail.as_str(), |(field, _)| field);
                word("detail", field, &mut line);
                ends_of("sender", a.sender, &mut line);
                ends_of("receiver", a.receiver, &mut line);
                if !a.path.is_host() {
                    word("path", &a.path.to_string(), &mut line);
                }
            }
            What::Transfer(t) => {
                let _ = write!(line, "transfer {} {} content={}", t.protocol, t.kind, t.content);
                ends_of("actor", t.actor, &mut line);
                ends_of("subject", t.subject, &mut line);
                if !t.path.is_host() {
                    word("path", &t.path.to_string(), &mut line);
                }
                word("name", &t.name, &mut line);
                let _ = write!(line, " size={} complete={} sha256={}", t.size, t.complete, t.sha256);
            }
            What::Match(m) => {
                let _ = write!(line, "match {}", m.pattern);
                ends_of("sender", m.sender, &mut line);
                ends_of("receiver", m.receiver, &mut line);
            }
            What::Health(h) if h.kind == "session_panic" || h.kind == "no_progress" || h.kind == "limit_reached" => {
                let _ = write!(line, "health {}", h.kind);
                word("what", &h.what, &mut line);
            }
            _ => return,
        }
        line.push('\n');
        text.extend_from_slice(line.as_bytes());
    }
}

fn ends_of(key: &str, end: Endpoint, line: &mut String) {
    let _ = write!(line, " {key}={}", end.host);
    if end.port != 0 {
        let _ = write!(line, " {key}_port={}", end.port);
    }
}

fn word(key: &str, value: &str, line: &mut String) {
    if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c == '"') {
        let _ = write!(line, " {key}=\"{}\"", value.replace('"', "'"));
    } else {
        let _ = write!(line, " {key}={value}");
    }
}

fn show(value: &Value) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    match value {
        Value::None => "none".to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => n.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Text(t) => t.clone(),
        Value::Bytes(b) => b.iter().map(|b| format!("{b:02x}")).collect(),
        Value::Bits(b) => list(b.iter().map(|b| u8::from(*b).to_string()).collect()),
        Value::Words(w) => list(w.iter().map(u16::to_string).collect()),
        Value::Secret { len, .. } => format!("secret:{len}"),
        Value::Name(n) => (*n).to_string(),
        Value::Time(t) => t.to_string(),
        Value::Mac(m) => m.to_string(),
        Value::Ip(ip) => ip.to_string(),
    }
}

/// Splits a line into words; quotes hold white space together and are dropped.
pub fn tokens(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(core::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

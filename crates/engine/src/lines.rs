//! JSON Lines: one line per transaction, evidence or anomaly, formatted straight from the rows into one reused
//! buffer. The names are a contract (docs/json.md): versioned, never renamed silently.

use crate::say::{self, Ends, Write};
use model::{Address, Endpoint, Event, Host, Outcome, Path, Stamp, Time, Value, What};
use protocols::{Output, Protocol, Row, Val};
use std::io::Write as _;
use std::net::IpAddr;

/// The writer behind `bourdon facts`.
#[derive(Debug, Default)]
pub struct JsonLines {
    second: Option<i64>,
    date: Vec<u8>,
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
        let mut digits = [b'0'; 9];
        let mut nanos = time.0.rem_euclid(Time::SECOND);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (nanos % 10) as u8;
            nanos /= 10;
        }
        text.extend_from_slice(&digits);
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
                let name = String::from_utf8_lossy(out.span(entry.goal.name));
                let mut notation = String::new();
                (protocol.notation)(&entry.goal, &name, &mut notation);
                escape(&notation, text);
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
            let _ = write!(text, ",\"latency_ns\":{latency}");
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

fn number(mut n: u64, text: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (n % 10) as u8;
        }
        n /= 10;
        if n == 0 {
            break;
        }
    }
    text.extend_from_slice(digits.get(at..).unwrap_or_default());
}

fn host(host: Host, text: &mut Vec<u8>) {
    if let (0, Address::Ip(IpAddr::V4(ip))) = (host.network.0, host.address) {
        for (i, octet) in ip.octets().into_iter().enumerate() {
            if i > 0 {
                text.push(b'.');
            }
            number(octet.into(), text);
        }
    } else {
        let _ = write!(text, "{host}");
    }
}

fn endpoint(end: Endpoint, text: &mut Vec<u8>) {
    match end.host.address {
        Address::Ip(IpAddr::V4(_)) if end.host.network.0 == 0 => {
            host(end.host, text);
            if end.port != 0 {
                text.push(b':');
                number(end.port.into(), text);
            }
        }
        _ => {
            let _ = write!(text, "{end}");
        }
    }
}

fn path(path: &Path, text: &mut Vec<u8>) {
    if path.is_host() {
        return;
    }
    if let Some(unit) = path.unit() {
        text.extend_from_slice(b",\"unit\":");
        number(unit.into(), text);
    }
    let _ = write!(text, ",\"path\":\"{path}\"");
}

/// Writes text inside JSON quotes.
pub fn escape(from: &str, text: &mut Vec<u8>) {
    if from.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        return text.extend_from_slice(from.as_bytes());
    }
    for c in from.chars() {
        match c {
            '"' => text.extend_from_slice(b"\\\""),
            '\\' => text.extend_from_slice(b"\\\\"),
            c if (c as u32) < 0x20 => {
                let _ = write!(text, "\\u{:04x}", c as u32);
            }
            c => {
                let mut buffer = [0; 4];
                text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
}

fn quoted(value: &str, text: &mut Vec<u8>) {
    text.push(b'"');
    escape(value, text);
    text.push(b'"');
}

fn val(val: &Val, out: &Output, text: &mut Vec<u8>) {
    match *val {
        Val::None => text.extend_from_slice(b"null"),
        Val::Bool(b) => text.extend_from_slice(if b { b"true" } else { b"false" }),
        Val::Int(n) => {
            let _ = write!(text, "{n}");
        }
        Val::Uint(n) => number(n, text),
        Val::Float(f) if f.is_finite() => {
            let _ = write!(text, "{f}");
        }
        Val::Float(f) => {
            let _ = write!(text, "\"{f}\"");
        }
        Val::Text(s) => quoted(&String::from_utf8_lossy(out.span(s)), text),
        Val::Bytes(s) => hex(out.span(s), text),
        Val::Bits { packed, count } => {
            list(say::bits(out.span(packed), count).map(u64::from), text);
        }
        Val::Words(s) => list(say::words(out.span(s)).map(u64::from), text),
        Val::Secret { len, hash } => {
            let _ = write!(text, "{{\"secret\":true,\"length\":{len},\"hash\":\"{hash:016x}\"}}");
        }
        Val::Name(n) => quoted(n, text),
        Val::Time(t) => {
            let _ = write!(text, "\"{t}\"");
        }
        Val::Mac(m) => {
            let _ = write!(text, "\"{m}\"");
        }
        Val::Ip(ip) => {
            let _ = write!(text, "\"{ip}\"");
        }
    }
}

fn list(values: impl Iterator<Item = u64>, text: &mut Vec<u8>) {
    text.push(b'[');
    for (i, n) in values.enumerate() {
        if i > 0 {
            text.push(b',');
        }
        number(n, text);
    }
    text.push(b']');
}

fn hex(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push(b'"');
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text.push(b'"');
}

/// An owned value as JSON.
pub fn json_value(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::None => text.extend_from_slice(b"null"),
        Value::Bool(b) => text.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Int(n) => {
            let _ = write!(text, "{n}");
        }
        Value::Uint(n) => number(*n, text),
        Value::Float(f) if f.is_finite() => {
            let _ = write!(text, "{f}");
        }
        Value::Float(f) => {
            let _ = write!(text, "\"{f}\"");
        }
        Value::Text(s) => quoted(s, text),
        Value::Bytes(b) => hex(b, text),
        Value::Bits(b) => list(b.iter().map(|b| u64::from(*b)), text),
        Value::Words(w) => list(w.iter().map(|w| u64::from(*w)), text),
        Value::Secret { len, hash } => {
            let _ = write!(text, "{{\"secret\":true,\"length\":{len},\"hash\":\"{hash:016x}\"}}");
        }
        Value::Name(n) => quoted(n, text),
        Value::Time(t) => {
            let _ = write!(text, "\"{t}\"");
        }
        Value::Mac(m) => {
            let _ = write!(text, "\"{m}\"");
        }
        Value::Ip(ip) => {
            let _ = write!(text, "\"{ip}\"");
        }
    }
}

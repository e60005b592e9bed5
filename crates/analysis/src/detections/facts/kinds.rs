//! The words of a line to a fact.

use super::Words;
use super::line::Token;
use model::{
    Anomaly, Claim, Class, Endpoint, Evidence, Field, FlowFact, FlowState, Gap, Health, Hop, Host, Item, Mac, Match,
    NameKind, Outcome, Path, Role, Stamp, Strength, Subject, Target, Time, Transaction, Transfer, TransferKind, Value,
    What,
};
use std::net::IpAddr;

type Read<T> = Result<T, String>;

fn at(time: Time) -> Stamp {
    Stamp { time, ..Stamp::default() }
}

/// Reads the words after the time.
pub(super) fn fact(tokens: &[Token], time: Time, words: &mut Words) -> Read<What> {
    let mut line = Line { rest: tokens, words };
    match tokens.first().map(|t| t.text.as_str()) {
        Some("anomaly") => line.anomaly(),
        Some("evidence") => line.evidence(),
        Some("match") => line.pattern(),
        Some("transfer") => line.transfer(time),
        Some("gap") => line.gap(),
        Some("health") => line.health(),
        _ => {
            let (from, to) = line.ends()?;
            match tokens.get(3).map(|t| t.text.as_str()) {
                Some("flow") => line.flow(from, to, time),
                _ => line.transaction(from, to, time),
            }
        }
    }
}

/// Puts the number of the frame where a fact repeats its own stamp.
pub(super) fn stamped(mut what: What, stamp: Stamp) -> What {
    match &mut what {
        What::Transaction(t) => t.first = Stamp { time: t.first.time, ..stamp },
        What::Flow(f) => (f.first, f.last) = (Stamp { time: f.first.time, ..stamp }, stamp),
        What::Transfer(t) => t.first = stamp,
        _ => {}
    }
    what
}

struct Line<'a> {
    rest: &'a [Token],
    words: &'a mut Words,
}

impl<'a> Line<'a> {
    fn next(&mut self, what: &str) -> Read<&'a Token> {
        let (token, rest) = self.rest.split_first().ok_or_else(|| format!("expected {what} at the end of the line"))?;
        self.rest = rest;
        Ok(token)
    }

    fn word(&mut self, what: &str) -> Read<&'static str> {
        let token = self.next(what)?;
        Ok(self.words.keep(&token.text))
    }

    fn ends(&mut self) -> Read<(Endpoint, Endpoint)> {
        let from = endpoint(&self.next("an address")?.text)?;
        let arrow = self.next("->")?;
        if arrow.text != "->" {
            return Err(format!("expected -> after the first address, found: {}", arrow.text));
        }
        Ok((from, endpoint(&self.next("an address")?.text)?))
    }

    /// The words left: `key=value` or alone.
    fn keys(&mut self) -> impl Iterator<Item = (&'a str, Option<&'a str>, bool)> + use<'a> {
        let rest = core::mem::take(&mut self.rest);
        rest.iter().map(|t| match t.text.split_once('=') {
            Some((key, value)) => (key, Some(value), t.quoted),
            None => (t.text.as_str(), None, t.quoted),
        })
    }

    fn transaction(&mut self, actor: Endpoint, subject: Endpoint, time: Time) -> Read<What> {
        let protocol = self.word("a protocol")?;
        let operation = self.word("an operation")?;
        let mut class = None;
        let mut t = Transaction {
            protocol,
            operation,
            code: 0,
            class: Class::Unknown,
            actor,
            subject,
            roles_known: true,
            path: Path::HOST,
            items: Vec::new(),
            fields: Vec::new(),
            outcome: Outcome::Ok,
            asked: None,
            latency: None,
            repeats: 1,
            first: at(time),
            novel: true,
        };
        let mut value_of_item = Value::None;
        for (key, value, quoted) in self.keys() {
            match (key, value) {
                ("ok", None) => t.outcome = Outcome::Ok,
                ("no_reply", None) => t.outcome = Outcome::NoReply,
                ("reply_only", None) => t.outcome = Outcome::ReplyOnly,
                ("unseen", None) => t.outcome = Outcome::Unseen,
                ("refused", Some(code)) => t.outcome = Outcome::Refused(number(key, code)?),
                ("class", Some(word)) => {
                    class = Some(Class::from_word(word).ok_or_else(|| format!("no class: {word}"))?);
                }
                ("code", Some(n)) => t.code = number(key, n)?,
                ("unit", Some(n)) => t.path = t.path.then(Hop::Unit(number(key, n)?)),
                ("slot", Some(n)) => t.path = t.path.then(Hop::Slot { rack: 0, slot: number(key, n)? }),
                ("instance", Some(n)) => t.path = t.path.then(Hop::Instance(number(key, n)?)),
                ("repeats", Some(n)) => t.repeats = number(key, n)?,
                ("for", Some(span)) => t.first = at(time.plus(-super::line::duration(span)?)),
                ("roles", Some("unknown")) => t.roles_known = false,
                ("target", Some(name)) => t.items.push(Item { target: self.target(name), value: Value::None }),
                ("value", Some(text)) => value_of_item = self.value(text, quoted),
                (key, Some(text)) => {
                    let value = self.value(text, quoted);
                    t.fields.push(Field { key: self.words.keep(key), value });
                }
                (word, None) => return Err(format!("not understood: {word}")),
            }
        }
        t.class = class.ok_or("an operation needs class=")?;
        if let Some(item) = t.items.last_mut() {
            item.value = value_of_item;
        } else if value_of_item != Value::None {
            return Err("value= needs a target=".to_owned());
        }
        Ok(What::Transaction(t))
    }

    fn target(&mut self, name: &str) -> Target {
        let (space, tail) = name.split_once(':').unwrap_or((name, ""));
        let (first, last) = tail.split_once("..").unwrap_or((tail, tail));
        let first: u64 = first.parse().unwrap_or(0);
        let last: u64 = last.parse().unwrap_or(first);
        let count = u32::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1);
        Target { space: self.words.keep(space), first, count, name: name.to_owned() }
    }

    fn value(&mut self, text: &str, quoted: bool) -> Value {
        if quoted {
            return Value::Text(text.to_owned());
        }
        let secret = text.strip_prefix("secret(").and_then(|t| t.strip_suffix(')')).and_then(|n| n.parse().ok());
        match (text, secret) {
            (_, Some(len)) => Value::Secret { len, hash: 0 },
            ("true", _) => Value::Bool(true),
            ("false", _) => Value::Bool(false),
            _ => match (text.parse::<u64>(), text.parse::<i64>(), mac(text), text.parse::<IpAddr>()) {
                (Ok(n), ..) => Value::Uint(n),
                (_, Ok(n), ..) => Value::Int(n),
                (_, _, Some(mac), _) => Value::Mac(mac),
                (.., Ok(ip)) => Value::Ip(ip),
                _ => Value::Text(text.to_owned()),
            },
        }
    }

    fn flow(&mut self, client: Endpoint, server: Endpoint, time: Time) -> Read<What> {
        self.next("flow")?;
        let transport = self.word("a transport")?;
        if !["tcp", "udp", "icmp", "ether", "ip"].contains(&transport) {
            return Err(format!("no transport: {transport}"));
        }
        let (mut unanswered, mut bytes, mut frames) = (false, None, None);
        let mut f = FlowFact {
            client,
            server,
            opened: transport == "tcp",
            macs: [None; 2],
            ttl: [0, 0],
            vlan: None,
            transport,
            kind: 0,
            protocol: None,
            frames: [0; 2],
            bytes: [0; 2],
            not_understood: [0; 2],
            first: at(time),
            last: at(time),
            answered: true,
            reset: false,
            lost_bytes: 0,
            state: FlowState::Ended,
            shape: None,
        };
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("unanswered", None) => unanswered = true,
                ("reset", None) => f.reset = true,
                ("midstream", None) => f.opened = false,
                ("bytes", Some(pair)) => bytes = Some(two(key, pair)?),
                ("frames", Some(pair)) => frames = Some(two(key, pair)?),
                ("protocol", Some(name)) => f.protocol = Some(self.words.keep(name)),
                ("kind", Some(n)) => f.kind = number(key, n)?,
                ("lost", Some(n)) => f.lost_bytes = number(key, n)?,
                ("vlan", Some(n)) => f.vlan = Some(number(key, n)?),
                ("for", Some(span)) => f.first = at(time.plus(-super::line::duration(span)?)),
                ("state", Some(word)) => {
                    f.state = FlowState::from_word(word).ok_or_else(|| format!("no state of a flow: {word}"))?;
                }
                (word, _) => return Err(format!("not understood: {word}")),
            }
        }
        f.answered = !unanswered;
        f.frames = frames.unwrap_or(if unanswered { [1, 0] } else { [4, 4] });
        f.bytes = bytes.unwrap_or(if unanswered { [0, 0] } else { [200, 200] });
        Ok(What::Flow(f))
    }

    fn anomaly(&mut self) -> Read<What> {
        self.next("anomaly")?;
        let (protocol, kind) = (self.word("a protocol")?, self.word("a kind")?);
        let (sender, receiver) = self.ends()?;
        let mut a = Anomaly { protocol, kind, detail: String::new(), sender, receiver, path: Path::HOST, repeats: 1 };
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("detail", Some(text)) => a.detail = text.to_owned(),
                ("repeats", Some(n)) => a.repeats = number(key, n)?,
                ("unit", Some(n)) => a.path = a.path.then(Hop::Unit(number(key, n)?)),
                (word, _) => return Err(format!("not understood: {word}")),
            }
        }
        Ok(What::Anomaly(a))
    }

    fn evidence(&mut self) -> Read<What> {
        self.next("evidence")?;
        let protocol = self.word("a protocol")?;
        let about = endpoint(&self.next("an address")?.text)?.host;
        let (mut claim, mut strength, mut by) = (None, Strength::Stated, None);
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("by", Some(host)) => by = Some(endpoint(host)?.host),
                (word, None) => {
                    strength = Strength::from_word(word).ok_or_else(|| format!("no strength: {word}"))?;
                }
                (attribute, Some(value)) => claim = Some(claimed(attribute, value)?),
            }
        }
        let claim = claim.ok_or("evidence needs an attribute")?;
        Ok(What::Evidence(Evidence { about: Subject::host(about), by, claim, strength, protocol }))
    }

    fn pattern(&mut self) -> Read<What> {
        self.next("match")?;
        let pattern = self.word("a pattern")?;
        let (sender, receiver) = self.ends()?;
        let mut protocol = None;
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("protocol", Some(name)) => protocol = Some(self.words.keep(name)),
                (word, _) => return Err(format!("not understood: {word}")),
            }
        }
        Ok(What::Match(Match { pattern, sender, receiver, protocol }))
    }

    fn transfer(&mut self, time: Time) -> Read<What> {
        self.next("transfer")?;
        let protocol = self.word("a protocol")?;
        let (actor, subject) = self.ends()?;
        let kind = self.word("download or upload")?;
        let kind = TransferKind::from_word(kind).ok_or_else(|| format!("no kind of transfer: {kind}"))?;
        let mut t = Transfer {
            protocol,
            actor,
            subject,
            path: Path::HOST,
            kind,
            content: "block",
            name: String::new(),
            size: 0,
            sha256: String::new(),
            complete: true,
            first: at(time),
        };
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("partial", None) => t.complete = false,
                ("content", Some(word)) => t.content = self.words.keep(word),
                ("name", Some(text)) => t.name = text.to_owned(),
                ("sha256", Some(text)) => t.sha256 = text.to_owned(),
                ("size", Some(n)) => t.size = number(key, n)?,
                ("unit", Some(n)) => t.path = t.path.then(Hop::Unit(number(key, n)?)),
                (word, _) => return Err(format!("not understood: {word}")),
            }
        }
        Ok(What::Transfer(t))
    }

    fn gap(&mut self) -> Read<What> {
        self.next("gap")?;
        let (sender, receiver) = self.ends()?;
        match self.keys().next() {
            Some(("bytes", Some(n), _)) => Ok(What::Gap(Gap { sender, receiver, bytes: number("bytes", n)? })),
            _ => Err("a gap needs bytes=".to_owned()),
        }
    }

    fn health(&mut self) -> Read<What> {
        self.next("health")?;
        let kind = self.word("a kind")?;
        let mut h = Health { kind, what: String::new(), count: 1, host: None, time: None };
        for (key, value, _) in self.keys() {
            match (key, value) {
                ("what", Some(text)) => h.what = text.to_owned(),
                ("count", Some(n)) => h.count = number(key, n)?,
                (word, _) => return Err(format!("not understood: {word}")),
            }
        }
        Ok(What::Health(h))
    }
}

fn number<T: core::str::FromStr>(key: &str, text: &str) -> Read<T> {
    text.parse().map_err(|_| format!("{key} is not a number that fits: {text}"))
}

fn two(key: &str, text: &str) -> Read<[u64; 2]> {
    let (a, b) = text.split_once('/').ok_or_else(|| format!("{key} is written CLIENT/SERVER, found: {text}"))?;
    Ok([number(key, a)?, number(key, b)?])
}

fn mac(text: &str) -> Option<Mac> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        *byte = parts.next().filter(|p| p.len() == 2).and_then(|p| u8::from_str_radix(p, 16).ok())?;
    }
    parts.next().is_none().then_some(Mac(bytes))
}

/// An address with or without a port.
pub(in crate::detections) fn endpoint(text: &str) -> Read<Endpoint> {
    let bad = || format!("not an address: {text}");
    if let Some(mac) = mac(text) {
        return Ok(Endpoint { host: Host::new(mac), port: 0 });
    }
    if let Some((ip, port)) = text.strip_prefix('[').and_then(|t| t.split_once("]:")) {
        let ip: IpAddr = ip.parse().map_err(|_| bad())?;
        return Ok(Endpoint { host: Host::new(ip), port: number("port", port)? });
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Endpoint { host: Host::new(ip), port: 0 });
    }
    let (ip, port) = text.rsplit_once(':').ok_or_else(bad)?;
    let ip: std::net::Ipv4Addr = ip.parse().map_err(|_| bad())?;
    Ok(Endpoint { host: Host::new(IpAddr::V4(ip)), port: number("port", port)? })
}

fn claimed(attribute: &str, value: &str) -> Read<Claim> {
    let text = || value.to_owned();
    let address = || endpoint(value).map(|e| e.host.address);
    Ok(match attribute {
        "same_as" => Claim::SameAs(address()?),
        "seen_behind" => Claim::SeenBehind(address()?),
        "role" => Claim::Role(Role::from_word(value).ok_or_else(|| format!("no role: {value}"))?),
        "vendor" => Claim::Vendor(text()),
        "model" => Claim::Model(text()),
        "firmware" => Claim::Firmware(text()),
        "serial" => Claim::Serial(text()),
        "order_number" => Claim::OrderNumber(text()),
        "os" => Claim::Os(text()),
        "mode" => Claim::Mode(text()),
        "host_name" => Claim::Name(NameKind::Host, text()),
        "station_name" => Claim::Name(NameKind::Station, text()),
        "protection" => Claim::Protection(text()),
        "vlan" => Claim::Vlan(number(attribute, value)?),
        other => return Err(format!("no attribute of evidence: {other}")),
    })
}

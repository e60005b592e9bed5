//! What really happened: kept while the plant runs, written as JSON at its end.

use super::device::{Device, Zone};
use super::tells::{self, Shown};
use crate::build::iec104::civil;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An operation name with the unit it is addressed to, if any.
type Operation = (&'static str, Option<u32>);

/// Frames of an attack are listed as ranges; beyond this many the list ends and says so. A range costs 16 bytes,
/// and a man in the middle of one poll per second makes three per second.
const MAX_RANGES: usize = 100_000;

/// Traffic between two devices in one protocol.
#[derive(Debug, Default)]
pub struct Talk {
    frames: u64,
    lost: u64,
    first: i64,
    last: i64,
    operations: BTreeMap<Operation, u64>,
    partly_seen: BTreeMap<Operation, u64>,
}

/// A notable event.
#[derive(Debug)]
struct Event {
    time: i64,
    kind: &'static str,
    text: String,
    devices: Vec<usize>,
}

/// An attack.
#[derive(Debug)]
pub struct Attack {
    /// Scenario.
    pub scenario: &'static str,
    /// Who acts.
    pub actors: Vec<usize>,
    /// On whom.
    pub subjects: Vec<usize>,
    /// Words a monitor should say.
    pub expected: &'static [&'static str],
    steps: Vec<(i64, String)>,
    ranges: Vec<(u64, u64)>,
    frames: u64,
    span: Option<(i64, i64)>,
}

/// Who talks to whom: actor, subject (none for groups), protocol.
type Key = (usize, Option<usize>, &'static str);

/// The record.
#[derive(Debug, Default)]
pub struct Truth {
    keys: BTreeMap<Key, usize>,
    talks: Vec<(Key, Talk)>,
    events: Vec<Event>,
    attacks: Vec<Attack>,
    frames: u64,
    shown: BTreeMap<usize, Shown>,
}

/// What a frame means, told when it is written.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// Index of the conversation.
    pub talk: usize,
    /// An operation this frame completes.
    pub operation: Option<Operation>,
    /// Some frame of that operation is not in the capture.
    pub partly: bool,
    /// The attack it belongs to.
    pub attack: Option<usize>,
}

/// ISO 8601 in UTC, milliseconds.
pub fn stamp(ns: i64) -> String {
    let ms = ns.div_euclid(1_000_000);
    let (days, t) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (y, m, d) = civil(days);
    format!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{:03}Z", t / 3_600_000, t / 60_000 % 60, t / 1000 % 60, t % 1000)
}

fn dotted(ip: [u8; 4]) -> String {
    format!("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3])
}

fn colons(mac: [u8; 6]) -> String {
    mac.map(|b| format!("{b:02x}")).join(":")
}

impl Truth {
    /// The index of a conversation, made when new.
    pub fn talk(&mut self, actor: usize, subject: Option<usize>, protocol: &'static str) -> usize {
        let key = (actor, subject, protocol);
        *self.keys.entry(key).or_insert_with(|| {
            self.talks.push((key, Talk::default()));
            self.talks.len() - 1
        })
    }

    /// Notes an event.
    pub fn event(&mut self, time: i64, kind: &'static str, text: String, devices: Vec<usize>) {
        self.events.push(Event { time, kind, text, devices });
    }

    /// Notes that messages put now show facts about a device that their operation's name does not tell.
    pub fn tells(&mut self, device: usize, protocol: &'static str, attributes: &[&'static str]) {
        tells::add(&mut self.shown, device, protocol, attributes);
    }

    /// Begins an attack; its frames come by [`Truth::written`].
    pub fn attack(&mut self, scenario: &'static str, expected: &'static [&'static str]) -> usize {
        let lists = (Vec::new(), Vec::new());
        let (actors, subjects) = lists;
        self.attacks.push(Attack {
            scenario,
            actors,
            subjects,
            expected,
            steps: Vec::new(),
            ranges: Vec::new(),
            frames: 0,
            span: None,
        });
        self.attacks.len() - 1
    }

    /// A step of an attack, with who acts on whom.
    pub fn step(&mut self, attack: usize, time: i64, text: &str, actor: usize, subjects: &[usize]) {
        let a = &mut self.attacks[attack];
        a.steps.push((time, text.to_string()));
        if !a.actors.contains(&actor) {
            a.actors.push(actor);
        }
        for s in subjects {
            if !a.subjects.contains(s) {
                a.subjects.push(*s);
            }
        }
    }

    /// A frame was written.
    pub fn written(&mut self, time: i64, m: &Meaning) {
        self.frames += 1;
        let t = &mut self.talks[m.talk].1;
        if t.frames == 0 {
            t.first = time;
        }
        t.frames += 1;
        t.last = time;
        if let Some(op) = m.operation {
            *if m.partly { &mut t.partly_seen } else { &mut t.operations }.entry(op).or_default() += 1;
        }
        if let Some(a) = m.attack.and_then(|a| self.attacks.get_mut(a)) {
            a.frames += 1;
            a.span = Some((a.span.map_or(time, |s| s.0), time));
            let full = a.ranges.len() >= MAX_RANGES;
            match a.ranges.last_mut() {
                Some(r) if r.1 + 1 == self.frames => r.1 = self.frames,
                _ if full => {}
                _ => a.ranges.push((self.frames, self.frames)),
            }
        }
    }

    /// A frame was on the network but the capture missed it.
    pub fn missed(&mut self, talk: usize) {
        self.talks[talk].1.lost += 1;
    }

    /// Frames written so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The whole record.
    pub fn json(&self, settings: Value, devices: &[Device], end: i64) -> Value {
        let name = |i: usize| devices[i].name.clone();
        let ops = |m: &BTreeMap<Operation, u64>| -> Vec<Value> {
            m.iter().map(|((op, unit), n)| json!({"operation": op, "unit": unit, "count": n})).collect()
        };
        let talks: Vec<Value> = self
            .talks
            .iter()
            .filter(|(_, t)| t.frames > 0)
            .map(|((a, s, p), t)| {
                json!({
                    "actor": name(*a), "subject": s.map(name), "protocol": p, "frames": t.frames, "frames_missed": t.lost,
                    "first": stamp(t.first), "last": stamp(t.last),
                    "operations": ops(&t.operations), "partly_seen": ops(&t.partly_seen),
                })
            })
            .collect();
        let mut shown = self.shown.clone();
        for ((actor, subject, protocol), talk) in &self.talks {
            for (operation, unit) in talk.operations.keys() {
                // What a gateway answers for a unit is that unit's.
                if let Some(gateway) = subject.filter(|s| unit.is_some() && devices[*s].kind == "gateway") {
                    if *operation == "read_device_identification" {
                        tells::add(&mut shown, gateway, protocol, &["modules"]);
                    }
                    continue;
                }
                tells::note(&mut shown, (*actor, *subject), protocol, operation);
            }
            // Behind the WAN router only the router's hardware address is seen.
            if talk.frames > 0 && devices[*actor].zone != Zone::Remote {
                tells::add(&mut shown, *actor, "ethernet", &["mac"]);
            }
        }
        let none = Shown::new();
        let known = devices.iter().enumerate().map(|(i, d)| device(d, shown.get(&i).unwrap_or(&none)));
        let mut events: Vec<&Event> = self.events.iter().filter(|e| e.time < end).collect();
        events.sort_by_key(|e| e.time);
        let events: Vec<Value> = events
            .iter()
            .map(|e| {
                let who: Vec<String> = e.devices.iter().map(|d| name(*d)).collect();
                json!({"time": stamp(e.time), "kind": e.kind, "text": e.text, "devices": who})
            })
            .collect();
        let attacks: Vec<Value> = self.attacks.iter().filter(|a| a.frames > 0).map(|a| attack(a, &name, end)).collect();
        json!({
            "settings": settings, "frames": self.frames,
            "devices": known.collect::<Vec<_>>(),
            "conversations": talks, "timeline": events, "attacks": attacks,
        })
    }
}

fn attack(a: &Attack, name: &dyn Fn(usize) -> String, end: i64) -> Value {
    let names = |l: &[usize]| l.iter().map(|d| name(*d)).collect::<Vec<_>>();
    let steps = a.steps.iter().filter(|s| s.0 < end);
    json!({
        "scenario": a.scenario, "start": a.span.map(|s| stamp(s.0)), "end": a.span.map(|s| stamp(s.1)),
        "actors": names(&a.actors), "subjects": names(&a.subjects), "expected": a.expected,
        "steps": steps.map(|(t, s)| json!({"time": stamp(*t), "text": s})).collect::<Vec<_>>(),
        "frames": a.frames, "frame_ranges": a.ranges, "frame_ranges_complete": a.ranges.len() < MAX_RANGES,
    })
}

fn device(d: &Device, shown: &Shown) -> Value {
    let modules: Vec<Value> = d
        .modules
        .iter()
        .map(|m| {
            json!({"place": m.place, "vendor": m.vendor, "model": m.model, "firmware": m.firmware, "serial": m.serial})
        })
        .collect();
    let spans: Vec<Value> = d
        .addresses
        .iter()
        .map(|s| json!({"ip": dotted(s.ip), "mac": colons(s.mac), "from": stamp(s.from), "until": s.until.map(stamp)}))
        .collect();
    json!({
        "name": d.name, "type": d.kind, "vendor": d.vendor, "model": d.model, "order_number": d.order,
        "firmware": d.firmware, "serial": d.serial, "purdue_level": d.level, "zone": d.zone.word(),
        "vlan": d.zone.vlan(), "mac": colons(d.mac), "ip": dotted(d.ip), "addresses": spans, "modules": modules, "shown_by": shown,
    })
}

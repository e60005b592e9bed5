//! Alerts, conversations, unknown traffic and transfers as JSON.

use crate::codec::{
    Read, at, class, endpoint, endpoint_out, host, host_out, list, maybe, number, pair, path, path_out, signed, stamp,
    stamp_out, subject, subject_out, text, word,
};
use crate::{Error, words};
use analysis::alerts::{Alert, State, Words};
use analysis::conversations::{Conversation, Operation, Outcomes, Range, Unknown};
use analysis::detections::{Severity, by_name};
use model::{Shape, Stamp, Transfer, TransferKind};
use serde_json::{Value, json};

fn get<'a>(v: &'a Value, key: &str) -> &'a Value {
    v.get(key).unwrap_or(&Value::Null)
}

fn flag(v: &Value) -> bool {
    v.as_bool().unwrap_or(false)
}

pub fn alert_out(a: &Alert) -> Value {
    let facts: Vec<Value> = a.facts.iter().map(|(k, w)| json!([k, w.kept, w.more])).collect();
    json!({
        "detection": a.detection, "key": a.key, "severity": a.severity.word(), "state": a.state.word(),
        "actor": a.actor.map(subject_out), "subject": a.subject.map(subject_out), "count": a.count,
        "first": stamp_out(a.first), "last": stamp_out(a.last),
        "because": a.because.iter().map(|s| stamp_out(*s)).collect::<Vec<_>>(),
        "facts": facts, "numbers": a.numbers.iter().map(|(k, n)| json!([k, n])).collect::<Vec<_>>(),
    })
}

/// `None` where this program has no such detection (any more).
pub fn alert(id: u64, v: &Value) -> Read<Option<Alert>> {
    let Some(detection) = get(v, "detection").as_str().and_then(by_name) else { return Ok(None) };
    let bad = |what: &str| Error::Corrupt(format!("alert {id:016x}: {what} cannot be read"));
    let severity = get(v, "severity").as_str().and_then(Severity::from_word).ok_or_else(|| bad("severity"))?;
    let state = get(v, "state").as_str().and_then(State::from_word).ok_or_else(|| bad("state"))?;
    let mut alert = Alert {
        id,
        detection: detection.name(),
        key: text(get(v, "key"))?,
        severity,
        actor: maybe(get(v, "actor"), subject)?,
        subject: maybe(get(v, "subject"), subject)?,
        count: number(get(v, "count"))?,
        first: stamp(get(v, "first"))?,
        last: stamp(get(v, "last"))?,
        because: list(get(v, "because"))?.iter().map(stamp).collect::<Read<_>>()?,
        facts: Default::default(),
        numbers: Default::default(),
        state,
    };
    for fact in list(get(v, "facts"))? {
        let kept = list(at(fact, 1))?.iter().map(text).collect::<Read<_>>()?;
        alert.facts.insert(word(at(fact, 0))?, Words { kept, more: flag(at(fact, 2)) });
    }
    for entry in list(get(v, "numbers"))? {
        alert.numbers.insert(word(at(entry, 0))?, number(at(entry, 1))?);
    }
    Ok(Some(alert))
}

fn operation_out(o: &Operation) -> Value {
    let range =
        |r: &Range| json!([r.target, r.min.map(f64::to_bits), r.max.map(f64::to_bits), r.last, r.states, r.many]);
    let out = &o.outcomes;
    json!({
        "operation": o.operation, "code": o.code, "class": o.class.word(), "path": path_out(o.path), "count": o.count,
        "outcomes": [out.ok, out.no_reply, out.reply_only, out.unseen],
        "refused": out.refused.iter().map(|(c, n)| json!([c, n])).collect::<Vec<_>>(),
        "first": stamp_out(o.first), "last": stamp_out(o.last), "period": o.period,
        "ranges": o.ranges.iter().map(range).collect::<Vec<_>>(), "latency": o.latency, "novel": o.novel,
    })
}

fn operation(v: &Value) -> Read<Operation> {
    let first = stamp(get(v, "first"))?;
    let mut o = Operation::kept(
        word(get(v, "operation"))?,
        number(get(v, "code"))?,
        class(get(v, "class"))?,
        path(get(v, "path"))?,
        first,
    );
    o.count = number(get(v, "count"))?;
    o.last = stamp(get(v, "last"))?;
    let ends = get(v, "outcomes");
    o.outcomes = Outcomes {
        ok: number(at(ends, 0))?,
        no_reply: number(at(ends, 1))?,
        reply_only: number(at(ends, 2))?,
        unseen: number(at(ends, 3))?,
        refused: Default::default(),
    };
    for entry in list(get(v, "refused"))? {
        o.outcomes.refused.insert(number(at(entry, 0))?, number(at(entry, 1))?);
    }
    o.period = maybe(get(v, "period"), signed)?;
    o.latency = maybe(get(v, "latency"), |v| Ok((signed(at(v, 0))?, signed(at(v, 1))?)))?;
    o.novel = number(get(v, "novel"))?;
    for r in list(get(v, "ranges"))? {
        // numbers keep every bit
        let (min, max) = (at(r, 1).as_u64().map(f64::from_bits), at(r, 2).as_u64().map(f64::from_bits));
        o.ranges.push(Range::kept(text(at(r, 0))?, min, max, text(at(r, 3))?, number(at(r, 4))?, flag(at(r, 5))));
    }
    Ok(o)
}

pub fn conversation_out(c: &Conversation) -> Value {
    json!({
        "actor": host_out(c.actor), "subject": host_out(c.subject), "protocol": c.protocol, "ports": c.ports,
        "transport": c.transport, "roles_known": c.roles_known, "frames": c.frames, "bytes": c.bytes,
        "flows": c.flows, "vlans": c.vlans, "first": stamp_out(c.first), "last": stamp_out(c.last),
        "operations": c.operations.iter().map(operation_out).collect::<Vec<_>>(),
    })
}

pub fn conversation(v: &Value) -> Read<Conversation> {
    Ok(Conversation {
        actor: host(get(v, "actor"))?,
        subject: host(get(v, "subject"))?,
        protocol: word(get(v, "protocol"))?,
        ports: list(get(v, "ports"))?.iter().map(number).collect::<Read<_>>()?,
        transport: maybe(get(v, "transport"), word)?,
        roles_known: flag(get(v, "roles_known")),
        frames: pair(get(v, "frames"))?,
        bytes: pair(get(v, "bytes"))?,
        flows: number(get(v, "flows"))?,
        vlans: list(get(v, "vlans"))?.iter().map(number).collect::<Read<_>>()?,
        first: stamp(get(v, "first"))?,
        last: stamp(get(v, "last"))?,
        operations: list(get(v, "operations"))?.iter().map(operation).collect::<Read<_>>()?,
    })
}

pub fn unknown_out(u: &Unknown) -> Value {
    let shape = |s: &Shape| json!([s.leading[0], s.leading[1], s.sizes[0], s.sizes[1], s.period, s.entropy]);
    json!({
        "client": host_out(u.client), "server": host_out(u.server), "transport": u.transport, "kind": u.kind,
        "port": u.port, "frames": u.frames, "bytes": u.bytes, "first": stamp_out(u.first), "last": stamp_out(u.last),
        "shape": u.shape.as_ref().map(shape),
    })
}

pub fn unknown(v: &Value) -> Read<Unknown> {
    let bytes = |v: &Value| list(v)?.iter().map(number::<u8>).collect::<Read<Vec<u8>>>();
    let sizes = |v: &Value| -> Read<[u32; 2]> { Ok([number(at(v, 0))?, number(at(v, 1))?]) };
    let shape = |v: &Value| {
        Ok(Shape {
            leading: [bytes(at(v, 0))?, bytes(at(v, 1))?],
            sizes: [sizes(at(v, 2))?, sizes(at(v, 3))?],
            period: maybe(at(v, 4), signed)?,
            entropy: number(at(v, 5))?,
        })
    };
    Ok(Unknown {
        client: host(get(v, "client"))?,
        server: host(get(v, "server"))?,
        transport: word(get(v, "transport"))?,
        kind: number(get(v, "kind"))?,
        port: number(get(v, "port"))?,
        frames: pair(get(v, "frames"))?,
        bytes: pair(get(v, "bytes"))?,
        first: stamp(get(v, "first"))?,
        last: stamp(get(v, "last"))?,
        shape: maybe(get(v, "shape"), shape)?,
    })
}

pub fn transfer_out((at, t): &(Stamp, Transfer)) -> Value {
    json!({
        "at": stamp_out(*at), "protocol": t.protocol, "actor": endpoint_out(t.actor), "subject": endpoint_out(t.subject),
        "path": path_out(t.path), "kind": t.kind.word(), "content": t.content, "name": t.name, "size": t.size,
        "sha256": t.sha256, "complete": t.complete, "first": stamp_out(t.first),
    })
}

pub fn transfer(v: &Value) -> Read<(Stamp, Transfer)> {
    let kind = get(v, "kind").as_str().and_then(TransferKind::from_word);
    let transfer = Transfer {
        protocol: word(get(v, "protocol"))?,
        actor: endpoint(get(v, "actor"))?,
        subject: endpoint(get(v, "subject"))?,
        path: path(get(v, "path"))?,
        kind: kind.ok_or_else(|| Error::Corrupt("a transfer cannot be read".to_string()))?,
        content: words::keep(&text(get(v, "content"))?)?,
        name: text(get(v, "name"))?,
        size: number(get(v, "size"))?,
        sha256: text(get(v, "sha256"))?,
        complete: flag(get(v, "complete")),
        first: stamp(get(v, "first"))?,
    };
    Ok((stamp(get(v, "at"))?, transfer))
}

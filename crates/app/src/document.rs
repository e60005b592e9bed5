//! `bourdon analyze --json`: one document, described in docs/json.md. Names are versioned, never renamed silently.

use crate::analyze::Answers;
use crate::feed::Source;
use crate::site::About;
use analysis::Judge;
use analysis::alerts::{because, sentence};
use analysis::inventory::{Asset, Attribute, Judgement};
use analysis::knowledge::Knowledge;
use model::Stamp;
use serde_json::{Map, Value, json};

/// The schema's name and version.
const SCHEMA: &str = "bourdon/analyze/1";

/// The document as text.
pub fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The document.
pub fn of(answers: &Answers<'_>) -> Value {
    let Answers { judge, assets, sources, knowledge, site } = *answers;
    json!({
        "schema": SCHEMA,
        "summary": summary(judge, assets, sources, site),
        "assets": assets.iter().map(asset).collect::<Vec<_>>(),
        "conversations": conversations(judge),
        "unknown_traffic": unknown(judge),
        "protocols": protocols(judge),
        "alerts": judge.alerts.list().into_iter().map(|a| alert(a, judge, knowledge)).collect::<Vec<_>>(),
        "transfers": transfers(judge),
        "health": health(judge),
    })
}

fn stamp(at: Stamp) -> Value {
    json!({ "time": at.time.to_string(), "frame": at.frame })
}

fn summary(judge: &Judge, assets: &[Asset], sources: &[Source], site: Option<&About>) -> Value {
    let q = judge.quality.snapshot();
    json!({
        "first": judge.tally.span.map(|s| stamp(s.0)),
        "last": judge.tally.span.map(|s| stamp(s.1)),
        "frames": sources.iter().map(|s| s.frames).sum::<u64>(),
        "devices": assets.len(),
        "alerts": judge.alerts.list().len(),
        "not_understood_frames": q.not_understood_frames,
        "not_understood_bytes": q.not_understood_bytes,
        "lost_bytes": q.lost_bytes,
        "one_sided_pairs": q.one_sided_pairs,
        "tcp_pairs": q.tcp_pairs,
        "vlans": q.vlans,
        "site": site.map(|s| json!({ "files": s.files, "frames": s.frames, "known": s.known })),
        "files": sources.iter().map(|s| json!({
            "name": s.name,
            "sha256": s.meter.sha256(),
            "size": s.meter.size,
            "frames": s.frames,
            "problems": s.problems,
            "same_as": s.same_as,
        })).collect::<Vec<_>>(),
    })
}

fn attribute(a: &Attribute) -> Value {
    let because: Vec<Value> = a
        .because
        .iter()
        .map(|s| json!({ "protocol": s.protocol, "said": s.raw, "first": stamp(s.first), "last": stamp(s.last), "count": s.count }))
        .collect();
    let conflicts: Vec<&String> = a.conflicts.iter().map(|o| &o.value).collect();
    json!({ "value": a.value, "strength": a.strength.word(), "because": because, "conflicts": conflicts })
}

fn judgement(j: &Judgement) -> Value {
    let reasons: Vec<String> = j.reasons.iter().map(|r| r.text()).collect();
    json!({ "value": j.value, "strength": j.strength.word(), "reasons": reasons })
}

fn attributes(pairs: &[(&str, &Option<Attribute>)]) -> Map<String, Value> {
    pairs.iter().filter_map(|(k, v)| v.as_ref().map(|v| (k.to_string(), attribute(v)))).collect()
}

fn asset(a: &Asset) -> Value {
    let known = attributes(&[
        ("host_name", &a.host_name),
        ("domain", &a.domain),
        ("station_name", &a.station_name),
        ("system_name", &a.system_name),
        ("project", &a.project),
        ("vendor", &a.vendor),
        ("model", &a.model),
        ("family", &a.family),
        ("order_number", &a.order_number),
        ("firmware", &a.firmware),
        ("software", &a.software),
        ("hardware", &a.hardware),
        ("serial", &a.serial),
        ("os", &a.os),
        ("description", &a.description),
        ("location", &a.location),
        ("contact", &a.contact),
        ("mode", &a.mode),
    ]);
    let modules: Vec<Value> = a
        .modules
        .iter()
        .map(|m| {
            let known = attributes(&[
                ("name", &m.name),
                ("vendor", &m.vendor),
                ("model", &m.model),
                ("order_number", &m.order_number),
                ("firmware", &m.firmware),
                ("hardware", &m.hardware),
                ("serial", &m.serial),
            ]);
            json!({ "rack": m.rack, "slot": m.slot, "attributes": known })
        })
        .collect();
    json!({
        "id": a.id.to_string(),
        "name": a.name,
        "addresses": a.addresses.iter().map(|u| u.address.to_string()).collect::<Vec<_>>(),
        "macs": a.macs.iter().map(|u| u.address.to_string()).collect::<Vec<_>>(),
        "vlans": a.vlans,
        "external": a.external,
        "device_type": a.device_type.as_ref().map(judgement),
        "level": a.level.as_ref().map(judgement),
        "attributes": known,
        "modules": modules,
        "units": a.units.iter().map(|u| json!({
            "unit": u.number, "path": u.path.to_string(), "asset": u.asset.map(|i| i.to_string()), "reason": u.reason.text(),
        })).collect::<Vec<_>>(),
        "parent": a.parent.map(|p| p.to_string()),
        "protocols": a.protocols,
        "services": a.services.iter().map(|s| json!({
            "transport": s.transport, "port": s.port, "protocol": s.protocol,
        })).collect::<Vec<_>>(),
        "remarks": a.remarks.iter().map(|r| r.text()).collect::<Vec<_>>(),
        "first": stamp(a.first),
        "last": stamp(a.last),
    })
}

fn conversations(judge: &Judge) -> Vec<Value> {
    let operation = |o: &analysis::conversations::Operation| {
        json!({
            "operation": o.operation, "code": o.code, "class": o.class.word(), "path": o.path.to_string(),
            "count": o.count, "ok": o.outcomes.ok, "refused": o.outcomes.refused.values().sum::<u64>(),
            "no_reply": o.outcomes.no_reply, "reply_only": o.outcomes.reply_only, "unseen": o.outcomes.unseen,
            "period_ns": o.period, "first": stamp(o.first), "last": stamp(o.last),
            "ranges": o.ranges.iter().map(|r| json!({
                "target": r.target, "min": r.min, "max": r.max, "last": r.last,
            })).collect::<Vec<_>>(),
        })
    };
    let row = |c: analysis::conversations::Conversation| {
        json!({
            "actor": c.actor.to_string(), "subject": c.subject.to_string(), "protocol": c.protocol,
            "roles_known": c.roles_known, "ports": c.ports, "frames": c.frames, "bytes": c.bytes,
            "first": stamp(c.first), "last": stamp(c.last),
            "operations": c.operations.iter().map(operation).collect::<Vec<_>>(),
        })
    };
    judge.conversations.snapshot().into_iter().map(row).collect()
}

fn unknown(judge: &Judge) -> Vec<Value> {
    let row = |u: analysis::conversations::Unknown| {
        json!({
            "client": u.client.to_string(), "server": u.server.to_string(), "transport": u.transport, "kind": u.kind,
            "port": u.port, "frames": u.frames, "bytes": u.bytes,
            "entropy_bits": u.shape.as_ref().map(|s| f64::from(s.entropy) / 100.0),
            "period_ns": u.shape.as_ref().and_then(|s| s.period),
            "sizes": u.shape.as_ref().map(|s| s.sizes),
            "leading": u.shape.as_ref().map(|s| s.leading.iter().map(|b| hex(b)).collect::<Vec<_>>()),
            "first": stamp(u.first), "last": stamp(u.last),
        })
    };
    judge.conversations.unknown().into_iter().map(row).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn protocols(judge: &Judge) -> Vec<Value> {
    let tally = &judge.tally;
    let row = |(name, count): (&&'static str, &u64)| {
        let operations: Map<String, Value> = tally
            .operations
            .iter()
            .filter(|((p, _), _)| p == name)
            .map(|((_, o), n)| (o.to_string(), json!(n)))
            .collect();
        let anomalies: Map<String, Value> = tally
            .anomalies
            .iter()
            .filter(|((p, _), _)| p == name)
            .map(|((_, k), n)| (k.to_string(), json!(n)))
            .collect();
        json!({ "protocol": name, "transactions": count, "operations": operations, "anomalies": anomalies })
    };
    tally.transactions.iter().map(row).collect()
}

fn alert(a: &analysis::alerts::Alert, judge: &Judge, knowledge: &Knowledge) -> Value {
    let page = a.about().map(|d| &d.page);
    let section = |heading: &str| {
        page.and_then(|p| p.sections.iter().find(|(h, _)| *h == heading)).map(|(_, text)| text.trim().to_string())
    };
    let technique = |id: &&'static str| json!({ "id": id, "name": knowledge.technique(id).map(|t| t.name.clone()) });
    json!({
        "id": format!("{:016x}", a.id),
        "detection": a.detection,
        "title": page.map(|p| p.title),
        "severity": a.severity.to_string(),
        "what_happened": sentence(a, &judge.world),
        "because": because(a, &judge.world).iter().map(|l| json!({ "name": l.name, "value": l.value })).collect::<Vec<_>>(),
        "frames": a.because.iter().map(|s| s.frame).collect::<Vec<_>>(),
        "actor": a.actor.map(|s| s.to_string()),
        "subject": a.subject.map(|s| s.to_string()),
        "count": a.count,
        "first": stamp(a.first),
        "last": stamp(a.last),
        "attack": page.map(|p| p.attack.iter().map(technique).collect::<Vec<_>>()),
        "what_it_means": section("What it means"),
        "what_to_check_first": section("What to check first"),
        "what_not_to_touch": section("What not to touch"),
    })
}

fn transfers(judge: &Judge) -> Vec<Value> {
    let row = |(at, t): &(Stamp, model::Transfer)| {
        json!({
            "at": stamp(*at), "protocol": t.protocol, "actor": t.actor.to_string(), "subject": t.subject.to_string(),
            "path": t.path.to_string(), "direction": t.kind.word(), "content": t.content, "name": t.name, "size": t.size,
            "sha256": t.sha256, "complete": t.complete,
        })
    };
    judge.tally.transfers.iter().map(row).collect()
}

fn health(judge: &Judge) -> Value {
    let findings: Vec<Value> = judge
        .quality
        .findings()
        .iter()
        .map(|f| json!({ "id": f.id, "serious": f.serious, "symptom": f.symptom(), "cause": f.cause(), "request": f.ask() }))
        .collect();
    let engine: Vec<Value> =
        judge.tally.health.iter().map(|((kind, what), n)| json!({ "kind": kind, "what": what, "count": n })).collect();
    json!({ "quality": findings, "engine": engine, "forgotten": judge.forgotten().into_iter().collect::<Vec<_>>() })
}

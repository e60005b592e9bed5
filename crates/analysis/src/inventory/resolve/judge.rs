//! What kind of device it is and which level it stands on, each with its reasons.

use super::bind::Ties;
use super::group::Group;
use super::values::Values;
use crate::inventory::control::controls;
use crate::inventory::store::Statement;
use crate::inventory::{Judgement, Names, Reason};
use model::{Claim, Class, Host, NameKind, Role, Strength};
use std::collections::{BTreeMap, BTreeSet};

/// Devices read from, at least, before reading and storing looks like a historian.
const HISTORIAN_MIN_DEVICES: usize = 5;
/// Databases and archives a historian writes to or is.
const STORES: &[&str] =
    &["postgres", "pgsql", "mysql", "mssql", "tds", "oracle", "tns", "mongodb", "influxdb", "pi", "opc_hda"];

/// The type a stated role stands for; `None` where the role says too little.
pub(super) fn type_of(role: Role) -> Option<(&'static str, u8)> {
    // How far a role tells what the device is: control roles first, services anyone may offer last.
    Some(match role {
        Role::Safety => ("safety_controller", 9),
        Role::Io => ("io_module", 7),
        Role::Engineering => ("engineering_station", 6),
        Role::Hmi => ("hmi", 6),
        Role::Historian => ("historian", 6),
        Role::Ied => ("ied", 7),
        Role::Drive => ("drive", 8),
        Role::Robot => ("robot", 8),
        Role::Meter => ("meter", 8),
        Role::Building => ("building_controller", 7),
        Role::Gateway => ("protocol_converter", 6),
        Role::Router => ("router", 6),
        Role::Switch => ("switch", 7),
        Role::AccessPoint => ("wireless_access_point", 7),
        Role::Printer => ("printer", 7),
        Role::Camera => ("ip_camera", 7),
        Role::Phone => ("ip_telephone", 7),
        Role::Ups => ("ups", 7),
        Role::DomainController => ("domain_controller", 7),
        Role::Database => ("database_server", 4),
        Role::TimeServer => ("ntp_server", 2),
        Role::NameServer | Role::DhcpServer | Role::FileServer | Role::Server => ("server", 2),
        Role::Workstation => ("workstation", 1),
        Role::Controller | Role::Master | Role::WebServer => return None,
    })
}

/// What speaks for a type: how strongly, the strength of the claim behind it, why.
struct Voice {
    kind: String,
    weight: u32,
    strength: Strength,
    reason: Reason,
}

/// What a device does to others and lets be done, by protocol.
#[derive(Default)]
struct Deeds {
    acts: BTreeMap<&'static str, BTreeMap<Class, BTreeSet<Host>>>,
    obeys: BTreeMap<&'static str, BTreeSet<Class>>,
    offers: BTreeSet<&'static str>,
    speaks: BTreeSet<&'static str>,
}

fn deeds(group: &Group) -> Deeds {
    let mut deeds = Deeds::default();
    for fact in &group.facts {
        match &fact.statement {
            Statement::Acts { class, on } => {
                deeds.acts.entry(fact.protocol).or_default().entry(*class).or_default().insert(*on);
            }
            Statement::Obeys { class } => {
                deeds.obeys.entry(fact.protocol).or_default().insert(*class);
            }
            Statement::Claim(Claim::Service { protocol, .. }) => {
                deeds.offers.insert(protocol);
            }
            Statement::Speaks => {
                deeds.speaks.insert(fact.protocol);
            }
            _ => {}
        }
    }
    deeds
}

/// How others program this device: protocol → who, for `is_programmed`.
pub(super) type Programmers = BTreeMap<Host, BTreeMap<&'static str, BTreeSet<Host>>>;

fn tables(values: &Values<'_>, group: &Group, names: &dyn Names, out: &mut Vec<Voice>) {
    for (fact, text, by_order, product) in values.products() {
        if let Some(kind) = product.device_type.clone() {
            let reason = match by_order {
                true => Reason::new("type_of_order_number").with("order", text),
                false => Reason::new("type_of_product").with("product", text),
            };
            let reason = reason.with("type", &kind);
            out.push(Voice { kind, weight: if *by_order { 95 } else { 92 }, strength: fact.strength, reason });
        }
    }
    for fact in &group.facts {
        if let Some(Claim::ProductCode { space: "enip" | "cip", kind, .. }) = fact.claim()
            && let Some(word) = names.cip_device_type(*kind)
        {
            let reason = Reason::new("type_of_cip_device_type").with("kind", kind).with("type", &word);
            out.push(Voice { kind: word, weight: 80, strength: fact.strength, reason });
        }
    }
}

/// What is in the rack: a chassis with a controller in it is a controller, whichever card answers for it.
fn modules(group: &Group, names: &dyn Names, out: &mut Vec<Voice>) {
    for (path, facts) in &group.modules {
        let values = Values::new(facts, names);
        let by_product = values.products().iter().filter_map(|(fact, _, _, p)| Some((*fact, p.device_type.clone()?)));
        let by_number = facts.iter().filter_map(|fact| match fact.claim() {
            Some(Claim::ProductCode { space: "enip" | "cip", kind, .. }) => Some((fact, names.cip_device_type(*kind)?)),
            _ => None,
        });
        for (fact, kind) in by_product.chain(by_number).filter(|(_, kind)| CONTROLLERS.contains(&kind.as_str())) {
            let reason = Reason::new("controller_inside").with("type", &kind).with("place", path);
            out.push(Voice { kind, weight: 96, strength: Strength::Implied.min(fact.strength), reason });
        }
    }
}

/// What makes the rack around it a device of its kind.
const CONTROLLERS: &[&str] = &["plc", "safety_controller"];

fn roles(group: &Group, out: &mut Vec<Voice>) {
    for fact in &group.facts {
        let Some(Claim::Role(role)) = fact.claim() else { continue };
        // PROFINET's discovery names the roles of its cyclic exchange
        let obeyer = if fact.protocol == "profinet_dcp" { Some("plc") } else { controls(fact.protocol) };
        let by_protocol = obeyer.and_then(|obeyer| match role {
            Role::Controller => Some((obeyer, 5)),
            Role::Master => Some((master_over(obeyer), MAX_COMMON)),
            _ => None,
        });
        let Some((kind, tells)) = type_of(*role).or(by_protocol) else { continue };
        let id = if fact.strength >= Strength::Stated { "states_role" } else { "behaves_as" };
        let base = match fact.strength {
            // What any computer may offer says little, however clearly it is said.
            strength if tells <= MAX_COMMON => 20 + strength as u32,
            Strength::Verified | Strength::Stated => 60,
            Strength::Implied => 45,
            Strength::Guessed => 20,
        };
        let reason = Reason::new(id).with("protocol", fact.protocol).with("role", role);
        out.push(Voice { kind: kind.into(), weight: base + u32::from(tells), strength: fact.strength, reason });
    }
}

/// Roles that tell no more than this are common to many kinds of computer.
const MAX_COMMON: u8 = 4;

/// What commands devices of a kind.
fn master_over(obeyer: &str) -> &'static str {
    if matches!(obeyer, "rtu" | "ied" | "meter") { "scada_server" } else { "hmi" }
}

fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|x| x.to_string()).collect::<Vec<_>>().join(", ")
}

/// Asking and being asked who one is shows nothing: scanners ask, and masters answer, too.
fn works(class: &Class) -> bool {
    !matches!(class, Class::Identify | Class::Diagnose)
}

fn behaviour(deeds: &Deeds, out: &mut Vec<Voice>) {
    let voice = |kind: &str, weight, reason| Voice { kind: kind.into(), weight, strength: Strength::Guessed, reason };
    for (protocol, classes) in &deeds.obeys {
        let Some(kind) = controls(protocol) else { continue };
        if classes.contains(&Class::Program) || classes.contains(&Class::Firmware) {
            let reason = Reason::new("is_programmed").with("protocol", protocol);
            out.push(voice(kind, 58, reason));
        }
        let worth: Vec<Class> = classes.iter().copied().filter(works).collect();
        if !worth.is_empty() {
            out.push(voice(kind, 50, Reason::new("obeys").with("protocol", protocol).with("classes", list(worth))));
        }
    }
    let mut polled: BTreeSet<Host> = BTreeSet::new();
    let mut writes = false;
    for (protocol, classes) in &deeds.acts {
        let on = |wanted: &[Class]| -> BTreeSet<Host> {
            wanted.iter().filter_map(|c| classes.get(c)).flatten().copied().collect()
        };
        let obeyer = controls(protocol).unwrap_or("");
        let programs = on(&[Class::Program, Class::Firmware]);
        // Restarting an outstation is a master's work; switching a controller's mode is an engineer's.
        let modes = if matches!(obeyer, "plc" | "safety_controller") { on(&[Class::Mode]) } else { BTreeSet::new() };
        if !programs.is_empty() || !modes.is_empty() {
            let count = programs.union(&modes).count();
            let reason = Reason::new("programs").with("protocol", protocol).with("count", count);
            out.push(voice("engineering_station", if programs.is_empty() { 53 } else { 57 }, reason));
        }
        let reads = on(&[Class::Read]);
        let changes = on(&[Class::Write, Class::Operate]);
        let master = master_over(obeyer);
        if !changes.is_empty() {
            writes = true;
            let count = changes.union(&reads).count();
            out.push(voice(master, 40, Reason::new("commands").with("protocol", protocol).with("count", count)));
        } else if !reads.is_empty() {
            out.push(voice(master, 35, Reason::new("polls").with("protocol", protocol).with("count", reads.len())));
        }
        polled.extend(reads);
    }
    let store = STORES.iter().find(|s| deeds.speaks.contains(*s) || deeds.offers.contains(*s));
    if let (Some(service), false, true) = (store, writes, polled.len() >= HISTORIAN_MIN_DEVICES) {
        let reason = Reason::new("polls_and_stores").with("count", polled.len()).with("service", service);
        out.push(voice("historian", 44, reason));
    }
    if let Some(service) = STORES.iter().find(|s| deeds.offers.contains(*s)) {
        out.push(voice("database_server", 24, Reason::new("offers").with("service", service)));
    }
}

/// What people call a machine by what it is for, in its names or its description of itself.
const NAMED: &[(&str, &str)] = &[
    ("ews", "engineering_station"),
    ("historian", "historian"),
    ("hmi", "hmi"),
    ("plc", "plc"),
    ("rtu", "rtu"),
    ("scada", "scada_server"),
];

/// A name is a hint: more than what any computer may offer, less than what a device does.
fn called(group: &Group, out: &mut Vec<Voice>) {
    for fact in group.facts.iter().filter(|f| f.own()) {
        let (Some(Claim::Name(NameKind::Host | NameKind::System | NameKind::Station, text))
        | Some(Claim::Description(text))) = fact.claim()
        else {
            continue;
        };
        let words = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
        for word in words {
            if let Some((word, kind)) = NAMED.iter().find(|(known, _)| *known == word) {
                let reason = Reason::new("is_called").with("word", word).with("type", kind);
                out.push(Voice { kind: (*kind).into(), weight: 30, strength: Strength::Guessed, reason });
            }
        }
    }
}

fn place(group: &Group, ties: &Ties, apart: usize, remote: usize, out: &mut Vec<Voice>) {
    for mac in group.macs() {
        if let Some(reason) = ties.routers.get(&mac) {
            let weight = if reason.id == "virtual_router" { 85 } else { 52 };
            out.push(Voice { kind: "router".into(), weight, strength: Strength::Implied, reason: reason.clone() });
        }
    }
    if apart > 0 {
        let reason = Reason::new("units_behind").with("count", apart);
        out.push(Voice { kind: "protocol_converter".into(), weight: 56, strength: Strength::Implied, reason });
    }
    if remote > 0 {
        let reason = Reason::new("remote_behind").with("count", remote);
        out.push(Voice { kind: "router".into(), weight: 51, strength: Strength::Implied, reason });
    }
}

/// The type, where anything speaks for one. `apart` units and `remote` devices are reached through it.
pub(super) fn device_type(
    group: &Group,
    ties: &Ties,
    names: &dyn Names,
    apart: usize,
    remote: usize,
    who: &Programmers,
) -> Option<Judgement> {
    let values = Values::new(&group.facts, names);
    let deeds = deeds(group);
    let mut voices = Vec::new();
    tables(&values, group, names, &mut voices);
    modules(group, names, &mut voices);
    roles(group, &mut voices);
    behaviour(&deeds, &mut voices);
    called(group, &mut voices);
    place(group, ties, apart, remote, &mut voices);
    for voice in voices.iter_mut().filter(|v| v.reason.id == "is_programmed") {
        let protocol = voice.reason.get("protocol").unwrap_or_default().to_string();
        let by: BTreeSet<_> = group
            .nodes
            .iter()
            .filter_map(|n| match n {
                super::group::Node::Ip(host, _) | super::group::Node::Mac(host) => who.get(host),
                _ => None,
            })
            .flat_map(|p| p.get(protocol.as_str()).into_iter().flatten())
            .collect();
        voice.reason = voice.reason.clone().with("count", by.len().max(1));
    }
    if let Some(os) = values.os().filter(|os| os.value.to_lowercase().contains("windows")) {
        let server = os.value.to_lowercase().contains("server");
        let either = server && os.value.contains(" or ");
        let shares = ["smb2", "smb", "nbss"].into_iter().find(|service| deeds.offers.contains(service));
        let voice = |kind: &str, reason| Voice { kind: kind.into(), weight: 10, strength: Strength::Guessed, reason };
        // where the sign fits a client and a server alike, whether it serves files decides
        match (either, shares) {
            (false, _) => {
                let kind = if server { "server" } else { "workstation" };
                voices.push(voice(kind, Reason::new("runs").with("os", &os.value)));
            }
            (true, Some(service)) => voices.push(voice("server", Reason::new("offers").with("service", service))),
            (true, None) => {}
        }
    }
    sum(voices)
}

fn sum(voices: Vec<Voice>) -> Option<Judgement> {
    // Best reasons first, and a type is as good as its best reason.
    let mut voices = voices;
    voices.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| (b.strength, &a.reason).cmp(&(a.strength, &b.reason))));
    let mut kinds: BTreeMap<String, (u32, Strength, Vec<Reason>)> = BTreeMap::new();
    for voice in voices {
        let kind = kinds.entry(voice.kind).or_insert((voice.weight, voice.strength, Vec::new()));
        if !kind.2.contains(&voice.reason) {
            kind.2.push(voice.reason);
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|(a, (x, ..)), (b, (y, ..))| y.cmp(x).then_with(|| a.cmp(b)));
    let mut kinds = kinds.into_iter().map(|(kind, (_, strength, reasons))| (kind, strength, reasons));
    let (value, strength, reasons) = kinds.next()?;
    let others = kinds.map(|(kind, _, reasons)| (kind, reasons)).collect();
    Some(Judgement { value, strength, by_hand: false, reasons, others })
}

/// The level: by type, else by what it does. Who commands controllers is not an office machine, whatever its type.
pub(super) fn level(group: &Group, kind: Option<&str>, names: &dyn Names) -> Option<Judgement> {
    let judged = |level: String, strength, reason| Judgement {
        value: level,
        strength,
        by_hand: false,
        reasons: vec![reason],
        others: Vec::new(),
    };
    let deeds = deeds(group);
    let commands = deeds.acts.iter().find(|(_, classes)| classes.keys().any(works)).map(|(protocol, _)| *protocol);
    let obeys = deeds.obeys.iter().find(|(_, classes)| classes.iter().any(works)).map(|(protocol, _)| *protocol);
    let by_type = kind.and_then(|kind| names.level(kind).map(|level| (kind, level)));
    match (by_type, commands) {
        (Some((_, level)), Some(protocol)) if level.starts_with('4') => {
            Some(judged("3".into(), Strength::Guessed, Reason::new("level_of_master").with("protocol", protocol)))
        }
        (Some((kind, level)), _) => {
            let reason = Reason::new("level_of_type").with("type", kind).with("level", &level);
            Some(judged(level, Strength::Implied, reason))
        }
        (None, commands) => match (obeys, commands) {
            (Some(protocol), _) => {
                let reason = Reason::new("level_of_obeying").with("protocol", protocol);
                Some(judged("1".into(), Strength::Guessed, reason))
            }
            (None, Some(protocol)) => {
                let reason = Reason::new("level_of_master").with("protocol", protocol);
                Some(judged("2".into(), Strength::Guessed, reason))
            }
            (None, None) => None,
        },
    }
}

//! The vocabulary as JSON arrays: short, ordered, readable with any SQLite tool.

use crate::Error;
use crate::words::keep;
use analysis::inventory::Statement;
use model::{
    Address, Claim, Class, Endpoint, Hop, Host, Mac, NameKind, NetworkId, Path, Role, Stamp, Strength, Subject, Time,
};
use serde_json::{Value, json};

/// Result of reading.
pub type Read<T> = Result<T, Error>;

fn broken<T>(what: &str) -> Read<T> {
    Err(Error::Corrupt(format!("{what} cannot be read")))
}

/// Entry of an array.
pub fn at(v: &Value, i: usize) -> &Value {
    v.get(i).unwrap_or(&Value::Null)
}

pub fn text(v: &Value) -> Read<String> {
    v.as_str().map(str::to_string).map_or_else(|| broken("a text"), Ok)
}

pub fn word(v: &Value) -> Read<&'static str> {
    v.as_str().map_or_else(|| broken("a word"), keep)
}

pub fn number<T: TryFrom<u64>>(v: &Value) -> Read<T> {
    v.as_u64().and_then(|n| T::try_from(n).ok()).map_or_else(|| broken("a number"), Ok)
}

pub fn signed(v: &Value) -> Read<i64> {
    v.as_i64().map_or_else(|| broken("a number"), Ok)
}

pub fn list(v: &Value) -> Read<&Vec<Value>> {
    v.as_array().map_or_else(|| broken("a list"), Ok)
}

pub fn pair(v: &Value) -> Read<[u64; 2]> {
    Ok([number(at(v, 0))?, number(at(v, 1))?])
}

pub fn maybe<T>(v: &Value, read: impl Fn(&Value) -> Read<T>) -> Read<Option<T>> {
    if v.is_null() { Ok(None) } else { read(v).map(Some) }
}

pub fn stamp_out(s: Stamp) -> Value {
    json!([s.time.0, s.frame, s.index])
}

pub fn stamp(v: &Value) -> Read<Stamp> {
    Ok(Stamp { time: Time(signed(at(v, 0))?), frame: number(at(v, 1))?, index: number(at(v, 2))? })
}

pub fn address_out(a: Address) -> Value {
    json!(a.to_string())
}

pub fn address(v: &Value) -> Read<Address> {
    let text = v.as_str().unwrap_or_default();
    if let Ok(ip) = text.parse::<std::net::IpAddr>() {
        return Ok(ip.into());
    }
    let bytes: Vec<u8> = text.split(':').filter_map(|b| u8::from_str_radix(b, 16).ok()).collect();
    match <[u8; 6]>::try_from(bytes) {
        Ok(mac) => Ok(Mac(mac).into()),
        Err(_) => broken("an address"),
    }
}

pub fn host_out(h: Host) -> Value {
    json!([h.network.0, address_out(h.address)])
}

pub fn host(v: &Value) -> Read<Host> {
    Ok(Host { network: NetworkId(number(at(v, 0))?), address: address(at(v, 1))? })
}

pub fn endpoint_out(e: Endpoint) -> Value {
    json!([host_out(e.host), e.port])
}

pub fn endpoint(v: &Value) -> Read<Endpoint> {
    Ok(Endpoint { host: host(at(v, 0))?, port: number(at(v, 1))? })
}

pub fn path_out(p: Path) -> Value {
    let hop = |h: Hop| match h {
        Hop::Unit(n) => json!(["unit", n]),
        Hop::Slot { rack, slot } => json!(["slot", rack, slot]),
        Hop::Link { port, link } => json!(["link", port, link]),
        Hop::Remote { network, mac, len } => json!(["remote", network, mac, len]),
        Hop::Instance(n) => json!(["instance", n]),
        Hop::Behind(mac) => json!(["behind", mac.to_string()]),
    };
    Value::Array(p.hops().map(hop).collect())
}

pub fn path(v: &Value) -> Read<Path> {
    let mut path = Path::HOST;
    for hop in list(v)? {
        let (a, b, c) = (at(hop, 1), at(hop, 2), at(hop, 3));
        path = path.then(match at(hop, 0).as_str() {
            Some("unit") => Hop::Unit(number(a)?),
            Some("slot") => Hop::Slot { rack: number(a)?, slot: number(b)? },
            Some("link") => Hop::Link { port: number(a)?, link: number(b)? },
            Some("remote") => Hop::Remote { network: number(a)?, mac: number(b)?, len: number(c)? },
            Some("instance") => Hop::Instance(number(a)?),
            Some("behind") => match address(a)? {
                Address::Mac(mac) => Hop::Behind(mac),
                Address::Ip(_) => return broken("a way"),
            },
            _ => return broken("a way"),
        });
    }
    Ok(path)
}

pub fn subject_out(s: Subject) -> Value {
    json!([host_out(s.host), path_out(s.path)])
}

pub fn subject(v: &Value) -> Read<Subject> {
    Ok(Subject { host: host(at(v, 0))?, path: path(at(v, 1))? })
}

pub fn class(v: &Value) -> Read<Class> {
    v.as_str().and_then(Class::from_word).map_or_else(|| broken("a class"), Ok)
}

pub fn strength(v: &Value) -> Read<Strength> {
    v.as_str().and_then(Strength::from_word).map_or_else(|| broken("a strength"), Ok)
}

pub fn statement_out(s: &Statement) -> Value {
    match s {
        Statement::Claim(claim) => json!(["claim", claim_out(claim)]),
        Statement::Present => json!(["present"]),
        Statement::Speaks => json!(["speaks"]),
        Statement::Acts { class, on } => json!(["acts", class.word(), host_out(*on)]),
        Statement::Obeys { class } => json!(["obeys", class.word()]),
        Statement::ReportsAbsent => json!(["reports_absent"]),
        Statement::Broadcast => json!(["broadcast"]),
        Statement::Ttl { behind, ttl } => json!(["ttl", behind.to_string(), ttl]),
    }
}

pub fn statement(v: &Value) -> Read<Statement> {
    Ok(match at(v, 0).as_str() {
        Some("claim") => Statement::Claim(claim(at(v, 1))?),
        Some("present") => Statement::Present,
        Some("speaks") => Statement::Speaks,
        Some("acts") => Statement::Acts { class: class(at(v, 1))?, on: host(at(v, 2))? },
        Some("obeys") => Statement::Obeys { class: class(at(v, 1))? },
        Some("reports_absent") => Statement::ReportsAbsent,
        Some("broadcast") => Statement::Broadcast,
        Some("ttl") => match address(at(v, 1))? {
            Address::Mac(behind) => Statement::Ttl { behind, ttl: number(at(v, 2))? },
            Address::Ip(_) => return broken("a hardware address"),
        },
        _ => return broken("a statement"),
    })
}

/// The attribute, then what it says.
pub fn claim_out(c: &Claim) -> Value {
    let kind = c.attribute();
    match c {
        Claim::Name(name, text) => json!(["name", name.word(), text]),
        Claim::VendorId { space, id } => json!([kind, space, id]),
        Claim::ProductCode { space, vendor, kind: k, code } => json!([kind, space, vendor, k, code]),
        Claim::Role(role) => json!([kind, role.word()]),
        Claim::SameAs(a) | Claim::SeenBehind(a) => json!([kind, address_out(*a)]),
        Claim::Vlan(vlan) => json!([kind, vlan]),
        Claim::Service { transport, port, protocol } => json!([kind, transport, port, protocol]),
        Claim::Fingerprint { kind: k, text } => json!([kind, k, text]),
        Claim::Vendor(s)
        | Claim::Model(s)
        | Claim::OrderNumber(s)
        | Claim::Firmware(s)
        | Claim::Software(s)
        | Claim::Hardware(s)
        | Claim::Serial(s)
        | Claim::Os(s)
        | Claim::Description(s)
        | Claim::Location(s)
        | Claim::Contact(s)
        | Claim::Mode(s)
        | Claim::Port(s)
        | Claim::Protection(s) => json!([kind, s]),
    }
}

pub fn claim(v: &Value) -> Read<Claim> {
    let (a, b) = (at(v, 1), at(v, 2));
    Ok(match at(v, 0).as_str().unwrap_or_default() {
        "name" => match a.as_str().and_then(NameKind::from_word) {
            Some(kind) => Claim::Name(kind, text(b)?),
            None => return broken("a name"),
        },
        "vendor_id" => Claim::VendorId { space: word(a)?, id: number(b)? },
        "product_code" => {
            Claim::ProductCode { space: word(a)?, vendor: number(b)?, kind: number(at(v, 3))?, code: number(at(v, 4))? }
        }
        "role" => match a.as_str().and_then(Role::from_word) {
            Some(role) => Claim::Role(role),
            None => return broken("a role"),
        },
        "same_as" => Claim::SameAs(address(a)?),
        "seen_behind" => Claim::SeenBehind(address(a)?),
        "vlan" => Claim::Vlan(number(a)?),
        "service" => Claim::Service { transport: word(a)?, port: number(b)?, protocol: word(at(v, 3))? },
        "fingerprint" => Claim::Fingerprint { kind: word(a)?, text: text(b)? },
        "vendor" => Claim::Vendor(text(a)?),
        "model" => Claim::Model(text(a)?),
        "order_number" => Claim::OrderNumber(text(a)?),
        "firmware" => Claim::Firmware(text(a)?),
        "software" => Claim::Software(text(a)?),
        "hardware" => Claim::Hardware(text(a)?),
        "serial" => Claim::Serial(text(a)?),
        "os" => Claim::Os(text(a)?),
        "description" => Claim::Description(text(a)?),
        "location" => Claim::Location(text(a)?),
        "contact" => Claim::Contact(text(a)?),
        "mode" => Claim::Mode(text(a)?),
        "port" => Claim::Port(text(a)?),
        "protection" => Claim::Protection(text(a)?),
        _ => return broken("a claim"),
    })
}

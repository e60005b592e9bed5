//! Which packets are meant.

use super::What;
use crate::read::Known;
use analysis::alerts::sentence;
use anyhow::{Context, Result, bail};
use model::{Address, Endpoint, Mac};
use std::collections::BTreeSet;
use std::net::IpAddr;
use wire::decode::Packet;

/// What was asked for, then (resolved) what it comes to.
#[derive(Default)]
pub struct Choice {
    /// In words.
    pub about: String,
    target: Target,
    /// Frames wanted by number: inclusive ranges, sorted.
    frames: Vec<(u64, u64)>,
    /// One side; the other; empty is anybody.
    sides: [BTreeSet<Address>; 2],
    /// Only within these times (nanoseconds); none is always.
    times: Vec<(i64, i64)>,
    /// Only between these ends, where a protocol was named.
    ends: Option<BTreeSet<(Endpoint, Endpoint)>>,
    /// Why a frame is here: by number, by address.
    why: [String; 2],
}

#[derive(Default)]
enum Target {
    #[default]
    Ready,
    Alert(u64),
    Asset(String),
    Protocol(String),
}

/// What was asked for; true where the captures must be analysed to know what it means.
pub fn parse(what: &What) -> Result<(Choice, bool)> {
    let mut choice = Choice::default();
    if let Some(id) = &what.alert {
        let number = (id.len() <= 16).then(|| u64::from_str_radix(id, 16).ok()).flatten();
        let number = number.with_context(|| format!("--alert: {id} is not an alert's id (16 hexadecimal digits)"))?;
        choice.target = Target::Alert(number);
    } else if let Some(asset) = &what.asset {
        choice.target = Target::Asset(asset.trim().to_string());
    } else if let Some(list) = &what.frames {
        choice.frames = ranges(list)?;
        choice.about = format!("frames {list}");
        choice.why[0] = "asked for by number".to_string();
    } else if let Some(pair) = &what.conversation {
        let words: Vec<&str> = pair.split(',').map(str::trim).collect();
        let (a, b, protocol) = match words.as_slice() {
            [a, b] => (*a, *b, None),
            [a, b, protocol] => (*a, *b, Some(*protocol)),
            _ => bail!("--conversation: {pair} is not A,B or A,B,PROTOCOL"),
        };
        choice.sides = [BTreeSet::from([address(a)?]), BTreeSet::from([address(b)?])];
        choice.about = format!("conversation of {a} and {b}");
        if let Some(protocol) = protocol {
            choice.about.push_str(&format!(" over {protocol}"));
            choice.target = Target::Protocol(protocol.to_string());
        }
        choice.why[1].clone_from(&choice.about);
    }
    let analyse = !matches!(choice.target, Target::Ready);
    Ok((choice, analyse))
}

/// An address as people write it.
fn address(text: &str) -> Result<Address> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(ip.into());
    }
    let bytes: Vec<u8> = text.split([':', '-']).filter_map(|b| u8::from_str_radix(b, 16).ok()).collect();
    let mac: Option<[u8; 6]> = bytes.try_into().ok();
    mac.map(|mac| Mac(mac).into()).with_context(|| format!("{text}: not an IP or hardware address"))
}

fn ranges(list: &str) -> Result<Vec<(u64, u64)>> {
    let mut ranges = Vec::new();
    for part in list.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (from.trim().parse::<u64>(), to.trim().parse::<u64>()) {
            (Ok(from), Ok(to)) if from > 0 && from <= to => ranges.push((from, to)),
            _ => bail!("--frames: {part} is not a frame number or a range like 20-30"),
        }
    }
    if ranges.is_empty() {
        bail!("--frames: no frame number");
    }
    ranges.sort_unstable();
    Ok(ranges)
}

impl Choice {
    /// With what the first pass found out. `context` in nanoseconds.
    pub fn resolve(mut self, known: &Known, context: i64) -> Result<Choice> {
        match core::mem::take(&mut self.target) {
            Target::Ready => {}
            Target::Alert(id) => self.alert(id, known, context)?,
            Target::Asset(asset) => self.asset(&asset, known)?,
            Target::Protocol(protocol) => self.protocol(&protocol, known)?,
        }
        Ok(self)
    }

    fn alert(&mut self, id: u64, known: &Known, context: i64) -> Result<()> {
        let judge = &known.judge;
        let alert = judge.alerts.get(id).with_context(|| {
            format!("no alert {id:016x} in these captures; bourdon analyze --json or --report lists the ids")
        })?;
        self.about = format!("alert {id:016x} ({}): {}", alert.detection, sentence(alert, &judge.world));
        self.frames = alert.because.iter().map(|s| (s.frame, s.frame)).collect();
        self.frames.sort_unstable();
        self.times = alert.because.iter().map(|s| s.time.0).map(|t| (t - context, t + context)).collect();
        let sides = [alert.actor, alert.subject].map(|s| s.map(|s| s.host.address));
        self.sides = match sides {
            // who acts on himself talks to anybody
            [Some(a), Some(b)] if a != b => [BTreeSet::from([a]), BTreeSet::from([b])],
            [a, b] => [a.or(b).into_iter().collect(), BTreeSet::new()],
        };
        self.why = [
            format!("evidence of alert {id:016x} ({})", alert.detection),
            format!("around alert {id:016x} ({})", alert.detection),
        ];
        Ok(())
    }

    fn asset(&mut self, name: &str, known: &Known) -> Result<()> {
        let wanted = address(name).ok();
        let has = |a: &&analysis::inventory::Asset| {
            let uses = || a.addresses.iter().chain(&a.macs);
            a.id.to_string() == name || wanted.is_some_and(|w| uses().any(|u| u.address == w))
        };
        let found: Vec<_> = known.assets.iter().filter(has).collect();
        if found.is_empty() && wanted.is_none() {
            bail!("no device {name} in these captures; an id of bourdon analyze --json or an address is needed");
        }
        self.sides[0].extend(wanted);
        for asset in &found {
            self.sides[0].extend(asset.addresses.iter().chain(&asset.macs).map(|u| u.address));
            self.sides[0].extend(asset.subjects.iter().map(|s| s.host.address));
        }
        let names: Vec<String> = found.iter().map(|a| format!("{} ({})", a.name, a.id)).collect();
        self.about = format!("device {}", if names.is_empty() { name.to_string() } else { names.join(", ") });
        self.why[1].clone_from(&self.about);
        Ok(())
    }

    fn protocol(&mut self, protocol: &str, known: &Known) -> Result<()> {
        let ends: BTreeSet<_> = known
            .ends
            .iter()
            .filter(|(name, a, b)| *name == protocol && self.between(&a.host.address, &b.host.address))
            .map(|(_, a, b)| (*a, *b))
            .collect();
        if ends.is_empty() {
            bail!("{}: not seen in these captures", self.about);
        }
        self.ends = Some(ends);
        Ok(())
    }

    fn between(&self, a: &Address, b: &Address) -> bool {
        let [one, other] = &self.sides;
        let is = |side: &BTreeSet<Address>, x: &Address| side.is_empty() || side.contains(x);
        (is(one, a) && is(other, b)) || (is(one, b) && is(other, a))
    }

    /// Why this frame is wanted; `None` where it is not.
    pub fn wants(&self, number: u64, time: i64, packet: Option<&Packet>) -> Option<&str> {
        let after = self.frames.partition_point(|(from, _)| *from <= number);
        // ranges may overlap; the few before are looked at
        if self.frames.get(..after).unwrap_or_default().iter().any(|(_, to)| *to >= number) {
            return Some(&self.why[0]);
        }
        let packet = packet.filter(|_| !self.sides[0].is_empty())?;
        if !self.times.is_empty() && !self.times.iter().any(|(from, to)| (*from..=*to).contains(&time)) {
            return None;
        }
        let macs = (Address::from(Mac(packet.src_mac)), Address::from(Mac(packet.dst_mac)));
        let by_mac = packet.has_mac && self.between(&macs.0, &macs.1);
        let ips = (Address::from(packet.src), Address::from(packet.dst));
        let by_ip = packet.has_ip() && self.between(&ips.0, &ips.1);
        if !by_mac && !by_ip {
            return None;
        }
        if let Some(ends) = &self.ends {
            let end = |address, port| Endpoint { host: model::Host::new(address), port };
            let (a, b) = match by_ip {
                true => (end(ips.0, packet.src_port), end(ips.1, packet.dst_port)),
                false => (end(macs.0, 0), end(macs.1, 0)),
            };
            if !ends.contains(&(a, b)) && !ends.contains(&(b, a)) {
                return None;
            }
        }
        Some(&self.why[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_frames() {
        assert_eq!(ranges("7, 20-30").unwrap(), [(7, 7), (20, 30)]);
        for bad in ["", "0", "x", "5-2", "3-"] {
            assert!(ranges(bad).is_err(), "{bad}");
        }
        let what = What { alert: None, asset: None, conversation: None, frames: Some("5-9,6,12".into()) };
        let (choice, analyse) = parse(&what).unwrap();
        assert!(!analyse);
        let wanted: Vec<u64> = (1..20).filter(|n| choice.wants(*n, 0, None).is_some()).collect();
        assert_eq!(wanted, [5, 6, 7, 8, 9, 12]);
    }

    #[test]
    fn addresses() {
        assert!(matches!(address("10.0.0.1").unwrap(), Address::Ip(_)));
        assert!(matches!(address("fe80::1").unwrap(), Address::Ip(_)));
        assert_eq!(address("00-1b-1b-00-00-01").unwrap().to_string(), "00:1b:1b:00:00:01");
        assert!(address("plc").is_err());
    }
}

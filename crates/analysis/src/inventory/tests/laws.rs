//! The join is commutative, associative and idempotent; resolution is a function of what is known.

use super::*;
use model::{Hop, NameKind, NetworkId, Role};

/// A small generator of numbers (xorshift): the same sequence in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn host(&mut self) -> Host {
        let n = self.below(12) as u8;
        let host = if self.below(3) == 0 { mac(n) } else { ip(&format!("10.0.{}.{n}", self.below(2))) };
        Host { network: NetworkId(self.below(2) as u16), ..host }
    }

    fn claim(&mut self) -> Claim {
        let text = format!("value {}", self.below(4));
        match self.below(10) {
            0 => Claim::Firmware(text),
            1 => Claim::Serial(text),
            2 => Claim::SameAs(self.host().address),
            3 => Claim::SeenBehind(self.host().address),
            4 => Claim::Name(NameKind::Host, text),
            5 => Claim::Role(Role::ALL[self.below(Role::ALL.len() as u64) as usize]),
            6 => Claim::VendorId { space: "enip", id: self.below(3) as u32 },
            7 => Claim::Mode(text),
            8 => Claim::Vlan(self.below(3) as u16),
            _ => Claim::Model(text),
        }
    }

    fn event(&mut self, frame: u64) -> Event {
        let second = self.below(5000) as i64;
        let at = Stamp { time: Time(second * Time::SECOND), frame, index: 0 };
        let path = match self.below(4) {
            0 => Path::of(Hop::Unit(self.below(4) as u32)),
            1 => Path::of(Hop::Slot { rack: 0, slot: self.below(3) as u16 }),
            _ => Path::HOST,
        };
        let protocol = ["arp", "s7comm", "modbus", "lldp"][self.below(4) as usize];
        let what = match self.below(3) {
            0 => {
                let class = Class::ALL[self.below(Class::ALL.len() as u64) as usize];
                let mut t = transaction(second, self.host(), self.host(), (protocol, class));
                t.path = path;
                t.items = vec![words(self.below(3), &[self.below(5) as u16, self.below(5) as u16])];
                t.outcome = [Outcome::Ok, Outcome::Refused(2), Outcome::NoReply][self.below(3) as usize];
                t.repeats = 1 + self.below(9);
                (t.first, t.asked) = (at, Some(at));
                What::Transaction(t)
            }
            _ => {
                let by = (self.below(3) == 0).then(|| self.host());
                let strength = Strength::ALL[self.below(4) as usize];
                let about = Subject { host: self.host(), path };
                What::Evidence(Evidence { about, by, claim: self.claim(), strength, protocol })
            }
        };
        Event { at, what }
    }
}

fn generated(seed: u64, source: u64) -> Inventory {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut inventory = Inventory::new(SourceId(source));
    for frame in 0..60 {
        inventory.see(&numbers.event(frame));
    }
    inventory
}

fn joined(all: &[&Inventory]) -> Inventory {
    let mut into = Inventory::new(SourceId(99));
    all.iter().for_each(|one| into.join(one));
    into
}

#[test]
fn joining_is_commutative_associative_and_idempotent() {
    for seed in 1..=60u64 {
        // Two of the three stores share a source: a sensor's yesterday and today.
        let (a, b, c) = (generated(seed, 1), generated(seed + 1000, 2), generated(seed + 2000, 1));
        let abc = joined(&[&a, &b, &c]);
        assert_eq!(abc, joined(&[&c, &b, &a]), "seed {seed}");
        assert_eq!(abc, joined(&[&joined(&[&a, &b]), &c]), "seed {seed}");
        assert_eq!(abc, joined(&[&a, &joined(&[&b, &c])]), "seed {seed}");
        assert_eq!(abc, joined(&[&abc, &a, &abc, &b, &c]), "seed {seed}");
        assert_eq!(assets(&abc, &Tables, &[]), assets(&joined(&[&b, &c, &a]), &Tables, &[]), "seed {seed}");
    }
}

#[test]
fn a_snapshot_holds_everything() {
    for seed in 1..=50u64 {
        let own = generated(seed, 7);
        let mut restored = Inventory::new(SourceId(7));
        own.snapshot().for_each(|belief| restored.absorb(&belief));
        own.maps().for_each(|(key, row)| restored.absorb_map(key, row));
        assert_eq!(restored, own, "seed {seed}");
    }
}

#[test]
fn every_device_is_well_formed_whatever_the_evidence() {
    for seed in 1..=60u64 {
        let inventory = generated(seed, 1);
        let all = assets(&inventory, &Tables, &[]);
        let mut ids: Vec<_> = all.iter().map(|a| a.id).collect();
        ids.dedup();
        assert_eq!(ids.len(), all.len(), "seed {seed}: ids are unique");
        for asset in &all {
            assert!(asset.first.time <= asset.last.time, "seed {seed}");
            assert!(!asset.name.is_empty(), "seed {seed}");
            assert!(asset.parent != Some(asset.id), "seed {seed}");
            for reason in asset.remarks.iter().chain(asset.units.iter().map(|u| &u.reason)) {
                assert!(!reason.text().contains('{'), "seed {seed}: {}", reason.text());
            }
            let judged = asset.device_type.iter().chain(&asset.level);
            for reason in judged.flat_map(|j| &j.reasons) {
                assert!(!reason.text().contains('{') && reason.text() != reason.id, "seed {seed}: {}", reason.text());
            }
        }
    }
}

#[test]
fn the_same_capture_read_twice_adds_nothing() {
    let once = generated(5, 1);
    let again = generated(5, 1);
    let both = joined(&[&once, &again]);
    assert_eq!(both, joined(&[&once]));
}

#[test]
fn bounds_hold_and_are_said() {
    let mut inventory = Inventory::new(SourceId(1));
    let about = Subject::host(ip("10.0.0.1"));
    let count = MAX_STATEMENTS_PER_ATTRIBUTE as u64 + 44;
    for i in 0..count {
        let claim = Claim::Firmware(format!("{i}"));
        let evidence = Evidence { about, by: None, claim, strength: Strength::Stated, protocol: "http" };
        let at = Stamp { time: Time(i as i64), frame: i, index: 0 };
        inventory.see(&Event { at, what: What::Evidence(evidence) });
    }
    let kept = inventory.snapshot().filter(|b| b.statement.attribute() == "firmware").count();
    assert_eq!(kept, MAX_STATEMENTS_PER_ATTRIBUTE);
    assert_eq!(inventory.limits().get("statements_per_attribute"), Some(&44));
}

#[test]
fn the_sample_of_a_units_map_does_not_depend_on_the_order() {
    let read = |i: u64| {
        let mut t = transaction(i as i64, ip("10.0.0.1"), ip("10.0.0.9"), ("modbus", Class::Read));
        t.path = Path::of(Hop::Unit(1));
        t.items = vec![words(i % 50, &[(i % 7) as u16])];
        let at = Stamp { time: Time(i as i64), frame: i, index: 0 };
        Event { at, what: What::Transaction(t) }
    };
    let mut onward = Inventory::new(SourceId(1));
    (0..200).for_each(|i| onward.see(&read(i)));
    let mut backward = Inventory::new(SourceId(1));
    (0..200).rev().for_each(|i| backward.see(&read(i)));
    let (a, b): (Vec<_>, Vec<_>) = (onward.maps().collect(), backward.maps().collect());
    assert_eq!((a.len(), &a), (32, &b));
    assert!(onward.limits().is_empty());
}

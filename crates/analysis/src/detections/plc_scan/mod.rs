//! Knocking at many hosts for control protocols. The page beside this file says what it means.

use super::count::{Bounded, Distinct, Rate};
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes, words};
use model::{Class, Event, Host, Stamp, Time, What};
use std::collections::BTreeMap;

pub(super) const WANTS: Interest = Interest::operations().and(Fact::Flow).of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(2);
const TARGETS: usize = 10;
/// A scanner asks once and repeats a lost packet; a master never gives up.
const ATTEMPTS: u64 = 3;
const WAIT: i64 = shapes::minutes(1);

/// Registered ports of control protocols: what an unanswered attempt was meant for can only be told by its port.
const PORTS: [u16; 12] = [102, 502, 789, 1502, 1962, 2404, 4840, 9600, 18245, 20000, 20256, 44818];

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan {
        tried: Distinct::within(WINDOW),
        attempts: Rate::within(4 * WINDOW),
        counts: Bounded::default(),
        works: Bounded::default(),
        waiting: BTreeMap::new(),
    })
}

struct Scan {
    tried: Distinct<Host, Host>,
    attempts: Rate<(Host, Host)>,
    /// Last count of attempts per pair.
    counts: Bounded<(Host, Host), u64>,
    works: Bounded<(Host, Host), bool>,
    /// Searches to be judged; at most as many as `tried` has keys.
    waiting: BTreeMap<Host, Finding>,
}

impl Scan {
    fn knock(&mut self, event: &Event, client: Host, server: Host, at: Time, n: u64) {
        let count = self.attempts.add((client, server), n, at);
        *self.counts.entry((client, server)) = count;
        self.tried.add(client, server, at);
        if self.targets(&client, at) >= TARGETS {
            let mut finding = Finding::new(event).by_actor(client);
            finding.last = Stamp { time: at, ..event.at };
            self.waiting.entry(client).or_insert(finding);
        }
    }

    /// Hosts of the window around `at` that were asked seldom and are not worked with.
    fn targets(&self, client: &Host, at: Time) -> usize {
        let strange = |server: &&Host| {
            let pair = (*client, **server);
            let seldom = self.counts.get(&pair).is_none_or(|n| *n <= ATTEMPTS);
            seldom && self.works.get(&pair) != Some(&true)
        };
        self.tried.values(client, at).iter().filter(strange).count()
    }
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, _: &dyn World, _: &mut Findings) {
        if let Some(flow) = shapes::settled(event).filter(|f| shapes::is_barren(f))
            && PORTS.contains(&flow.server.port)
        {
            self.knock(event, flow.client.host, flow.server.host, flow.first.time, 1);
        }
        let What::Transaction(t) = &event.what else { return };
        let (client, server) = (t.actor.host, t.subject.host);
        if client.address.ip().is_none() || server.address.is_group() || !t.roles_known {
            return;
        }
        match t.class {
            Class::Identify => self.knock(event, client, server, event.at.time, t.repeats.max(1)),
            class if words::PROCESS.contains(&class) => *self.works.entry((client, server)) = true,
            _ => {}
        }
    }

    fn tick(&mut self, now: Time, _: &dyn World, found: &mut Findings) {
        while let Some((client, at)) =
            self.waiting.iter().map(|(c, f)| (*c, f.last.time)).find(|(_, at)| now.since(*at) >= WAIT)
        {
            let targets = self.targets(&client, at);
            if let Some(finding) = self.waiting.remove(&client).filter(|_| targets >= TARGETS) {
                found.add(finding.number("targets", targets as u64));
            }
        }
    }

    fn forgotten(&self) -> u64 {
        self.tried.forgotten() + self.attempts.forgotten() + self.counts.forgotten() + self.works.forgotten()
    }
}

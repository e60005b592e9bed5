//! Stage 2: one thread that anyone can reason about. Takes the facts in order and keeps what they add up to.

use crate::alerts::Alerts;
use crate::conversations::{Conversations, OpenFlows};
use crate::detections::{Findings, Observed, Watch};
use crate::hash;
use crate::inventory::{Asset, Edit, Inventory, Names, SourceId, assets};
use crate::knowledge::Knowledge;
use crate::quality::Quality;
use model::{Event, Mac, Stamp, Time, What};
use std::collections::BTreeMap;

/// Detections that count over time are told the time this often, in nanoseconds of capture time.
const TICK_NS: i64 = Time::SECOND;

/// How much of everything was seen.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Operations per protocol, folded ones counted as many.
    pub transactions: BTreeMap<&'static str, u64>,
    /// Operations per protocol and operation.
    pub operations: BTreeMap<(&'static str, &'static str), u64>,
    /// Anomalies per protocol and rule.
    pub anomalies: BTreeMap<(&'static str, &'static str), u64>,
    /// What the engine said about itself, by kind and what.
    pub health: BTreeMap<(&'static str, String), u64>,
    /// Transfers seen, newest last.
    pub transfers: Vec<(Stamp, model::Transfer)>,
    /// Transfers beyond [`MAX_TRANSFERS`].
    pub transfers_left_out: u64,
    /// First and last fact.
    pub span: Option<(Stamp, Stamp)>,
    /// Operations not added to the sums yet, at a place that follows from where their words lie: the same few
    /// operations come again and again, and finding words by their text is dear. [`Judge::finish`] adds them.
    lately: Vec<Lately>,
}

/// Operations counted ahead: protocol, operation, how many.
type Lately = (&'static str, &'static str, u64);

/// Different operations counted ahead; a plant has a few dozen.
const LATELY: usize = 256;

/// Transfers kept for the report; a plant moves programs a few times a year.
pub const MAX_TRANSFERS: usize = 10_000;

/// Everything stage 2 knows.
pub struct Judge {
    /// Who is there.
    pub inventory: Inventory,
    /// Who acts on whom.
    pub conversations: Conversations,
    /// How good the mirror is.
    pub quality: Quality,
    /// What is wrong.
    pub alerts: Alerts,
    /// What the detections may ask.
    pub world: Observed,
    /// How much was seen.
    pub tally: Tally,
    flows: OpenFlows,
    watch: Watch,
    found: Findings,
    ticked: Time,
}

impl Default for Judge {
    fn default() -> Self {
        Judge::new(SourceId(0), Watch::default(), Observed::default())
    }
}

impl Judge {
    /// A judge of one source (a capture set, a sensor), with these detections and this view of what is inside the
    /// site.
    pub fn new(source: SourceId, watch: Watch, world: Observed) -> Judge {
        Judge {
            inventory: Inventory::new(source),
            conversations: Conversations::new(),
            quality: Quality::new(),
            alerts: Alerts::default(),
            world,
            tally: Tally::default(),
            flows: OpenFlows::default(),
            watch,
            found: Findings::default(),
            ticked: Time(i64::MIN),
        }
    }

    /// The next fact.
    pub fn see(&mut self, event: &Event) {
        self.tally.see(event);
        self.world.observe(event);
        self.inventory.see(event);
        let added = self.flows.see(event);
        self.conversations.see(event, added);
        self.quality.see(event, added);
        if event.at.time.since(self.ticked) >= TICK_NS {
            self.ticked = event.at.time;
            self.watch.tick(event.at.time, &self.world, &mut self.found);
        }
        self.watch.see(event, &self.world, &mut self.found);
        self.alerts.take(&mut self.found);
    }

    /// A transfer of an earlier capture of the same plant, before the first fact: what is loaded now is compared with it.
    pub fn recall(&mut self, event: &Event) {
        self.watch.recall(event, &self.world);
    }

    /// The input ended; sums are complete from here on, and counting detections look once more.
    pub fn finish(&mut self) {
        self.tally.settle();
        if let Some((_, last)) = self.tally.span {
            self.watch.finish(last.time, &self.world, &mut self.found);
            self.alerts.take(&mut self.found);
        }
    }

    /// The devices, with these names and edits.
    pub fn assets(&self, names: &dyn Names, edits: &[Edit]) -> Vec<Asset> {
        assets(&self.inventory, names, edits)
    }

    /// Detections that forgot something because a bound was reached.
    pub fn forgotten(&self) -> Vec<(&'static str, u64)> {
        self.watch.forgotten()
    }
}

impl Tally {
    fn see(&mut self, event: &Event) {
        let (first, last) = self.span.get_or_insert((event.at, event.at));
        if event.at.time < first.time {
            *first = event.at;
        }
        if event.at.time > last.time {
            *last = event.at;
        }
        match &event.what {
            What::Transaction(t) => self.count(t.protocol, t.operation, t.repeats),
            What::Anomaly(a) => *self.anomalies.entry((a.protocol, a.kind)).or_default() += a.repeats,
            What::Health(h) => *self.health.entry((h.kind, h.what.clone())).or_default() += h.count,
            What::Transfer(t) if self.transfers.len() < MAX_TRANSFERS => {
                self.transfers.push((event.at, t.clone()));
            }
            What::Transfer(_) => self.transfers_left_out += 1,
            _ => {}
        }
    }
}

impl Tally {
    #[inline]
    fn count(&mut self, protocol: &'static str, operation: &'static str, n: u64) {
        if self.lately.is_empty() {
            self.lately.resize(LATELY, ("", "", 0));
        }
        let place = hash::of(&(protocol.as_ptr().addr(), operation.as_ptr().addr())) as usize % LATELY;
        let Some(row) = self.lately.get_mut(place) else { return };
        if core::ptr::eq(row.0, protocol) && core::ptr::eq(row.1, operation) {
            row.2 += n;
            return;
        }
        let old = core::mem::replace(row, (protocol, operation, n));
        self.add(old);
    }

    fn add(&mut self, (protocol, operation, n): Lately) {
        if n > 0 {
            *self.transactions.entry(protocol).or_default() += n;
            *self.operations.entry((protocol, operation)).or_default() += n;
        }
    }

    /// Adds what was counted ahead to the sums.
    fn settle(&mut self) {
        for row in core::mem::take(&mut self.lately) {
            self.add(row);
        }
    }
}

impl Names for Knowledge {
    fn oui(&self, mac: Mac) -> Option<String> {
        Knowledge::oui(self, mac.0).map(str::to_string)
    }

    fn cip_vendor(&self, id: u32) -> Option<String> {
        Knowledge::cip_vendor(self, id).map(str::to_string)
    }

    fn cip_device_type(&self, kind: u32) -> Option<String> {
        Knowledge::cip_device_type(self, kind).and_then(|p| p.device_type).map(str::to_string)
    }

    fn bacnet_vendor(&self, id: u32) -> Option<String> {
        Knowledge::bacnet_vendor(self, id).map(str::to_string)
    }

    fn enterprise(&self, id: u32) -> Option<String> {
        Knowledge::enterprise(self, id).map(str::to_string)
    }

    fn profinet_vendor(&self, id: u32) -> Option<String> {
        Knowledge::profinet_vendor(self, id).map(str::to_string)
    }

    fn vendor(&self, text: &str) -> Option<String> {
        Some(Knowledge::vendor(self, text).to_string())
    }

    fn order_number(&self, text: &str) -> Option<crate::inventory::Product> {
        Knowledge::order_number(self, text).map(product)
    }

    fn product_name(&self, text: &str) -> Option<crate::inventory::Product> {
        Knowledge::product_name(self, text).map(product)
    }

    fn os(&self, kind: &str, text: &str) -> Option<String> {
        Knowledge::os(self, kind, text).map(|os| os.name.clone())
    }

    fn level(&self, device_type: &str) -> Option<String> {
        Knowledge::level(self, device_type).map(|l| l.level.clone())
    }
}

fn product(p: &crate::knowledge::Product) -> crate::inventory::Product {
    let some = |s: &String| (!s.is_empty()).then(|| s.clone());
    crate::inventory::Product {
        vendor: some(&p.vendor),
        family: some(&p.family),
        product: p.product.clone(),
        device_type: some(&p.device_type),
    }
}

//! What is kept, in the words of `analysis`.

use analysis::Judge;
use analysis::alerts::Alert;
use analysis::conversations::{Conversation, Unknown};
use analysis::inventory::{Inventory, SourceId};
use model::{Claim, Event, Evidence, Stamp, Time, Transfer, What};
use std::collections::BTreeMap;

/// A file that was read, known by its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFile {
    /// Its name when it was first read.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Frames.
    pub frames: u64,
}

/// Everything kept of a site.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Files by SHA-256.
    pub files: BTreeMap<String, KnownFile>,
    /// Frames numbered so far: the next run's first frame is the one after.
    pub frames: u64,
    /// First and last fact.
    pub span: Option<(Stamp, Stamp)>,
    /// Evidence.
    pub inventory: Inventory,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Conversations.
    pub conversations: Vec<Conversation>,
    /// Unknown traffic.
    pub unknown: Vec<Unknown>,
    /// Transfers, oldest first.
    pub transfers: Vec<(Stamp, Transfer)>,
    /// `transactions`, `operations`, `anomalies`, by protocol and word.
    pub counts: BTreeMap<(&'static str, &'static str, &'static str), u64>,
}

impl Kept {
    /// What a run's judge must know before it sees its first fact: the names and roles of devices, and the programs
    /// loaded before `first` (a capture older than what is known is compared with nothing later than itself).
    pub fn recall(&self, judge: &mut Judge, first: Option<Time>) {
        for belief in self.inventory.snapshot() {
            let analysis::inventory::Statement::Claim(claim) = belief.statement else { continue };
            if !matches!(claim, Claim::Name(..) | Claim::Role(_) | Claim::SameAs(_)) {
                continue;
            }
            let at = belief.seen.values().map(|s| s.first).min().unwrap_or_default();
            let evidence = Evidence {
                about: belief.about,
                by: belief.by,
                claim,
                strength: belief.strength,
                protocol: belief.protocol,
            };
            judge.world.observe(&Event { at, what: What::Evidence(evidence) });
        }
        for (at, transfer) in self.transfers.iter().filter(|(at, _)| first.is_some_and(|first| at.time <= first)) {
            judge.recall(&Event { at: *at, what: What::Transfer(transfer.clone()) });
        }
    }

    /// Joins what is kept into a judge that has seen a run, so that it tells about the whole site.
    pub fn join_into(self, judge: &mut Judge) {
        judge.inventory.join(&self.inventory);
        for alert in &self.alerts {
            judge.alerts.absorb(alert);
        }
        for row in self.conversations {
            judge.conversations.absorb(row);
        }
        for row in self.unknown {
            judge.conversations.absorb_unknown(row);
        }
        let tally = &mut judge.tally;
        for ((what, protocol, word), n) in self.counts {
            let own = match what {
                "transactions" => tally.transactions.entry(protocol).or_default(),
                "operations" => tally.operations.entry((protocol, word)).or_default(),
                _ => tally.anomalies.entry((protocol, word)).or_default(),
            };
            *own = own.saturating_add(n);
        }
        tally.transfers.extend(self.transfers);
        tally.transfers.sort_by_key(|(at, _)| (at.time, *at));
        let beyond = tally.transfers.len().saturating_sub(analysis::MAX_TRANSFERS);
        tally.transfers.drain(..beyond);
        tally.transfers_left_out = tally.transfers_left_out.saturating_add(beyond as u64);
        tally.span = match (tally.span, self.span) {
            (Some(a), Some(b)) => {
                Some((if b.0.time < a.0.time { b.0 } else { a.0 }, if b.1.time > a.1.time { b.1 } else { a.1 }))
            }
            (a, b) => a.or(b),
        };
    }

    /// What is to be kept of a judge that has been joined, with these files and so many frames numbered.
    pub fn of(judge: &Judge, files: BTreeMap<String, KnownFile>, frames: u64) -> Kept {
        let tally = &judge.tally;
        let mut counts = BTreeMap::new();
        counts.extend(tally.transactions.iter().map(|(p, n)| (("transactions", *p, ""), *n)));
        counts.extend(tally.operations.iter().map(|((p, o), n)| (("operations", *p, *o), *n)));
        counts.extend(tally.anomalies.iter().map(|((p, k), n)| (("anomalies", *p, *k), *n)));
        Kept {
            files,
            frames,
            span: tally.span,
            inventory: judge.inventory.clone(),
            alerts: judge.alerts.list().into_iter().cloned().collect(),
            conversations: judge.conversations.snapshot(),
            unknown: judge.conversations.unknown(),
            transfers: tally.transfers.clone(),
            counts,
        }
    }

    /// The source a run's evidence is counted under: the content of its files, whatever their order.
    pub fn source<'a>(hashes: impl IntoIterator<Item = &'a str>) -> SourceId {
        let mut sorted: Vec<&str> = hashes.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut number = 0xcbf2_9ce4_8422_2325_u64;
        for byte in sorted.iter().flat_map(|h| h.bytes().chain([0])) {
            number = (number ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        SourceId(number)
    }
}

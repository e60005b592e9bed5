//! Reading captures and judging them: what every verb that draws conclusions does first.

use crate::feed::{Feed, Source};
use crate::machine::{self, Plan, Results};
use crate::progress::Progress;
use crate::sources::{self, Input};
use analysis::Judge;
use analysis::inventory::Asset;
use analysis::knowledge::Knowledge;
use engine::ShardSettings;
use model::{Endpoint, Event, What};
use protocols::Secrets;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Ends remembered; a capture with more conversations is a scan.
const MAX_ENDS: usize = 1 << 18;

/// Protocol and ends of conversations.
pub type Ends = BTreeSet<(&'static str, Endpoint, Endpoint)>;

/// What reading some captures told.
pub struct Known {
    /// Everything stage 2 knows.
    pub judge: Judge,
    /// The devices.
    pub assets: Vec<Asset>,
    /// What became of each input.
    pub sources: Vec<Source>,
    /// Protocol and ends of what was seen, where that was asked for.
    pub ends: Ends,
}

struct Seen {
    judge: Judge,
    progress: Progress,
    read: Vec<Arc<sources::Meter>>,
    ends: Option<Ends>,
}

impl Results for Seen {
    fn event(&mut self, event: &Event) {
        if let Some(ends) = self.ends.as_mut().filter(|e| e.len() < MAX_ENDS) {
            match &event.what {
                What::Flow(f) => ends.extend(f.protocol.map(|p| (p, f.client, f.server))),
                What::Transaction(t) => ends.extend([(t.protocol, t.actor, t.subject)]),
                _ => {}
            }
        }
        self.judge.see(event);
    }

    fn text(&mut self, _: &[u8]) {}

    fn progress(&mut self, frames: u64, _: Option<&Feed>) {
        let read = self.read.iter().map(|m| m.read.load(Ordering::Relaxed)).sum();
        self.progress.show(frames, read);
    }
}

/// Secrets are masked with a key of this run: hashes of two runs cannot be compared. Published default credentials
/// come from the knowledge.
pub fn shard_settings(knowledge: &Knowledge) -> ShardSettings {
    use std::hash::{BuildHasher, RandomState};
    let half = || RandomState::new().hash_one("bourdon").to_be_bytes();
    let mut key = [0u8; 16];
    for (to, from) in key.iter_mut().zip(half().into_iter().chain(half())) {
        *to = from;
    }
    let secrets = Secrets::new(key, knowledge.default_credentials());
    ShardSettings { secrets: Arc::new(secrets), ..ShardSettings::default() }
}

/// Runs the feed past this judge. `after`: number of the last frame before this run.
pub fn judge(
    feed: Feed,
    judge: Judge,
    knowledge: &Knowledge,
    threads: usize,
    after: u64,
    quiet: bool,
    ends: bool,
) -> (Judge, Feed, Ends) {
    let read: Vec<_> = feed.sources.iter().map(|s| s.meter.clone()).collect();
    // a pipe has no size: then there is a rate, but no time left
    let being_read = |s: &&Source| s.same_as.is_none() && s.problems.is_empty();
    let all_known = feed.sources.iter().filter(being_read).all(|s| s.meter.size > 0);
    let total = if all_known { read.iter().map(|m| m.size).sum() } else { 0 };
    let mut seen = Seen { judge, progress: Progress::new(total, quiet), read, ends: ends.then(BTreeSet::new) };
    let plan = Plan { threads: crate::threads_of(threads), shard: shard_settings(knowledge), after, writer: None };
    let feed = machine::run(feed, &plan, &mut seen);
    seen.progress.done();
    seen.judge.finish();
    (seen.judge, feed, seen.ends.unwrap_or_default())
}

/// Reads the inputs and judges them. `ends`: protocol and ends of each conversation are wanted.
pub fn read(inputs: &[Input], threads: usize, quiet: bool, ends: bool) -> Known {
    let knowledge = Knowledge::embedded();
    let feed = Feed::new(inputs, true);
    let (judge, feed, ends) = judge(feed, Judge::default(), &knowledge, threads, 0, quiet, ends);
    let assets = judge.assets(&knowledge, &[]);
    Known { judge, assets, sources: feed.sources, ends }
}

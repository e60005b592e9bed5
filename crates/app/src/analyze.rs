//! `bourdon analyze`: capture files in, answers out.

use crate::facts::exit_code;
use crate::feed::Feed;
use crate::machine::{self, Plan, Results};
use crate::progress::Progress;
use crate::{document, sources, summary};
use analysis::Judge;
use analysis::knowledge::Knowledge;
use anyhow::Result;
use clap::Args;
use engine::ShardSettings;
use model::Event;
use protocols::Secrets;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What the user asked for.
#[derive(Args)]
pub struct Options {
    /// Capture files, folders, patterns, or - for standard input (plain, .gz or .zst).
    #[arg(required = true)]
    pub files: Vec<String>,
    /// Threads; 0 takes one per processor.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// One JSON document on standard output instead of the summary.
    #[arg(long)]
    pub json: bool,
    /// No progress line.
    #[arg(long)]
    pub quiet: bool,
}

struct Seen {
    judge: Judge,
    progress: Progress,
    read: Vec<Arc<sources::Meter>>,
}

impl Results for Seen {
    fn event(&mut self, event: Event) {
        self.judge.see(&event);
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

/// Runs the command.
pub fn run(options: &Options) -> Result<ExitCode> {
    let knowledge = Knowledge::embedded();
    let inputs = sources::expand(&options.files)?;
    let feed = Feed::new(&inputs, options.json);
    let read: Vec<_> = feed.sources.iter().map(|s| s.meter.clone()).collect();
    let total = read.iter().map(|m| m.size).sum();
    let plan = Plan { threads: crate::threads_of(options.threads), shard: shard_settings(&knowledge), writer: None };
    let mut seen = Seen { judge: Judge::default(), progress: Progress::new(total, options.quiet), read };
    let feed = machine::run(feed, &plan, &mut seen);
    seen.progress.done();
    seen.judge.finish();
    let assets = seen.judge.assets(&knowledge, &[]);
    let text = if options.json {
        document::json(&seen.judge, &assets, &feed.sources, &knowledge)
    } else {
        summary::text(&seen.judge, &assets, &feed.sources)
    };
    let mut out = std::io::stdout().lock();
    // the reader may have gone away (`| head`): nobody is left to tell
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(exit_code(&feed.sources))
}

//! `bourdon analyze`: capture files in, answers out.

use crate::facts::exit_code;
use crate::feed::Feed;
use crate::machine::{self, Plan, Results};
use crate::progress::Progress;
use crate::sources;
use analysis::Judge;
use analysis::knowledge::Knowledge;
use anyhow::Result;
use clap::Args;
use engine::ShardSettings;
use model::Event;
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
    let _ = knowledge;
    ShardSettings::default()
}

/// Runs the command.
pub fn run(options: &Options) -> Result<ExitCode> {
    let knowledge = Knowledge::embedded();
    let inputs = sources::expand(&options.files)?;
    let feed = Feed::new(&inputs, false);
    let read: Vec<_> = feed.sources.iter().map(|s| s.meter.clone()).collect();
    let total = read.iter().map(|m| m.size).sum();
    let plan = Plan { threads: crate::threads_of(options.threads), shard: shard_settings(&knowledge), writer: None };
    let mut seen = Seen { judge: Judge::default(), progress: Progress::new(total, options.quiet), read };
    let feed = machine::run(feed, &plan, &mut seen);
    seen.progress.done();
    seen.judge.finish();
    let assets = seen.judge.assets(&knowledge, &[]);
    println!("{} devices, {} alerts", assets.len(), seen.judge.alerts.list().len());
    for asset in &assets {
        let t = |a: &Option<analysis::inventory::Attribute>| a.as_ref().map_or("-".into(), |a| a.value.clone());
        println!(
            "{:30} {:20} {:20} {:12} {:?} {:?}",
            asset.name,
            t(&asset.vendor),
            t(&asset.model),
            t(&asset.firmware),
            asset.device_type.as_ref().map(|j| &j.value),
            asset.level.as_ref().map(|j| &j.value),
        );
    }
    for alert in seen.judge.alerts.list() {
        println!("{:?} {}", alert.severity, analysis::alerts::sentence(alert, &seen.judge.world));
    }
    Ok(exit_code(&feed.sources))
}

//! `bourdon analyze`: capture files in, answers out.

use crate::csv::Tables;
use crate::facts::exit_code;
use crate::feed::{Feed, Source};
use crate::machine::{self, Plan, Results};
use crate::output::{self, Target};
use crate::progress::Progress;
use crate::{document, sources, summary};
use analysis::Judge;
use analysis::knowledge::Knowledge;
use analysis::reports::{self, InputFile, Matter};
use anyhow::{Context, Result};
use clap::Args;
use engine::ShardSettings;
use model::{Event, Time};
use protocols::Secrets;
use std::path::PathBuf;
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
    /// One self-contained HTML file to hand over.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The place, as it stands in the report's title.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub site_name: String,
    /// A folder for CSV tables (assets.csv, alerts.csv, …; docs/csv.md); made where it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub csv: Option<PathBuf>,
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
    // what cannot be written is said before the reading, not after an hour of it
    let report = options.report.as_deref().map(Target::create).transpose()?;
    let tables = options.csv.as_deref().map(Tables::create).transpose()?;
    let feed = Feed::new(&inputs, options.json || report.is_some() || tables.is_some());
    let read: Vec<_> = feed.sources.iter().map(|s| s.meter.clone()).collect();
    let total = read.iter().map(|m| m.size).sum();
    let plan = Plan { threads: crate::threads_of(options.threads), shard: shard_settings(&knowledge), writer: None };
    let mut seen = Seen { judge: Judge::default(), progress: Progress::new(total, options.quiet), read };
    let feed = machine::run(feed, &plan, &mut seen);
    seen.progress.done();
    seen.judge.finish();
    let assets = seen.judge.assets(&knowledge, &[]);
    if let Some(target) = report {
        let files = input_files(&feed.sources);
        let matter = Matter {
            site: &options.site_name,
            program: PROGRAM,
            judge: &seen.judge,
            assets: &assets,
            knowledge: &knowledge,
            files: &files,
        };
        let path = target.shown();
        let assessment = reports::by_name("assessment").context("no such report")?;
        target.write((assessment.render)(&matter).as_bytes())?;
        if !options.quiet {
            eprintln!("report: {path}");
        }
    }
    let document =
        (options.json || tables.is_some()).then(|| document::of(&seen.judge, &assets, &feed.sources, &knowledge));
    if let (Some(tables), Some(document)) = (tables, &document) {
        let folder = tables.shown();
        tables.write(document)?;
        if !options.quiet {
            eprintln!("tables: {folder}");
        }
    }
    let text = if let (true, Some(document)) = (options.json, &document) {
        document::text(document)
    } else {
        summary::text(&seen.judge, &assets, &feed.sources)
    };
    output::stdout(text.as_bytes())?;
    Ok(exit_code(&feed.sources))
}

/// Name and version, as outputs say it.
pub const PROGRAM: &str = concat!("bourdon ", env!("CARGO_PKG_VERSION"));

fn input_files(sources: &[Source]) -> Vec<InputFile> {
    let file = |s: &Source| InputFile {
        name: s.name.clone(),
        sha256: s.meter.sha256(),
        size: s.meter.size,
        frames: s.frames,
        times: s.times.map(|(first, last)| (Time(first), Time(last))),
        problems: s.problems.clone(),
        same_as: s.same_as.clone(),
        known: false,
    };
    sources.iter().map(file).collect()
}

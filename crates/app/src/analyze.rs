//! `bourdon analyze`: capture files in, answers out.

use crate::csv::Tables;
use crate::facts::exit_code;
use crate::feed::{Feed, Source};
use crate::output::{self, Target};
use crate::site::{About, Place};
use crate::{document, read, sources, summary};
use analysis::Judge;
use analysis::inventory::Asset;
use analysis::knowledge::Knowledge;
use analysis::reports::{self, InputFile, Matter};
use anyhow::{Context, Result};
use clap::Args;
use model::Time;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// A folder that keeps what is known of a plant: this capture adds to the earlier ones (docs/site.md).
    #[arg(long, value_name = "FOLDER")]
    pub site: Option<PathBuf>,
    /// No progress line.
    #[arg(long)]
    pub quiet: bool,
}

/// Everything outputs are made of.
pub struct Answers<'a> {
    /// Everything stage 2 knows.
    pub judge: &'a Judge,
    /// The devices.
    pub assets: &'a [Asset],
    /// What was read.
    pub sources: &'a [Source],
    /// The site it was added to.
    pub site: Option<&'a About>,
    /// Names of numbers.
    pub knowledge: &'a Knowledge,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<ExitCode> {
    let knowledge = Knowledge::embedded();
    let mut inputs = sources::expand(&options.files)?;
    // what cannot be written is said before the reading, not after an hour of it
    let report = options.report.as_deref().map(Target::create).transpose()?;
    let tables = options.csv.as_deref().map(Tables::create).transpose()?;
    let place = options.site.as_deref().map(|folder| Place::open(folder, &mut inputs)).transpose()?;
    let feed = Feed::new(&inputs, options.json || report.is_some() || tables.is_some());
    let (judge, after) = match &place {
        Some(place) => (place.judge(&feed), place.after()),
        None => (Judge::default(), 0),
    };
    let (mut judge, feed, _) = read::judge(feed, judge, &knowledge, options.threads, after, options.quiet, false);
    let mut files = input_files(&feed.sources);
    let site = match place {
        Some(place) => {
            files.extend(place.known.iter().cloned());
            Some(place.keep(&mut judge, &feed.sources)?)
        }
        None => None,
    };
    let assets = judge.assets(&knowledge, &[]);
    let answers =
        Answers { judge: &judge, assets: &assets, sources: &feed.sources, site: site.as_ref(), knowledge: &knowledge };
    if let Some(target) = report {
        let matter = Matter {
            site: &options.site_name,
            program: crate::PROGRAM,
            judge: &judge,
            assets: &assets,
            knowledge: &knowledge,
            files: &files,
        };
        let path = target.shown();
        let assessment = reports::by_name("assessment").context("no such report")?;
        target.write((assessment.render)(&matter).as_bytes())?;
        tell(options, &format!("report: {path}"));
    }
    let document = (options.json || tables.is_some()).then(|| document::of(&answers));
    if let (Some(tables), Some(document)) = (tables, &document) {
        let folder = tables.shown();
        tables.write(document)?;
        tell(options, &format!("tables: {folder}"));
    }
    let text = match &document {
        Some(document) if options.json => document::text(document),
        _ => summary::painted(summary::text(&answers), std::io::stdout().is_terminal()),
    };
    output::stdout(text.as_bytes())?;
    // the process ends here; giving back everything that is known one by one would only take time
    core::mem::forget((assets, judge));
    Ok(exit_code(&feed.sources))
}

fn tell(options: &Options, text: &str) {
    if !options.quiet {
        eprintln!("{text}");
    }
}

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

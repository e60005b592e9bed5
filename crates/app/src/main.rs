//! `bourdon`: one binary, one verb each.

mod analyze;
mod csv;
mod cut;
mod document;
mod facts;
mod feed;
mod machine;
mod output;
mod progress;
mod read;
mod site;
mod sources;
mod summary;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Passive security monitor for industrial and IoT networks.
#[derive(Parser)]
#[command(name = "bourdon", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Who is there, who talks to whom and how, what looks wrong.
    Analyze(analyze::Options),
    /// The packets behind an alert, a device or a conversation, as pcapng.
    Cut(cut::Options),
    /// One JSON line per transaction, evidence and anomaly.
    Facts {
        /// Capture files, folders, patterns, or - for standard input (plain, .gz or .zst).
        #[arg(required = true)]
        files: Vec<String>,
        /// Threads; 0 takes one per processor.
        #[arg(long, default_value_t = 0)]
        threads: usize,
    },
}

/// Name and version, as outputs say it.
pub const PROGRAM: &str = concat!("bourdon ", env!("CARGO_PKG_VERSION"));

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.verb {
        Verb::Analyze(options) => analyze::run(&options),
        Verb::Cut(options) => cut::run(&options),
        Verb::Facts { files, threads } => {
            facts::run(&files, threads_of(threads), read::shard_settings(&analysis::knowledge::Knowledge::embedded()))
        }
    };
    result.unwrap_or_else(|e| {
        eprintln!("bourdon: {e:#}");
        ExitCode::from(1)
    })
}

/// One thread per processor for 0.
pub fn threads_of(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}

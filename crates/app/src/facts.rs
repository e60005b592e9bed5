//! `bourdon facts`: every transaction, piece of evidence and anomaly as a line of JSON.

use crate::feed::{Feed, Source};
use crate::machine::{self, Plan, Results};
use crate::sources;
use anyhow::Result;
use engine::{JsonLines, ShardSettings};
use model::Event;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

struct Lines<W: Write> {
    out: W,
    broken: bool,
}

impl<W: Write> Results for Lines<W> {
    fn event(&mut self, _: &Event) {}

    fn text(&mut self, text: &[u8]) {
        if !self.broken && self.out.write_all(text).is_err() {
            // the reader went away (`| head`): nobody is left to tell
            self.broken = true;
        }
    }

    fn progress(&mut self, _: u64, _: Option<&Feed>) {}
}

/// Runs the command.
pub fn run(files: &[String], threads: usize, shard: ShardSettings) -> Result<ExitCode> {
    let inputs = sources::expand(files)?;
    let feed = Feed::new(&inputs, false);
    let writer: fn() -> Box<dyn engine::Write> = || Box::new(JsonLines::new());
    let plan = Plan { threads, shard, after: 0, writer: Some(writer) };
    let mut lines = Lines { out: BufWriter::with_capacity(1 << 18, io::stdout().lock()), broken: false };
    let feed = machine::run(feed, &plan, &mut lines);
    let flushed = lines.out.flush();
    if let Err(e) = flushed
        && e.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(e.into());
    }
    Ok(exit_code(&feed.sources))
}

/// Tells what could not be read, and chooses the exit code: 0 everything, 3 partial, 1 nothing.
pub fn exit_code(sources: &[Source]) -> ExitCode {
    for problem in sources.iter().flat_map(|s| &s.problems) {
        eprintln!("bourdon: {problem}");
    }
    let broken = sources.iter().any(|s| !s.problems.is_empty());
    let something = sources.iter().any(|s| s.frames > 0);
    match (broken, something) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::from(1),
    }
}

//! `bourdon cut`: the packets behind an alert, a device or a conversation, as pcapng. Two passes over the files: the
//! first finds out what is meant, the second writes. Memory does not grow with the files.

mod choose;

use crate::facts::exit_code;
use crate::feed::{self, Feed};
use crate::output::Target;
use crate::sources::{self, Input};
use crate::{PROGRAM, read};
use anyhow::{Context, Result, bail};
use choose::Choice;
use clap::Args;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wire::decode::Decoder;
use wire::file::write::{Frame, PcapngWriter};

/// What the user asked for.
#[derive(Args)]
pub struct Options {
    /// Capture files, folders, patterns, or - for standard input (only where one pass is enough).
    #[arg(required = true)]
    pub files: Vec<String>,
    #[command(flatten)]
    pub what: What,
    /// Seconds around each piece of an alert's evidence.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    pub context: f64,
    /// The pcapng file to write; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Threads of the first pass; 0 takes one per processor.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// No progress line.
    #[arg(long)]
    pub quiet: bool,
}

/// Exactly one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// Evidence of this alert, and what its devices said to each other around it.
    #[arg(long, value_name = "ID")]
    pub alert: Option<String>,
    /// Everything from and to a device: its id, or one of its addresses.
    #[arg(long, value_name = "ID|ADDRESS")]
    pub asset: Option<String>,
    /// Everything between two addresses, of one protocol where it is named.
    #[arg(long, value_name = "A,B[,PROTOCOL]")]
    pub conversation: Option<String>,
    /// These frames, counted from 1 over all input: 7,20-30.
    #[arg(long, value_name = "LIST")]
    pub frames: Option<String>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<ExitCode> {
    let inputs = sources::expand(&options.files)?;
    let seconds = options.context;
    if !(0.0..=86_400.0).contains(&seconds) {
        bail!("--context: {seconds} is not between 0 and 86400");
    }
    let (choice, analyse) = choose::parse(&options.what)?;
    if analyse && inputs.contains(&Input::Stdin) {
        bail!("standard input can be read only once; --alert, --asset and --conversation with a protocol need a file");
    }
    // what cannot be written is said before the reading
    let mut out = Destination::open(&options.output)?;
    let (choice, hashes) = if analyse {
        let known = read::read(&inputs, options.threads, options.quiet, true);
        let hashes: Vec<_> = known.sources.iter().map(|s| (s.name.clone(), s.meter.sha256())).collect();
        (choice.resolve(&known, (seconds * 1e9) as i64)?, hashes)
    } else {
        (choice, inputs.iter().map(|i| (i.name(), feed::hash_of(i))).collect())
    };
    let mut about = format!("cut by {PROGRAM}: {}", choice.about);
    for (name, hash) in &hashes {
        about.push_str(&format!("\nfrom {name}, SHA-256 {}", hash.as_deref().unwrap_or("not known")));
    }
    let mut feed = Feed::new(&inputs, false);
    let written = write(&mut feed, &choice, &mut out, &about)
        .with_context(|| format!("{}: writing failed", options.output.display()))?;
    if written == 0 {
        exit_code(&feed.sources);
        bail!("no packet matches ({}); nothing was written", choice.about);
    }
    out.finish()?;
    if !options.quiet {
        eprintln!("{written} packets: {}", options.output.display());
    }
    Ok(exit_code(&feed.sources))
}

fn write(feed: &mut Feed, choice: &Choice, out: &mut Destination, about: &str) -> io::Result<u64> {
    let mut writer = PcapngWriter::new(out, PROGRAM, Some(about))?;
    let mut decoder = Decoder::default();
    let (mut number, mut written) = (0u64, 0u64);
    while let Some(run) = feed.next_run() {
        let name = feed.sources.get(run.source).map_or("", |s| s.name.as_str());
        for meta in run.block.records.get(run.records.clone()).unwrap_or_default() {
            number += 1;
            let bytes = run.block.frame(meta);
            let packet = decoder.decode(meta.link, bytes, meta.wire_len, meta.time);
            let Some(why) = choice.wants(number, meta.time, packet.as_ref()) else { continue };
            let comment = format!("{why}; frame {number}, number {} in {name}", meta.number);
            let comment = Some(comment.as_str());
            writer.write(&Frame { time: meta.time, link: meta.link, wire_len: meta.wire_len, bytes, comment })?;
            written += 1;
        }
    }
    writer.finish()?;
    Ok(written)
}

/// A file that appears when it is whole, or standard output.
enum Destination {
    File(Target),
    Stdout(BufWriter<io::Stdout>),
}

impl Destination {
    fn open(path: &Path) -> Result<Destination> {
        if path == Path::new("-") {
            return Ok(Destination::Stdout(BufWriter::new(io::stdout())));
        }
        Target::create(path).map(Destination::File)
    }

    fn finish(self) -> Result<()> {
        match self {
            Destination::File(target) => target.finish(),
            Destination::Stdout(mut out) => match out.flush() {
                Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e).context("standard output"),
                _ => Ok(()),
            },
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Destination::File(target) => target.write(bytes),
            Destination::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Destination::File(target) => target.flush(),
            Destination::Stdout(out) => out.flush(),
        }
    }
}

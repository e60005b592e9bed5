//! Runs the fuzz driver over the targets in turn, keeps what it finds: minimised, where the tests replay it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use testkit::fuzz::{Target, seeds};

const HELP: &str = "\
Usage: ./dev fuzz [target…] [options]

A target is `file`, `frame`, `engine`, `session` (all protocols) or the name of a protocol; without one all are run.

  --minutes N       time for all targets together (default 60)
  --replay FILE     run one stored input and say which law it breaks
  --list            name the targets
  --driver PATH     the instrumented program (./dev fuzz builds it)
  --folder DIR      where inputs are kept from run to run (default target/fuzz)
";

/// Seconds after which an input is too slow. Inputs are a few kilobytes; the slowest take some milliseconds.
const SLOW_SECONDS: u32 = 10;
/// Longest input, in bytes: longer than any single message of interest, short enough for many runs a second.
const MAX_LEN: u32 = 6_000;
/// Memory of the whole process in MiB; the program's own allocations stop at 1 GiB before.
const MEMORY_MIB: u32 = 2_048;
/// Share of the time for sessions when everything is run; file, frame and engine share the rest by these parts.
const SESSIONS: f64 = 0.6;
const OTHERS: [(Target, f64); 3] = [(Target::File, 0.05), (Target::Frame, 0.1), (Target::Engine, 0.25)];
/// Seconds for making a finding smaller.
const MINIMISE_SECONDS: u32 = 30;

struct Settings {
    targets: Vec<Target>,
    minutes: f64,
    replay: Option<PathBuf>,
    driver: PathBuf,
    folder: PathBuf,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Settings>, String> {
    let mut s = Settings {
        targets: Vec::new(),
        minutes: 60.0,
        replay: None,
        driver: PathBuf::new(),
        folder: "target/fuzz".into(),
    };
    while let Some(word) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--minutes" => s.minutes = value()?.parse().map_err(|e| format!("--minutes: {e}"))?,
            "--replay" => s.replay = Some(value()?.into()),
            "--driver" => s.driver = value()?.into(),
            "--folder" => s.folder = value()?.into(),
            "--list" => {
                Target::all().iter().for_each(|t| println!("{}", t.name()));
                return Ok(None);
            }
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(None);
            }
            "session" => s.targets.extend(Target::all().into_iter().filter(|t| matches!(t, Target::Session(_)))),
            name if name.starts_with('-') => return Err(format!("`{name}` is not an option\n{HELP}")),
            name => {
                s.targets.push(Target::named(name).ok_or_else(|| format!("no target `{name}`; --list names them"))?)
            }
        }
    }
    Ok(Some(s))
}

/// Each target's share of the time.
fn shares(targets: &[Target]) -> Vec<(Target, f64)> {
    if !targets.is_empty() {
        return targets.iter().map(|t| (*t, 1.0 / targets.len() as f64)).collect();
    }
    let all = Target::all();
    let sessions = all.iter().filter(|t| matches!(t, Target::Session(_)));
    let each = SESSIONS / sessions.clone().count().max(1) as f64;
    OTHERS.into_iter().chain(sessions.map(|t| (*t, each))).collect()
}

/// What a run of the driver came to.
#[derive(Clone, Debug, Default)]
struct Outcome {
    runs: u64,
    /// Edges reached, of all there are.
    edges: [u64; 2],
    inputs: u64,
    seconds: f64,
    found: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let settings = match parse(std::env::args().skip(1)) {
        Ok(Some(settings)) => settings,
        Ok(None) => return ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let done = match &settings.replay {
        Some(file) => replay(file, &settings.targets),
        None => run(&settings),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("fuzz: {why}");
            ExitCode::from(2)
        }
    }
}

/// The target a stored input belongs to: the one named, or the one whose folder it lies in.
fn replay(file: &Path, targets: &[Target]) -> Result<bool, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let file = file.canonicalize().map_err(|e| e.to_string())?;
    let home = |t: &Target| seeds::folder(*t).canonicalize().is_ok_and(|f| file.parent() == Some(&f));
    let target = targets.first().copied().or_else(|| Target::all().into_iter().find(home));
    let target = target.ok_or("name the target: --replay FILE TARGET")?;
    println!("{}, {} bytes", target.name(), bytes.len());
    match target.run(&bytes) {
        Ok(()) => println!("every law is kept"),
        Err(law) => {
            println!("{law}");
            return Ok(false);
        }
    }
    Ok(true)
}

/// True where nothing was found.
fn run(settings: &Settings) -> Result<bool, String> {
    let begun = Instant::now();
    let all = Duration::from_secs_f64(settings.minutes * 60.0);
    let mut total = Outcome::default();
    let shares = shares(&settings.targets);
    let mut open: f64 = shares.iter().map(|(_, share)| share).sum();
    for (target, share) in shares {
        // what one target did not use goes to the others
        let left = all.saturating_sub(begun.elapsed()).as_secs_f64();
        let seconds = (left * share / open).max(1.0);
        open -= share;
        let one = fuzz(settings, target, seconds)?;
        println!(
            "{:<14} {:>9} inputs run, {:>6.0} a second, {:>5} of {} edges, {:>5} inputs kept{}",
            target.name(),
            one.runs,
            one.runs as f64 / one.seconds.max(0.1),
            one.edges[0],
            one.edges[1],
            one.inputs,
            if one.found.is_empty() { "" } else { "  FINDING" },
        );
        total.runs += one.runs;
        for found in one.found {
            keep(settings, target, &found)?;
            total.found.push(found);
        }
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    println!("{} inputs in {minutes:.1} minutes, {} finding(s)", total.runs, total.found.len());
    Ok(total.found.is_empty())
}

fn driver(settings: &Settings, target: Target) -> Command {
    let mut command = Command::new(&settings.driver);
    command.env("BOURDON_FUZZ", target.name()).env("RUST_BACKTRACE", "0");
    command
}

fn fuzz(settings: &Settings, target: Target, seconds: f64) -> Result<Outcome, String> {
    let [corpus, start, found] =
        ["corpus", "start", "found"].map(|kind| settings.folder.join(kind).join(target.name()));
    let _ = std::fs::remove_dir_all(&start);
    for folder in [&corpus, &start, &found] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let stored = seeds::stored(target).into_iter().map(|(_, bytes)| bytes);
    for (i, bytes) in seeds::inputs(target).into_iter().chain(stored).enumerate() {
        std::fs::write(start.join(format!("{i:04}")), bytes).map_err(|e| e.to_string())?;
    }
    let known: Vec<PathBuf> = list(&found);
    let begun = Instant::now();
    let output = driver(settings, target)
        .arg(format!("-max_total_time={}", seconds.round() as u64))
        .arg(format!("-timeout={SLOW_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args(["-print_final_stats=1", "-use_value_profile=1", "-reload=0"])
        .args([&corpus, &start])
        .output()
        .map_err(|e| format!("{}: {e}", settings.driver.display()))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let file = found.with_extension("log");
    std::fs::write(&file, log.as_bytes()).map_err(|e| e.to_string())?;
    let found: Vec<PathBuf> = list(&found).into_iter().filter(|p| !known.contains(p)).collect();
    if !output.status.success() && found.is_empty() {
        return Err(format!("the driver ended with {}; see {}", output.status, file.display()));
    }
    let mut outcome = read(&log);
    outcome.seconds = begun.elapsed().as_secs_f64();
    // slow units are told beside timeouts: only what ended the run is a finding
    outcome.found = found.into_iter().filter(|p| !name(p).starts_with("slow-unit")).collect();
    Ok(outcome)
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    all.sort();
    all
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads the figures out of libFuzzer's log.
fn read(log: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let number = |text: &str| text.trim().split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok());
    for line in log.lines() {
        if let Some((_, rest)) = line.split_once("INFO: Loaded 1 modules").filter(|_| outcome.edges[1] == 0) {
            outcome.edges[1] = rest.trim_start_matches([' ', '(']).split(' ').next().and_then(number).unwrap_or(0);
        }
        if let Some((_, rest)) = line.split_once(" cov: ") {
            outcome.edges[0] = number(rest).unwrap_or(outcome.edges[0]);
        }
        if let Some((_, rest)) = line.split_once(" corp: ") {
            outcome.inputs = number(rest).unwrap_or(outcome.inputs);
        }
        if let Some((_, rest)) = line.split_once("stat::number_of_executed_units:") {
            outcome.runs = number(rest).unwrap_or(0);
        }
    }
    outcome
}

/// Makes a finding smaller, stores it where the tests replay it, says how to see it again.
fn keep(settings: &Settings, target: Target, found: &Path) -> Result<(), String> {
    let small = found.with_extension("small");
    // where it cannot be made smaller it stays as it is
    let minimised = driver(settings, target)
        .arg("-minimize_crash=1")
        .arg(format!("-max_total_time={MINIMISE_SECONDS}"))
        .arg(format!("-timeout={SLOW_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-exact_artifact_path={}", small.display()))
        .arg(found)
        .output()
        .is_ok();
    let smaller = std::fs::read(&small).ok().filter(|bytes| minimised && !bytes.is_empty());
    let bytes = match smaller {
        Some(bytes) => bytes,
        None => std::fs::read(found).map_err(|e| e.to_string())?,
    };
    let folder = seeds::folder(target);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let folder = folder.canonicalize().map_err(|e| e.to_string())?;
    let stored = folder.join(seeds::file_name(&bytes));
    std::fs::write(&stored, &bytes).map_err(|e| format!("{}: {e}", stored.display()))?;
    let log = std::fs::read_to_string(settings.folder.join("found").join(format!("{}.log", target.name())));
    let mut why = String::new();
    for line in
        log.unwrap_or_default().lines().skip_while(|l| !l.contains("panicked at") && !l.contains("ERROR")).take(6)
    {
        let _ = writeln!(why, "    {line}");
    }
    println!("  {} in {}:\n{why}  stored as {}", name(found), target.name(), stored.display());
    println!("  again: ./dev fuzz --replay {} {}", stored.display(), target.name());
    println!("  fix it and run: BOURDON_FUZZ={} cargo test --profile ci -p testkit --test fuzz", target.name());
    Ok(())
}

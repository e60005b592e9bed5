//! Writes a capture of the simulated water works and the ground truth beside it.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use testkit::build::capture::{Format, Writer};
use testkit::plant::Plant;
use testkit::plant::attacks::Scenario;
use testkit::plant::sim::{HOUR, SECOND};

const HELP: &str = "\
A simulated water works: a capture file, and the truth about what is in it.

Usage: plant --out FILE [options]

  --out FILE        capture to write; classic pcap when it ends in .pcap, else pcapng; `-` is standard output
  --truth FILE      ground truth to write as JSON
  --hours N         length of the capture (default 4; fractions and `--hours 336` are fine)
  --seed N          the same seed gives the same bytes (default 1)
  --size N          treatment lines, 1 to 120 (default 1: about fifty devices)
  --start SECONDS   begin, seconds since 1970 UTC (default 1772431200: Monday 2 March 2026, 06:00)
  --scenario A,B    attacks: triton, rogue_master, man_in_the_middle, or `all` (default none)
  --quiet           no progress
  --help            this text

Example: plant --out water.pcapng --truth water.json --hours 4 --seed 7 --scenario all
";

struct Settings {
    out: String,
    truth: Option<String>,
    plant: Plant,
    quiet: bool,
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name}: `{value}` is not a number"))
}

/// Settings from the command line; none when help was asked for.
fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Settings>, String> {
    let mut plant =
        Plant { seed: 1, size: 1, start: 1_772_431_200 * SECOND, duration: 4 * HOUR, scenarios: Vec::new() };
    // Progress is for people who watch.
    let (mut out, mut truth, mut quiet) = (None, None, !io::stderr().is_terminal());
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--quiet" => quiet = true,
            "--out" => out = Some(value()?),
            "--truth" => truth = Some(value()?),
            "--seed" => plant.seed = number(&name, &value()?)?,
            "--size" => plant.size = number(&name, &value()?)?,
            "--start" => plant.start = number::<i64>(&name, &value()?)?.saturating_mul(SECOND),
            "--hours" => {
                let hours: f64 = number(&name, &value()?)?;
                // Ten years: beyond it the nanosecond clock has little room left.
                if !(hours > 0.0 && hours < 87_600.0) {
                    return Err(format!("--hours: {hours} is not between 0 and 87600"));
                }
                plant.duration = (hours * HOUR as f64) as i64;
            }
            "--scenario" => {
                for word in value()?.split(',').filter(|w| !w.is_empty()) {
                    if word == "all" {
                        plant.scenarios.extend(Scenario::ALL);
                        continue;
                    }
                    let all = Scenario::ALL.map(Scenario::word).join(", ");
                    let known = Scenario::from_word(word);
                    plant.scenarios.push(known.ok_or_else(|| format!("--scenario: `{word}` is not one of {all}"))?);
                }
            }
            other => return Err(format!("`{other}` is not an option; see --help")),
        }
    }
    if !(1..=testkit::plant::MAX_SIZE).contains(&plant.size) {
        return Err(format!("--size: {} is not between 1 and {}", plant.size, testkit::plant::MAX_SIZE));
    }
    // Year 2100 leaves room for ten years within 64 bits of nanoseconds.
    if !(0..4_102_444_800 * SECOND).contains(&plant.start) {
        return Err("--start: not between 1970 and 2100".to_string());
    }
    let out = out.ok_or("--out is needed; see --help")?;
    Ok(Some(Settings { out, truth, plant, quiet }))
}

fn run(s: &Settings) -> io::Result<()> {
    let output: Box<dyn Write> =
        if s.out == "-" { Box::new(io::stdout().lock()) } else { Box::new(File::create(&s.out)?) };
    let format = if s.out.ends_with(".pcap") { Format::Pcap } else { Format::PcapNg };
    let mut writer = Writer::new(BufWriter::with_capacity(1 << 20, output), format)?;
    let (mut frames, mut shown) = (0u64, 0);
    let truth = s.plant.run(|time, bytes| {
        frames += 1;
        let percent = (time - s.plant.start) * 100 / s.plant.duration.max(1);
        if !s.quiet && percent > shown {
            shown = percent;
            eprint!("\r{percent:3} %  {frames} frames");
        }
        writer.frame(time, bytes)
    })?;
    writer.finish()?.flush()?;
    if let Some(path) = &s.truth {
        let mut file = BufWriter::new(File::create(path)?);
        serde_json::to_writer_pretty(&mut file, &truth)?;
        writeln!(file)?;
        file.flush()?;
    }
    if !s.quiet {
        eprintln!("\r100 %  {frames} frames in {}", s.out);
    }
    Ok(())
}

fn main() -> ExitCode {
    let settings = match parse(std::env::args().skip(1)) {
        Ok(Some(s)) => s,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(e) => {
            eprintln!("plant: {e}");
            return ExitCode::from(2);
        }
    };
    match run(&settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("plant: {e}");
            ExitCode::FAILURE
        }
    }
}

//! Runs commands in turn and measures each as a whole process: processor time of user and system, peak memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something to measure.
#[derive(Clone, Debug)]
pub struct Runner {
    /// How it is shown.
    pub name: String,
    /// Program and arguments; `{}` stands for the input.
    pub words: Vec<String>,
}

impl Runner {
    /// From its name and words.
    pub fn new(name: &str, words: &[&str]) -> Runner {
        Runner { name: name.to_string(), words: words.iter().map(|w| w.to_string()).collect() }
    }
}

/// What one run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Seconds of processor time, user and system.
    pub cpu: f64,
    /// Seconds from begin to end.
    pub wall: f64,
    /// Most memory held, in MiB.
    pub peak: f64,
}

/// Runs every runner `rounds` times, in turn, after one round that is not counted. The median of each, and the median
/// of its ratio to the first one of the same round.
pub fn in_turn(runners: &[Runner], input: &Path, rounds: usize) -> Vec<(Cost, f64)> {
    let mut all: Vec<Vec<Cost>> = vec![Vec::new(); runners.len()];
    for round in 0..=rounds {
        for (runner, costs) in runners.iter().zip(&mut all) {
            let cost = once(runner, input).unwrap_or_default();
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    let first = all.first().cloned().unwrap_or_default();
    let ratio = |costs: &[Cost]| median(costs.iter().zip(&first).map(|(own, base)| own.cpu / base.cpu.max(1e-9)));
    all.iter()
        .map(|costs| {
            let cost = Cost {
                cpu: median(costs.iter().map(|c| c.cpu)),
                wall: median(costs.iter().map(|c| c.wall)),
                peak: median(costs.iter().map(|c| c.peak)),
            };
            (cost, ratio(costs))
        })
        .collect()
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// One run. The shell's `time` gives milliseconds, GNU time the memory; both are the kernel's own accounting.
fn once(runner: &Runner, input: &Path) -> Option<Cost> {
    let memory = std::env::temp_dir().join(format!("bourdon-bench-{}", std::process::id()));
    let script =
        "TIMEFORMAT='%3U %3S %3R'; m=$1; shift; time /usr/bin/time -q -f %M -o \"$m\" \"$@\" >/dev/null 2>/dev/null";
    let words = runner.words.iter().map(|w| if w == "{}" { input.as_os_str() } else { w.as_ref() });
    let output = Command::new("bash")
        .args(["-c", script, "bench"])
        .arg(&memory)
        .args(words)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let numbers: Vec<f64> = text.lines().last()?.split(' ').filter_map(|n| n.parse().ok()).collect();
    let [user, system, wall] = *numbers else { return None };
    let kib = std::fs::read_to_string(&memory).ok().and_then(|m| m.trim().parse::<f64>().ok());
    let _ = std::fs::remove_file(&memory);
    Some(Cost { cpu: user + system, wall, peak: kib.unwrap_or(0.0) / 1024.0 })
}

/// Instructions of one run under callgrind; `None` where valgrind is not installed.
pub fn instructions(runner: &Runner, input: &Path) -> Option<u64> {
    let words = runner.words.iter().map(|w| if w == "{}" { input.as_os_str() } else { w.as_ref() });
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|l| l.contains("Collected :"))?;
    line.split(':').next_back()?.trim().parse().ok()
}

/// Where a program is, if it is installed.
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_file())
}

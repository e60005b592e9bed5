//! A progress line with rate and time left, on a terminal only.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Shows progress on standard error.
pub struct Progress {
    on: bool,
    started: Instant,
    shown: Option<Instant>,
    total: u64,
}

impl Progress {
    /// `total` bytes are to be read, 0 where that is not known. Silent when standard error is no terminal.
    pub fn new(total: u64, quiet: bool) -> Progress {
        Progress { on: !quiet && std::io::stderr().is_terminal(), started: Instant::now(), shown: None, total }
    }

    /// So many frames and bytes are read. Shown at most five times a second.
    pub fn show(&mut self, frames: u64, read: u64) {
        if !self.on || self.shown.is_some_and(|t| t.elapsed() < Duration::from_millis(200)) {
            return;
        }
        self.shown = Some(Instant::now());
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let rate = frames as f64 / seconds;
        let mut line = format!("\r{frames} packets, {rate:.0}/s");
        if self.total > 0 && read > 0 {
            let share = (read as f64 / self.total as f64).min(1.0);
            let left = seconds / share - seconds;
            line.push_str(&format!(", {:.0} %, {left:.0} s left", share * 100.0));
        }
        eprint!("{line}\x1b[K");
        let _ = std::io::stderr().flush();
    }

    /// Takes the line away.
    pub fn done(&mut self) {
        if self.on && self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

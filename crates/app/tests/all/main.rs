//! The program from outside: what a user types, what comes out.

mod browser;
mod cut;
mod golden;
mod site;

use serde_json::Value;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use testkit::build::capture::{Format, Writer};
use testkit::plant::Plant;
use testkit::plant::attacks::Scenario;
use testkit::plant::sim::{HOUR, SECOND};

/// Monday 2 March 2026, 06:00 UTC.
pub const MONDAY: i64 = 1_772_431_200 * SECOND;

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("bourdon-app-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Runs the program here.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bourdon")).args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// Runs it and takes the document; the exit code must be 0.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.run(&[&["analyze", "--json", "--quiet"], arguments].concat());
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    /// Simulates minutes of the water works into a file.
    pub fn plant(&self, name: &str, start: i64, minutes: i64, scenarios: &[Scenario]) {
        let plant = Plant { seed: 7, size: 1, start, duration: minutes * HOUR / 60, scenarios: scenarios.to_vec() };
        let file = BufWriter::new(File::create(self.0.join(name)).unwrap());
        let mut writer = Writer::new(file, Format::PcapNg).unwrap();
        plant.run(|time, bytes| writer.frame(time, bytes)).unwrap();
        writer.finish().unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

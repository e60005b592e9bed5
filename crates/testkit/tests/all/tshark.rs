//! Wireshark's dissectors as a second opinion, where they are installed.

use std::path::PathBuf;
use std::process::Command;
use testkit::build::capture::{Format, Writer};

/// Whether tshark can be run; says so when not.
pub fn installed() -> bool {
    let found = Command::new("tshark").arg("--version").output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: tshark is not installed");
    }
    found
}

/// A capture in the temporary folder, removed when dropped.
pub struct Capture(PathBuf);

impl Capture {
    /// Writes what `fill` gives in the format; `name` tells captures of one test run apart.
    pub fn new(
        name: &str,
        format: Format,
        fill: impl FnOnce(&mut dyn FnMut(i64, &[u8]) -> std::io::Result<()>),
    ) -> Capture {
        let path = std::env::temp_dir().join(format!("testkit-{}-{name}", std::process::id()));
        let file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a temporary file"));
        let mut writer = Writer::new(file, format).expect("the header");
        fill(&mut |time, bytes| writer.frame(time, bytes));
        drop(writer.finish().expect("flush"));
        Capture(path)
    }

    /// The lines tshark prints for it.
    pub fn lines(&self, arguments: &[&str]) -> Vec<String> {
        let out = Command::new("tshark").arg("-r").arg(&self.0).args(arguments).output().expect("tshark runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).lines().map(str::to_string).collect()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

//! Files and standard output: whole or not at all, and every failure says where.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file being written. It appears under its name only when it is whole; a failure leaves what was there before.
pub struct Target {
    path: PathBuf,
    part: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Target {
    /// Opens the file beside its final name, so that a path nobody may write to is known at once.
    pub fn create(path: &Path) -> Result<Target> {
        if path.is_dir() {
            anyhow::bail!("{}: is a folder; the name of a file is needed", path.display());
        }
        // a device or a pipe is written as it is: it cannot be replaced, and need not be
        if path.metadata().is_ok_and(|m| !m.is_file()) {
            let file = File::options().write(true).open(path);
            let file = file.with_context(|| format!("{}: cannot be written", path.display()))?;
            return Ok(Target { path: path.to_path_buf(), part: None, file: Some(BufWriter::new(file)) });
        }
        let name = path.file_name().with_context(|| format!("{}: not the name of a file", path.display()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".part{}", std::process::id()));
        let part = path.with_file_name(hidden);
        let file = File::create(&part).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Target { path: path.to_path_buf(), part: Some(part), file: Some(BufWriter::with_capacity(1 << 18, file)) })
    }

    /// How it is shown.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Everything at once, then done.
    pub fn write(mut self, bytes: &[u8]) -> Result<()> {
        let written = self.write_all(bytes);
        written.with_context(|| format!("{}: writing failed", self.path.display()))?;
        self.finish()
    }

    /// Flushes and gives the file its name.
    pub fn finish(mut self) -> Result<()> {
        let ended = self.end();
        ended.with_context(|| format!("{}: writing failed", self.path.display()))
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Some(part) = &self.part else { return Ok(()) };
        file.sync_all()?;
        fs::rename(part, &self.path)
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // after a rename there is nothing under this name any more
            let _ = fs::remove_file(part);
        }
    }
}

/// Writes to standard output. A reader that went away (`| head`) is nobody to complain to.
pub fn stdout(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e).context("standard output"),
        _ => Ok(()),
    }
}

//! Capture files by path, glob, folder or standard input; plain, gzip or Zstandard. One bad file never costs another.

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Endings that a folder is searched for.
const ENDINGS: &[&str] =
    &["pcap", "pcapng", "cap", "ntar", "pcap.gz", "pcapng.gz", "cap.gz", "pcap.zst", "pcapng.zst", "cap.zst"];

/// An input as the user named it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// How it is shown.
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "(standard input)".to_string(),
        }
    }
}

/// Expands what the user named: `-`, files, folders (searched to the bottom), patterns. Sorted, each file once.
pub fn expand(named: &[String]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for name in named {
        if name == "-" {
            inputs.push(Input::Stdin);
            continue;
        }
        let path = Path::new(name);
        if path.is_dir() {
            let before = inputs.len();
            search(path, &mut inputs).with_context(|| format!("reading folder {name}"))?;
            if inputs.len() == before {
                bail!("{name}: no capture files in this folder (looked for {})", ENDINGS.join(", "));
            }
        } else if path.exists() || !name.contains(['*', '?', '[']) {
            inputs.push(Input::File(path.to_path_buf()));
        } else {
            let found: Vec<PathBuf> = glob::glob(name).with_context(|| format!("pattern {name}"))?.flatten().collect();
            if found.is_empty() {
                bail!("{name}: nothing matches this pattern");
            }
            inputs.extend(found.into_iter().filter(|p| p.is_file()).map(Input::File));
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(inputs)
}

fn search(folder: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_dir() {
            search(&path, inputs)?;
        } else if ENDINGS.iter().any(|e| name.ends_with(&format!(".{e}"))) {
            inputs.push(Input::File(path));
        }
    }
    Ok(())
}

/// What is known of an input from outside, shared with the progress bar and the report.
#[derive(Debug, Default)]
pub struct Meter {
    /// Bytes of the file on disk; 0 where not known.
    pub size: u64,
    /// Bytes read so far (compressed, as on disk).
    pub read: AtomicU64,
    hash: Option<Mutex<Sha256>>,
}

impl Meter {
    /// SHA-256 of the file as it lies on disk, lower-case hex, once it has been read to its end.
    pub fn sha256(&self) -> Option<String> {
        let hash = self.hash.as_ref()?.lock().ok()?.clone().finalize();
        Some(hash.iter().map(|b| format!("{b:02x}")).collect())
    }
}

struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.meter.read.fetch_add(n as u64, Ordering::Relaxed);
        if let Some(hash) = &self.meter.hash
            && let Ok(mut hash) = hash.lock()
        {
            hash.update(buffer.get(..n).unwrap_or_default());
        }
        Ok(n)
    }
}

/// Opens an input and takes compression off. `hashed`: the file's SHA-256 is wanted.
pub fn open(input: &Input, hashed: bool) -> Result<(Box<dyn Read + Send>, Arc<Meter>)> {
    let (raw, size): (Box<dyn Read + Send>, u64) = match input {
        Input::Stdin => (Box::new(io::stdin()), 0),
        Input::File(path) => {
            let file = File::open(path).with_context(|| format!("{}", path.display()))?;
            let size = file.metadata().map(|m| m.len()).unwrap_or(0);
            (Box::new(file), size)
        }
    };
    let hash = hashed.then(|| Mutex::new(Sha256::new()));
    let meter = Arc::new(Meter { size, read: AtomicU64::new(0), hash });
    let mut metered = Metered { inner: raw, meter: meter.clone() };
    // the first bytes tell the compression; they are handed on again in front of the rest
    let mut magic = [0u8; 4];
    let mut have = 0;
    while have < magic.len() {
        match metered.read(magic.get_mut(have..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e).with_context(|| input.name()),
        }
    }
    let front = io::Cursor::new(magic.get(..have).unwrap_or_default().to_vec());
    let whole = front.chain(metered);
    let plain: Box<dyn Read + Send> = match magic {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::new(whole).with_context(|| input.name())?),
        _ => Box::new(whole),
    };
    Ok((plain, meter))
}

//! The captures beside the project, where they are there. Tests that use them skip, and say so, where they are not.

use engine::{Engine, FrameIn, JsonLines, Settings};
use model::{Event, NetworkId, Time};
use std::path::{Path, PathBuf};
use wire::file::CaptureReader;

/// The folder: `BOURDON_CORPUS`, or `shared/corpus` beside the project.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("BOURDON_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = named.unwrap_or(beside);
    folder.is_dir().then_some(folder)
}

/// The labelled sets: `BOURDON_DATASETS`, or `shared/datasets` beside the project.
pub fn datasets() -> Option<PathBuf> {
    let named = std::env::var_os("BOURDON_DATASETS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/datasets");
    let folder = named.unwrap_or(beside);
    folder.is_dir().then_some(folder)
}

/// Every capture, compressed ones too, sorted.
pub fn everything() -> Vec<PathBuf> {
    let ends = |p: &PathBuf| {
        let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        [".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".pcap.zst"].iter().any(|end| name.ends_with(end))
    };
    let mut found: Vec<PathBuf> = folder().iter().flat_map(|f| list(f)).flat_map(|f| list(&f)).filter(ends).collect();
    found.sort();
    found
}

/// All captures of the folder, or of one folder in it, sorted. Empty where there is no corpus.
pub fn captures(protocol: Option<&str>) -> Vec<PathBuf> {
    let Some(folder) = folder() else {
        eprintln!("no corpus beside the project: skipped");
        return Vec::new();
    };
    let mut found = Vec::new();
    let folders: Vec<PathBuf> = match protocol {
        Some(name) => vec![folder.join(name)],
        None => list(&folder).into_iter().filter(|p| p.is_dir()).collect(),
    };
    for folder in folders {
        let is_capture = |p: &PathBuf| p.extension().is_some_and(|e| e == "pcap" || e == "pcapng" || e == "cap");
        found.extend(list(&folder).into_iter().filter(is_capture));
    }
    found.sort();
    found
}

fn list(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default()
}

/// Runs a capture through the engine: all facts to `event`, and the JSON lines.
pub fn run(path: &Path, settings: &Settings, mut event: impl FnMut(Event)) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut engine = Engine::new(settings);
    engine.write_with(|| Box::new(JsonLines::new()));
    let mut write = |bytes: &[u8]| text.extend_from_slice(bytes);
    frames(path, |frame| engine.push(frame, &mut event, &mut write))?;
    engine.finish(&mut event, &mut write);
    Ok(text)
}

/// Reads the frames of a capture.
///
/// # Errors
/// When the file cannot be opened or is no capture.
pub fn frames(path: &Path, mut each: impl FnMut(&FrameIn<'_>)) -> std::io::Result<()> {
    let mut reader = match CaptureReader::new(std::fs::File::open(path)?) {
        Ok(reader) => reader,
        Err(e) => return Err(std::io::Error::other(e.to_string())),
    };
    while let Some(record) = reader.next() {
        // a broken record is told by the tests of the file reader; here what can be read counts
        let Ok(r) = record else { continue };
        let (time, network) = (Time(r.time), NetworkId(0));
        each(&FrameIn { time, link: r.link, wire_len: r.wire_len, bytes: r.bytes, network });
    }
    Ok(())
}

//! What the always-on detections say over every capture beside the project. Grave alerts (Major and Critical) on benign
//! captures must be those that `noise/explained.tsv` counts and explains. `BOURDON_NOISE=1` (`./dev noise`) also runs the
//! labelled sets and writes `docs/noise.md`; `BOURDON_NOISE=FOLDER` writes every alert to a file there, too.

mod labelled;
mod lists;
mod page;
mod run;

use lists::Class;
use run::Said;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use testkit::corpus;

/// Everything that was said, by capture.
pub type All = BTreeMap<String, Vec<Said>>;

/// Runs all captures, on as many threads as there are processors.
fn everything() -> Result<All, String> {
    let root = corpus::folder().unwrap_or_default();
    let queue = Mutex::new(corpus::everything());
    let (done, trouble) = (Mutex::new(All::new()), Mutex::new(Vec::new()));
    let next = || queue.lock().ok().and_then(|mut q| q.pop());
    let work = || {
        while let Some(path) = next() {
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            match run::alerts(&path) {
                Ok(said) => drop(done.lock().map(|mut d| d.insert(name, said))),
                Err(e) => drop(trouble.lock().map(|mut t| t.push(format!("{name}: {e}")))),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let trouble = trouble.into_inner().unwrap_or_default();
    if trouble.is_empty() { Ok(done.into_inner().unwrap_or_default()) } else { Err(trouble.join("\n")) }
}

/// Every alert, one line each, for judging by hand.
fn dump(folder: PathBuf, all: &All, classes: &BTreeMap<&str, Class>) {
    let mut text = String::new();
    for (file, said) in all {
        for s in said {
            let class = classes.get(file.as_str()).map_or("unlisted".into(), |c| format!("{c:?}").to_lowercase());
            let frame = s.frames.first().copied().unwrap_or(0);
            let _ =
                writeln!(text, "{class}\t{file}\t{}\t{}\t{}\t{frame}\t{}", s.severity, s.detection, s.count, s.text);
        }
    }
    let file = folder.join("alerts.tsv");
    std::fs::write(&file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
}

#[test]
fn grave_alerts_on_benign_captures_are_those_published() {
    if corpus::folder().is_none() {
        eprintln!("no corpus beside the project: skipped");
        return;
    }
    let captures = lists::captures().unwrap_or_else(|e| panic!("{e}"));
    let explained = lists::explained().unwrap_or_else(|e| panic!("{e}"));
    let classes: BTreeMap<&str, Class> = captures.iter().map(|c| (c.file, c.class)).collect();
    let all = everything().unwrap_or_else(|e| panic!("{e}"));
    let write = std::env::var_os("BOURDON_NOISE");
    if let Some(folder) = write.as_ref().map(PathBuf::from).filter(|f| f.is_dir()) {
        dump(folder, &all, &classes);
    }
    let mut trouble = Vec::new();
    let mut seen: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (file, said) in &all {
        let Some(class) = classes.get(file.as_str()) else {
            trouble.push(format!("{file}: not in noise/captures.tsv"));
            continue;
        };
        for s in said.iter().filter(|s| s.grave() && *class == Class::Benign) {
            *seen.entry((file, s.detection)).or_default() += 1;
        }
    }
    for ((file, detection), n) in &seen {
        match explained.get(&(*file, *detection)) {
            Some(e) if e.alerts == *n => {}
            Some(e) => trouble.push(format!("{file}: {detection}: {n} grave alerts, published {}", e.alerts)),
            None => trouble.push(format!("{file}: {detection}: {n} grave alerts, not explained")),
        }
    }
    let gone = explained.keys().filter(|key| !seen.contains_key(key));
    trouble.extend(gone.map(|(file, d)| format!("{file}: {d}: explained, but there is no such alert any more")));
    for c in captures.iter().filter(|c| c.class == Class::Attack) {
        let Some(said) = all.get(c.file) else { continue };
        let missing = c.expected.iter().filter(|any| !said.iter().any(|s| any.contains(&s.detection)));
        trouble.extend(missing.map(|any| format!("{}: {} does not speak any more", c.file, any.join(" or "))));
    }
    if write.is_some() {
        let labelled = labelled::measure().unwrap_or_else(|e| panic!("{e}"));
        let text = page::text(&captures, &explained, &all, &labelled);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/noise.md");
        std::fs::write(path, text).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}

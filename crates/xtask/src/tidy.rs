//! The promises that a compiler does not check: dependencies point one way, folders and lists agree, every folder has
//! its page, no names of places outside the project.

use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may depend on inside the workspace.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("protocols", &["model", "wire"]),
    ("engine", &["model", "wire", "protocols"]),
    ("analysis", &["model"]),
    ("store", &["model", "analysis"]),
    ("app", &["model", "wire", "protocols", "engine", "analysis", "store"]),
    ("testkit", &["model", "wire", "protocols", "engine", "analysis"]),
    ("xtask", &[]),
];

/// Words that pure crates must not contain: clocks, threads, files, sockets, unordered maps.
const IMPURE: &[&str] =
    &["std::fs", "std::net::Tcp", "std::net::Udp", "std::thread", "SystemTime", "Instant::now", "HashMap", "HashSet"];

/// Runs every check; all trouble is listed at once.
pub fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut trouble = Vec::new();
    dependencies(&root, &mut trouble);
    lists(&root, &mut trouble);
    purity(&root, &mut trouble);
    if trouble.is_empty() { Ok(()) } else { Err(format!("{} things:\n{}", trouble.len(), trouble.join("\n"))) }
}

fn dependencies(root: &Path, trouble: &mut Vec<String>) {
    let names: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    for folder in folders(&root.join("crates")) {
        let name = file_name(&folder);
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            trouble.push(format!("crates/{name}: not in the list of crates; a new crate needs a new reason"));
            continue;
        };
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let normal = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for line in normal.lines() {
            let word = line.split(['=', '.', ' ']).next().unwrap_or_default();
            if names.contains(&word) && !allowed.contains(&word) {
                trouble.push(format!("crates/{name}: must not depend on {word}"));
            }
        }
    }
}

fn lists(root: &Path, trouble: &mut Vec<String>) {
    for (place, except) in [
        ("crates/protocols/src", &["common"][..]),
        ("crates/analysis/src/detections", &["facts"][..]),
        ("crates/analysis/src/reports", &[][..]),
    ] {
        let list = fs::read_to_string(root.join(place).join("list.rs")).unwrap_or_default();
        let words: Vec<&str> = list.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').skip(1).collect();
        let mut found = Vec::new();
        for folder in folders(&root.join(place)) {
            let name = file_name(&folder);
            if except.contains(&name.as_str()) {
                continue;
            }
            if !words.contains(&name.as_str()) {
                trouble.push(format!("{place}/{name}: not in list.rs"));
            }
            if !folder.join("README.md").is_file() {
                trouble.push(format!("{place}/{name}: no README.md"));
            }
            found.push(name);
        }
        for word in words.into_iter().filter(|w| !w.is_empty()) {
            if !found.iter().any(|f| f == word) {
                trouble.push(format!("{place}/list.rs: {word} has no folder"));
            }
        }
    }
}

fn purity(root: &Path, trouble: &mut Vec<String>) {
    for name in ["model", "protocols", "engine", "analysis"] {
        let mut files = Vec::new();
        sources(&root.join("crates").join(name).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap_or_default();
            // tests stand at the bottom of a file or in files of their own and may do what they like
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            let is_test = file.components().any(|c| c.as_os_str().to_string_lossy().starts_with("tests"));
            for word in IMPURE.iter().filter(|w| !is_test && product.contains(**w)) {
                trouble.push(format!("{}: {word} in a pure crate", file.display()));
            }
        }
    }
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn folders(place: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(place).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

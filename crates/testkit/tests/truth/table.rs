//! Truth tables: `truth/<group>.md`, a section per capture, a row per thing that is true of a device.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is true of one capture.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// `folder/file` in the corpus.
    pub capture: String,
    /// Devices by the key they have in the table.
    pub devices: BTreeMap<String, Device>,
}

/// One device, or one module of a device.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Every address it is known by: its key and the rows `address`.
    pub keys: BTreeSet<String>,
    /// For a module: key of the device it is in and the way from there.
    pub inside: Option<(String, String)>,
    /// Never sends a frame itself: it may be shown, it need not.
    pub silent: bool,
    /// The other rows.
    pub rows: Vec<Row>,
}

/// One thing that is true of a device.
#[derive(Clone, Debug)]
pub struct Row {
    /// `vendor`, `firmware`, …
    pub what: String,
    /// The value; for judged rows alternatives stand between ` or `.
    pub value: String,
    /// Stands on the wire (a frame is given) rather than being a judgement (`-`).
    pub on_wire: bool,
}

/// What a row may say.
pub const WORDS: &[&str] = &[
    "host_name",
    "domain",
    "station_name",
    "system_name",
    "vendor",
    "model",
    "family",
    "order_number",
    "firmware",
    "software",
    "hardware",
    "serial",
    "os",
    "description",
    "location",
    "contact",
    "project",
    "user",
    "mode",
    "unit",
    "module",
    "name",
    "type",
    "level",
    "vlan",
];

/// Rows that are a matter of judgement; they have no frame.
pub const JUDGED: &[&str] = &["type", "level"];

/// All tables of the folder, in order of their names.
pub fn all() -> Vec<(PathBuf, Vec<Truth>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("truth");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder truth").flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "md") && p.file_stem().is_some_and(|s| s != "README"));
    files.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a truth table");
    files.iter().map(|p| (p.clone(), parse(&read(p)).unwrap_or_else(|e| panic!("{}: {e}", p.display())))).collect()
}

/// Reads one file.
pub fn parse(text: &str) -> Result<Vec<Truth>, String> {
    let mut all: Vec<Truth> = Vec::new();
    let mut told = false;
    for (n, line) in text.lines().enumerate() {
        let wrong = |why: &str| format!("line {}: {why}: {line}", n + 1);
        if let Some(capture) = line.strip_prefix("## ") {
            finish(all.last_mut())?;
            all.push(Truth { capture: capture.trim().into(), ..Truth::default() });
            told = false;
            continue;
        }
        let Some(truth) = all.last_mut() else { continue };
        let Some(cells) = line.strip_prefix('|').and_then(|l| l.trim_end().strip_suffix('|')) else {
            told |= !line.trim().is_empty();
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let [device, what, value, frame] = cells[..] else { return Err(wrong("not four cells")) };
        if device == "device" || device.starts_with("---") {
            continue;
        }
        if !told {
            return Err(wrong("a section says first how its truth was established"));
        }
        if frame != "-" && frame.parse::<u32>().is_err() {
            return Err(wrong("the frame is a number or -"));
        }
        let key = device.to_lowercase();
        let entry = truth.devices.entry(key.clone()).or_default();
        entry.keys.insert(key);
        match what {
            "address" => {
                entry.keys.insert(value.to_lowercase());
            }
            "presence" if value == "silent" => entry.silent = true,
            // nothing but that it is there
            "presence" if value == "shown" => {}
            what if WORDS.contains(&what) => {
                if JUDGED.contains(&what) != (frame == "-") {
                    return Err(wrong("judgements have no frame, what stands on the wire has one"));
                }
                entry.rows.push(Row { what: what.into(), value: value.into(), on_wire: frame != "-" });
            }
            _ => return Err(wrong("unknown word")),
        }
    }
    finish(all.last_mut())?;
    Ok(all)
}

/// Finds the device a module is in: the longest key before its way.
fn finish(truth: Option<&mut Truth>) -> Result<(), String> {
    let Some(truth) = truth else { return Ok(()) };
    let mut inside = Vec::new();
    for key in truth.devices.keys() {
        let last = key.rsplit(" / ").next().unwrap_or_default();
        if !(last.starts_with("slot ") || last.starts_with("rack ")) {
            continue;
        }
        let owner = truth
            .devices
            .iter()
            .filter(|(other, _)| *other != key)
            .flat_map(|(other, device)| device.keys.iter().map(move |k| (k, other)))
            .filter(|(k, _)| key.starts_with(&format!("{k} / ")))
            .max_by_key(|(k, _)| k.len());
        let Some((front, owner)) = owner else { return Err(format!("{}: nothing in front of {key}", truth.capture)) };
        inside.push((key.clone(), owner.clone(), key[front.len() + 3..].to_string()));
    }
    for (key, owner, way) in inside {
        // A module of a module stands under the device itself.
        if let Some(device) = truth.devices.get_mut(&key) {
            device.inside = Some((owner, way));
        }
    }
    let mut seen: BTreeMap<&String, &String> = BTreeMap::new();
    for (name, device) in &truth.devices {
        for key in &device.keys {
            // An IP address may move from device to device; a hardware address belongs to one.
            if let Some(other) = seen.insert(key, name).filter(|_| is_hardware(key)) {
                return Err(format!("{}: {key} belongs to {other} and to {name}", truth.capture));
            }
        }
    }
    Ok(())
}

/// A hardware address in its usual notation.
pub fn is_hardware(key: &str) -> bool {
    key.len() == 17 && key.split(':').count() == 6 && key.split(':').all(|p| p.len() == 2)
}

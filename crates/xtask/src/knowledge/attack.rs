//! ATT&CK for ICS techniques out of MITRE's STIX bundle.

use super::one_line;
use serde_json::Value;
use std::collections::BTreeMap;

/// `id<TAB>name<TAB>tactic words`; revoked and deprecated techniques are left out.
pub fn techniques(text: &str) -> Result<String, String> {
    let bundle: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let objects = bundle["objects"].as_array().ok_or("the bundle has no objects")?;
    let mut rows = BTreeMap::new();
    for object in objects.iter().filter(|o| o["type"] == "attack-pattern") {
        if object["revoked"] == true || object["x_mitre_deprecated"] == true {
            continue;
        }
        let references = object["external_references"].as_array().into_iter().flatten();
        let id = references
            .filter(|r| r["source_name"].as_str().is_some_and(|s| s.starts_with("mitre-")))
            .find_map(|r| r["external_id"].as_str());
        let (Some(id), Some(name)) = (id, object["name"].as_str()) else { continue };
        let phases = object["kill_chain_phases"].as_array().into_iter().flatten();
        let mut tactics: Vec<String> = phases
            .filter_map(|p| p["phase_name"].as_str())
            .map(|p| p.trim_end_matches("-ics").replace('-', "_"))
            .collect();
        tactics.sort();
        rows.insert(id.to_string(), (one_line(name), tactics.join(" ")));
    }
    let mut out = String::from("# id\tname\ttactics\n");
    for (id, (name, tactics)) in rows {
        out.push_str(&format!("{id}\t{name}\t{tactics}\n"));
    }
    Ok(out)
}

//! PsExec's service program or pipe. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(&["dcerpc", "smb", "smb2"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let names = t.items.iter().map(|item| item.target.name.as_str());
        let fields = t.fields.iter().filter_map(|f| words::text(&f.value));
        let found = names.chain(fields).any(|text| text.to_ascii_lowercase().contains("psexesvc"));
        found.then(|| Finding::of(event, t))
    })
}

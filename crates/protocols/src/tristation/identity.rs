//! What answers tell about the controller: key switch, project, node, modules. Offsets of the status were checked against
//! a real exchange; the others are known from public descriptions.

use super::{meaning, names};
use crate::{About, Draft, Goal, Kind, Output, Val};
use model::{Hop, NameKind, Time};

/// Letters of a project's name.
const NAME: usize = 10;

/// Where a status keeps what.
struct Layout {
    key: usize,
    run: usize,
    /// Minor version, major version, build time.
    version: usize,
    name: usize,
}

const CP_STATUS: Layout = Layout { key: 7, run: 8, version: 58, name: 66 };
const CHASSIS_STATUS: Layout = Layout { key: 4, run: 3, version: 6, name: 32 };

fn layout(code: u8) -> Option<&'static Layout> {
    match code {
        meaning::CP_STATUS => Some(&CP_STATUS),
        meaning::CHASSIS_STATUS => Some(&CHASSIS_STATUS),
        _ => None,
    }
}

fn le16(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..).and_then(|b| b.first_chunk::<2>()).map(|b| u16::from_le_bytes(*b))
}

fn le32(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..).and_then(|b| b.first_chunk::<4>()).map(|b| u32::from_le_bytes(*b))
}

fn name(data: &[u8], at: usize, letters: usize) -> Option<&[u8]> {
    let name = data.get(at..at + letters)?.split(|b| *b == 0).next()?;
    let shown = name.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    (shown && !name.is_empty()).then_some(name)
}

/// The project that a download is begun for.
pub fn project(data: &[u8], at: usize, draft: &mut Draft<'_>) {
    if let Some(name) = name(data, at, NAME) {
        let text = draft.text(name);
        draft.push_item(Goal::named("project", text), Val::None);
    }
}

/// Adds what an answer tells to its row.
pub fn describe(code: u8, data: &[u8], draft: &mut Draft<'_>) {
    let Some(layout) = layout(code) else { return };
    if let Some(key) = data.get(layout.key).and_then(|b| meaning::key(*b)) {
        draft.push_extra("key", Val::Name(key));
    }
    if let Some(state) = data.get(layout.run).and_then(|b| meaning::run_state(*b)) {
        draft.push_extra("run_state", Val::Name(state));
    }
    if code == meaning::CHASSIS_STATUS
        && let Some(node) = le16(data, 0)
    {
        draft.push_extra("node", Val::Uint(node.into()));
    }
    let Some(name) = name(data, layout.name, NAME) else { return };
    let name = draft.text(name);
    draft.push_extra("project", Val::Text(name));
    let (minor, major) = (le16(data, layout.version), le16(data, layout.version + 2));
    if let (Some(minor), Some(major)) = (minor, major) {
        let version = draft.format(format_args!("{major}.{minor}"));
        draft.push_extra("project_version", Val::Text(version));
    }
    if let Some(built) = le32(data, layout.version + 4) {
        draft.push_extra("built", Val::Time(Time(i64::from(built) * Time::SECOND)));
    }
}

/// Says what an answer proves.
pub fn say(code: u8, data: &[u8], out: &mut Output) {
    match code {
        meaning::MODULE_VERSIONS => modules(data, out),
        meaning::ATTACHED => attached(data, out),
        _ => {}
    }
    let Some(layout) = layout(code) else { return };
    if let Some(key) = data.get(layout.key).and_then(|b| meaning::key(*b)) {
        out.about(About::Sender).verified().mode(key.as_bytes());
    }
    if let Some(name) = name(data, layout.name, NAME) {
        out.about(About::Sender).verified().name(NameKind::Project, name);
    }
}

/// The family of the main processors, by two numbers.
fn attached(data: &[u8], out: &mut Output) {
    let version = match (data.get(3), data.get(4)) {
        (Some(0), Some(0)) => out.format(format_args!("v9")),
        (Some(10), Some(minor)) if *minor < 100 => out.format(format_args!("v10.{minor}")),
        _ => return,
    };
    out.about(About::Sender).verified().model(b"Tricon").span(Kind::Firmware, version);
}

/// Chassis and a mark that modules are there.
const HEAD: usize = 2;
/// Slots of a chassis.
const SLOTS: usize = 16;
/// Octets of one slot: type and three words of firmware.
const SLOT: usize = 8;
/// Where the plate stands: assembly (twice three letters), revision (three), serial number (eight).
const PLATE: usize = HEAD + SLOTS * SLOT;

/// Modules by slot with their firmware, and the plate of the chassis.
fn modules(data: &[u8], out: &mut Output) {
    let (Some([chassis, 0xff]), Some(slots)) = (data.first_chunk::<HEAD>(), data.get(HEAD..PLATE)) else { return };
    let word = |lo: u8, hi: u8| u16::from_le_bytes([lo, hi]);
    for (slot, entry) in slots.chunks_exact(SLOT).enumerate() {
        let Ok([a, b, c, d, e, f, g, h]) = <[u8; SLOT]>::try_from(entry) else { continue };
        let kind = word(a, b);
        let Some(model) = names::module(kind) else { continue };
        let version = out.format(format_args!("{}.{}.{}", word(c, d), word(e, f), word(g, h)));
        let hop = Hop::Slot { rack: *chassis, slot: slot as u16 };
        out.about(About::Sender).hop(hop).verified().model(model.as_bytes()).span(Kind::Firmware, version);
        if kind == names::MAIN_PROCESSOR {
            out.about(About::Sender).implied().model(b"Tricon");
        }
    }
    let plate = (name(data, PLATE, 3), name(data, PLATE + 3, 3), name(data, PLATE + 6, 3), name(data, PLATE + 9, 8));
    let (Some(front), Some(back), Some(revision), Some(serial)) = plate else { return };
    let show = |b| String::from_utf8_lossy(b).into_owned();
    let assembly = out.format(format_args!("{}-{}", show(front), show(back)));
    let about = out.about(About::Sender).verified().span(Kind::OrderNumber, assembly);
    about.hardware(revision).serial(serial);
}

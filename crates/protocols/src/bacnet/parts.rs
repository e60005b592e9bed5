//! The parameters of services as tables: which context tag means what. One reader walks them all.

use super::meaning::{self, goal};
use super::wire::{Kind, Tag, skip_open, tag, unsigned};
use super::{identity, names, value};
use crate::{About, Draft, Val};
use model::Path;
use wire::{Malformed, Read, Reader};

/// Most targets kept of one message: a segmented answer can hold thousands of properties, and what is cut is said.
pub const MAX_ITEMS: usize = 64;

/// What a context tag means.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// The object.
    Object,
    /// The property of that object.
    Property,
    /// Its array index.
    Index,
    /// Its value, constructed.
    Value,
    /// Why there is no value, constructed.
    NoValue,
    /// Priority in the command priority array (1 highest to 16).
    Priority,
    /// An extra: unsigned.
    Uint(&'static str),
    /// An extra: real.
    Real(&'static str),
    /// An extra: boolean.
    Flag(&'static str),
    /// An extra: character string.
    Text(&'static str),
    /// An extra: enumerated, with its words.
    Word(&'static str, &'static [&'static str]),
    /// An extra: instance of an object identifier.
    Instance(&'static str),
    /// A password.
    Password,
    /// How a range is given, constructed: what its start and count are.
    Range(&'static str),
    /// Constructed, with these parts.
    Inner(&'static [(u8, Part)]),
}

/// What is being put together.
#[derive(Debug)]
pub struct Pen {
    /// Who a value speaks about.
    pub about: About,
    /// And the way to it.
    pub path: Path,
    /// The values are a device's own answer: they may prove who it is.
    pub answer: bool,
    /// A number of the message that decides its class (state of ReinitializeDevice).
    pub state: Option<u64>,
    /// First object and property with an unsigned value.
    pub written: Option<(u32, u32, Option<u64>)>,
    object: Option<u32>,
    told: bool,
    property: Option<u32>,
    index: Option<u32>,
    value: Val,
    priority: Option<u64>,
    items: usize,
}

impl Pen {
    /// Nothing yet.
    pub fn new(about: About, path: Path, answer: bool) -> Pen {
        Pen {
            about,
            path,
            answer,
            state: None,
            written: None,
            object: None,
            told: true,
            property: None,
            index: None,
            value: Val::None,
            priority: None,
            items: 0,
        }
    }

    /// Names an object.
    pub fn object(&mut self, object: u32, draft: &mut Draft<'_>) {
        self.flush(draft);
        self.object = Some(object);
        self.told = false;
    }

    /// Says what is complete.
    fn property_done(&mut self, draft: &mut Draft<'_>) {
        let (Some(object), Some(property)) = (self.object, self.property.take()) else { return };
        let (index, value) = (self.index.take(), core::mem::replace(&mut self.value, Val::None));
        self.told = true;
        let number = match value {
            Val::Uint(n) => Some(n),
            Val::Name(word) => names::PROGRAM_REQUESTS.iter().position(|w| *w == word).map(|n| n as u64),
            _ => None,
        };
        self.written = self.written.or(Some((object, property, number)));
        self.push(draft, object, Some(property), index, value);
        if self.answer && index.is_none() {
            identity::property(object, property, value, self.about, self.path, draft.out());
        }
    }

    fn push(&mut self, draft: &mut Draft<'_>, object: u32, property: Option<u32>, index: Option<u32>, value: Val) {
        self.items += 1;
        match self.items.cmp(&(MAX_ITEMS + 1)) {
            core::cmp::Ordering::Less => draft.push_item(goal(object, property, index), value),
            core::cmp::Ordering::Equal => draft.out().limit("bacnet_targets_per_message"),
            core::cmp::Ordering::Greater => {}
        }
    }

    /// Says what is left: an object without a property.
    fn flush(&mut self, draft: &mut Draft<'_>) {
        self.property_done(draft);
        if let (Some(object), false) = (self.object, self.told) {
            self.told = true;
            self.push(draft, object, None, None, Val::None);
        }
    }

    /// The message is over.
    pub fn finish(&mut self, draft: &mut Draft<'_>) {
        self.flush(draft);
        if let Some(priority) = self.priority.take() {
            draft.push_extra("priority", Val::Uint(priority));
        }
    }

    /// Walks the parameters of a service.
    pub fn read(&mut self, r: &mut Reader<'_>, parts: &'static [(u8, Part)], draft: &mut Draft<'_>) -> Read<()> {
        self.level(r, parts, draft, false)
    }

    fn level(&mut self, r: &mut Reader<'_>, parts: &'static [(u8, Part)], d: &mut Draft<'_>, inside: bool) -> Read<()> {
        while !r.is_empty() {
            let at = r.offset();
            let tag = tag(r)?;
            let part = parts.iter().find(|(number, _)| *number == tag.number).map(|(_, part)| *part);
            match tag.kind {
                Kind::Close if inside => return Ok(()),
                Kind::Close => return Err(Malformed::invalid("closing tag", at)),
                Kind::Application => {
                    if let (12, Some(object)) = (tag.number, object_of(&tag)) {
                        self.object(object, d);
                    }
                }
                Kind::Context => self.primitive(&tag, part, d),
                Kind::Open => match part {
                    Some(Part::Value) => self.value = value::constructed(r, self.property.unwrap_or(u32::MAX), d)?,
                    Some(Part::NoValue) => {
                        let code = errors(r)?.1;
                        self.value = names::name(&names::ERROR_CODES, code).map_or(Val::None, Val::Name);
                    }
                    Some(Part::Range(kind)) => range(kind, r, d)?,
                    Some(Part::Inner(inner)) => self.level(r, inner, d, true)?,
                    _ => skip_open(r)?,
                },
            }
        }
        if inside {
            return Err(Malformed::truncated("closing tag", r.offset()));
        }
        Ok(())
    }

    fn primitive(&mut self, tag: &Tag<'_>, part: Option<Part>, draft: &mut Draft<'_>) {
        let number = unsigned(tag.bytes);
        match part {
            Some(Part::Object) => {
                if let Some(object) = object_of(tag) {
                    self.object(object, draft);
                }
            }
            Some(Part::Property) => {
                self.property_done(draft);
                self.property = number.and_then(|n| u32::try_from(n).ok());
            }
            Some(Part::Index) => self.index = number.and_then(|n| u32::try_from(n).ok()),
            Some(Part::Priority) => self.priority = self.priority.or(number),
            Some(Part::Uint(key)) => {
                if let Some(n) = number {
                    draft.push_extra(key, Val::Uint(n));
                }
            }
            Some(Part::Real(key)) => {
                if let Ok(v) = Reader::new(tag.bytes).be_f32("real") {
                    draft.push_extra(key, Val::Float(v.into()));
                }
            }
            Some(Part::Flag(key)) => draft.push_extra(key, Val::Bool(number.unwrap_or(0) != 0)),
            Some(Part::Text(key)) => {
                let text = value::text(tag.bytes, draft);
                draft.push_extra(key, text);
            }
            Some(Part::Word(key, words)) => {
                let n = number.unwrap_or_default();
                self.state = self.state.or(Some(n));
                draft.push_extra(key, names::name(words, n).map_or(Val::Uint(n), Val::Name));
            }
            Some(Part::Instance(key)) => {
                if let Some(object) = object_of(tag) {
                    draft.push_extra(key, Val::Uint(meaning::instance_of(object).into()));
                }
            }
            Some(Part::Password) => {
                let password = value::characters(tag.bytes);
                let masked = draft.out().secret(password);
                draft.push_extra("password", masked);
                if draft.out().is_default_credential(b"", password) {
                    draft.push_extra("default_credential", Val::Bool(true));
                }
            }
            Some(Part::Value | Part::NoValue | Part::Range(_) | Part::Inner(_)) | None => {}
        }
    }
}

/// The object identifier in a tag.
pub fn object_of(tag: &Tag<'_>) -> Option<u32> {
    (tag.bytes.len() == 4).then(|| unsigned(tag.bytes).unwrap_or_default() as u32)
}

/// Start and count of a range, up to its closing tag.
fn range(kind: &'static str, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    draft.push_extra("range", Val::Name(kind));
    loop {
        let tag = tag(r)?;
        match (tag.kind, tag.number) {
            (Kind::Close, _) => return Ok(()),
            (Kind::Application, 2) => draft.push_extra("start", Val::Uint(unsigned(tag.bytes).unwrap_or_default())),
            (Kind::Application, 3) => {
                draft.push_extra("count", Val::Int(super::wire::signed(tag.bytes).unwrap_or_default()));
            }
            (Kind::Open, _) => skip_open(r)?,
            _ => {}
        }
    }
}

/// Class and code of an error: the first two enumerated values, whatever the service wraps around them. Ends behind
/// the closing tag that follows them, if one does.
pub fn errors(r: &mut Reader<'_>) -> Read<(u64, u64)> {
    let mut found = [None, None];
    let [class, code] = &mut found;
    while code.is_none() {
        let tag = tag(r)?;
        if tag.kind == Kind::Application && tag.number == 9 {
            let place = if class.is_none() { &mut *class } else { &mut *code };
            *place = unsigned(tag.bytes);
        }
        if tag.kind == Kind::Close {
            break;
        }
    }
    let mut ahead = *r;
    if tag(&mut ahead).is_ok_and(|t| t.kind == Kind::Close) {
        *r = ahead;
    }
    Ok((class.unwrap_or_default(), code.unwrap_or_default()))
}

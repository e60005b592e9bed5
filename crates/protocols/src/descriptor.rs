//! A protocol as data.

use crate::row::{Goal, Row};
use crate::session::{Hint, Probe, Session, Verdict};
use model::Class;

/// One function code, service or command of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Code on the wire. Where a protocol has several code spaces, the page says how they are combined.
    pub code: u32,
    /// The standard's own name, `snake_case`.
    pub name: &'static str,
    /// What kind of operation it is.
    pub class: Class,
}

/// Shorthand for operation tables.
pub const fn op(code: u32, name: &'static str, class: Class) -> Operation {
    Operation { code, name, class }
}

/// A declared extra of a protocol's transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Key.
    pub key: &'static str,
    /// What it says, with unit.
    pub about: &'static str,
}

/// Shorthand for field tables.
pub const fn field(key: &'static str, about: &'static str) -> FieldInfo {
    FieldInfo { key, about }
}

/// Everything the product knows about a protocol before the first byte.
pub struct Protocol {
    /// The name, one word.
    pub name: &'static str,
    /// The page.
    pub about: &'static str,
    /// The page's cases: bytes to facts.
    pub cases: &'static str,
    /// Where to look first.
    pub hints: &'static [Hint],
    /// Every operation, sorted by code (tested).
    pub operations: &'static [Operation],
    /// Every extra its transactions may carry.
    pub fields: &'static [FieldInfo],
    /// Which targets it names: address spaces.
    pub spaces: &'static [&'static str],
    /// Whether it carries other protocols.
    pub carrier: bool,
    /// Identification by content.
    pub identify: fn(&Probe<'_>) -> Verdict,
    /// A new conversation.
    pub session: fn() -> Box<dyn Session>,
    /// Writes a target as a person of the field would; the default is `space:first..last` or `space:name`.
    pub notation: fn(&Goal, name: &str, text: &mut String),
}

impl Protocol {
    /// The index of a code in the operation table; [`Row::UNNAMED`] where the standard does not name it.
    pub fn index_of(&self, code: u32) -> u16 {
        self.operations.binary_search_by_key(&code, |o| o.code).map_or(Row::UNNAMED, |i| i as u16)
    }

    /// Name of an operation.
    pub fn operation_name(&self, row: &Row) -> &'static str {
        self.operations.get(usize::from(row.operation)).map_or("unknown", |o| o.name)
    }
}

/// The default notation: `space`, `space:first`, `space:first..last`, or `space:name`.
pub fn plain_notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    text.push_str(goal.space);
    if !goal.name.is_empty() {
        text.push(':');
        text.push_str(name);
    } else if goal.count == 1 {
        let _ = write!(text, ":{}", goal.first);
    } else if goal.count > 1 {
        let last = goal.first.saturating_add(u64::from(goal.count) - 1);
        let _ = write!(text, ":{}..{last}", goal.first);
    }
}

/// Looks a code up in a sorted table at run time: `(index, class)`; unnamed codes are `Class::Unknown`.
pub fn lookup(table: &[Operation], code: u32) -> (u16, Class) {
    match table.binary_search_by_key(&code, |o| o.code) {
        Ok(i) => (i as u16, table.get(i).map_or(Class::Unknown, |o| o.class)),
        Err(_) => (Row::UNNAMED, Class::Unknown),
    }
}

impl core::fmt::Debug for Protocol {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Protocol").field("name", &self.name).finish_non_exhaustive()
    }
}

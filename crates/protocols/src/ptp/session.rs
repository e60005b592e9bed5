//! What one clock sends. Timing messages are said one by one and joined by nobody; management requests to one clock are
//! paired with their answers.

use super::wire::{Header, MAX_TLVS, announce, header, port, timestamp, tlv};
use super::{ANNOUNCE, MANAGEMENT, OPERATIONS, SIGNALING, identity, management, names, version1};
use crate::{Draft, Goal, Input, Output, Pending, Session, Span, Step, Val};
use model::Time;
use wire::{Malformed, Read, Reader};

/// A clock that has not answered after this long does not answer.
const TIMEOUT: i64 = 5 * Time::SECOND;
/// How often a grandmaster that stays the same is told one by one: two that contend are seen within a minute.
const SIGN_OF_LIFE: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ptp { pending: Pending::new(TIMEOUT), grandmaster: None })
}

struct Ptp {
    pending: Pending<u16>,
    /// What was last announced, and when that was told.
    grandmaster: Option<([u8; 8], Time)>,
}

impl Session for Ptp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let read = match input.bytes {
            // version 1 has the version in two bytes, network version 1 behind it
            [0, 1, 0, 1, ..] => version1::read(input, out),
            bytes => header(bytes).and_then(|h| self.message(&h, input, out)),
        };
        match read {
            // what follows is the frame's padding
            Ok(()) => Step::Took(input.bytes.len()),
            Err(error) => {
                // a frame the capture cut is not the sender's fault
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }

    fn gap(&mut self, _: crate::Dir, out: &mut Output) {
        self.pending.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

impl Ptp {
    fn message(&mut self, h: &Header<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        match u32::from(h.kind) {
            ANNOUNCE => self.announce(h, input, out),
            MANAGEMENT => management::read(h, &mut self.pending, input, out),
            SIGNALING => signaling(h, input, out),
            _ => timing(h, input, out),
        }
    }

    fn announce(&mut self, h: &Header<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let mut r = h.body;
        let a = announce(&mut r)?;
        let mut draft = out.draft(OPERATIONS, ANNOUNCE, input.dir).actor(input.dir);
        let grandmaster = id(&a.grandmaster, &mut draft);
        draft.push_item(Goal::named("grandmaster", grandmaster).with_sub(h.domain.into()), Val::None);
        common(h, &mut draft);
        draft.push_extra("grandmaster", Val::Text(grandmaster));
        for (key, value) in [
            ("priority1", u64::from(a.priority1)),
            ("clock_class", a.class.into()),
            ("clock_accuracy", a.accuracy.into()),
            ("offset_scaled_log_variance", a.variance.into()),
            ("priority2", a.priority2.into()),
            ("steps_removed", a.steps_removed.into()),
        ] {
            draft.push_extra(key, Val::Uint(value));
        }
        draft.push_extra("current_utc_offset", Val::Int(a.utc_offset.into()));
        draft.push_extra("time_source", Val::Name(names::time_source(a.time_source)));
        if let Some(time) = a.time {
            draft.push_extra("timestamp", Val::Time(time));
        }
        let (profile, read) = profile(h, r);
        if let Some(profile) = profile {
            draft.push_extra("profile", Val::Name(profile));
        }
        let now = input.at.time;
        if self.grandmaster.is_none_or(|(known, told)| known != a.grandmaster || now.since(told) >= SIGN_OF_LIFE) {
            self.grandmaster = Some((a.grandmaster, now));
            draft = draft.single();
        }
        draft.commit();
        identity::announced(h, &a, out);
        read
    }
}

fn timing(h: &Header<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    let mut r = h.body;
    let time = timestamp(&mut r)?;
    let mut draft = out.draft(OPERATIONS, h.kind.into(), input.dir);
    // answers go to whoever asked, and to everybody
    if !matches!(h.kind, 0x3 | 0x9 | 0xa) {
        draft = draft.actor(input.dir);
    }
    draft.push_item(Goal::range("domain", h.domain.into(), 1), Val::None);
    common(h, &mut draft);
    if let Some(time) = time {
        draft.push_extra("timestamp", Val::Time(time));
    }
    if h.sdo_id >> 8 == 1 {
        draft.push_extra("profile", Val::Name("802.1as"));
    }
    draft.commit();
    Ok(())
}

fn signaling(h: &Header<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    let mut r = h.body;
    port(&mut r)?;
    let mut draft = out.draft(OPERATIONS, SIGNALING, input.dir).actor(input.dir);
    common(h, &mut draft);
    let read = each(r, |tlv| {
        let mut value = tlv.value;
        let goal = Goal::space(names::tlv(tlv.kind));
        // unicast transmission: which message type is asked for or granted, in the upper half of the first byte
        let value = match tlv.kind {
            0x0004..=0x0007 => value.u8("messageType").map_or(Val::None, |m| Val::Uint((m >> 4).into())),
            _ => Val::None,
        };
        draft.push_item(goal, value);
    });
    draft.commit();
    read
}

/// Looks at each TLV.
pub fn each<'a>(mut r: Reader<'a>, mut look: impl FnMut(super::wire::Tlv<'a>)) -> Read<()> {
    for _ in 0..MAX_TLVS {
        // a single byte or two behind the last TLV is padding
        if r.left() < 4 {
            return Ok(());
        }
        look(tlv(&mut r)?);
    }
    Err(Malformed::invalid("more TLVs than are read", r.offset()))
}

/// The profile an announce message shows, by its organization's field or its TLVs.
fn profile(h: &Header<'_>, r: Reader<'_>) -> (Option<&'static str>, Read<()>) {
    let mut profile = (h.sdo_id >> 8 == 1).then_some("802.1as");
    let read = each(r, |tlv| {
        let mut value = tlv.value;
        if tlv.kind == 0x0003
            && let Ok(organization) = value.array::<3>("organizationId")
        {
            profile = match organization {
                [0x1c, 0x12, 0x9d] => Some("power"),
                [0x68, 0x97, 0xe8] => Some("smpte"),
                _ => profile,
            };
        }
    });
    (profile, read)
}

/// What every message says.
pub fn common(h: &Header<'_>, draft: &mut Draft<'_>) {
    draft.push_extra("domain", Val::Uint(h.domain.into()));
    if h.sdo_id != 0 {
        draft.push_extra("sdo_id", Val::Uint(h.sdo_id.into()));
    }
    let clock = id(&h.source.clock, draft);
    draft.push_extra("clock", Val::Text(clock));
    draft.push_extra("port", Val::Uint(h.source.number.into()));
    draft.push_extra("sequence", Val::Uint(h.sequence.into()));
    if h.minor_version != 0 {
        draft.push_extra("version", Val::Name("2.1"));
    }
}

/// A clock identity as 16 hexadecimal digits.
pub fn id(clock: &[u8; 8], draft: &mut Draft<'_>) -> Span {
    draft.format(format_args!("{:016x}", u64::from_be_bytes(*clock)))
}

//! Framing and handing on; what the messages mean is common to all carriers of Modbus.

use super::wire::{Adu, HEADER, STANDARD_LENGTH, adu};
use crate::common::modbus::exchange::{Exchange, Message};
use crate::common::modbus::{Shape, UMAS, meaning, shape};
use crate::{Carried, Dir, Input, Output, Session, Step};
use model::Time;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Modbus { exchange: Exchange::new() })
}

struct Modbus {
    exchange: Exchange,
}

impl Session for Modbus {
    fn touch(&self) -> u64 {
        self.exchange.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let adu = match adu(input.bytes) {
            Ok(Some(adu)) => adu,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        if input.trial && (shape(&adu.pdu) == Shape::Neither || !meaning::is_named(adu.pdu.function)) {
            return Step::Resync(0);
        }
        // unit 0 on a serial line is a broadcast, but on TCP it is the usual number of the device itself
        let Adu { transaction, unit, pdu, size } = adu;
        let shape = self.exchange.message(&Message { transaction, unit, broadcast: false, pdu }, input, out);
        if pdu.function & 0x7f == UMAS {
            if shape != Shape::Neither {
                hand_on(&adu, input.dir, out);
            }
        } else if size - HEADER > STANDARD_LENGTH {
            out.anomaly("invalid_length", "longer than a PDU may be", size as u64, input.dir);
        }
        Step::Took(size)
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.exchange.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.exchange.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.exchange.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.exchange.lose(out);
    }
}

/// Gives what stands behind function 90 to the protocol inside; an exception is an empty message.
fn hand_on(adu: &Adu<'_>, dir: Dir, out: &mut Output) {
    let unit = u64::from(adu.unit);
    let whole = adu.pdu.function == UMAS;
    let exception = if whole { 0 } else { u64::from(adu.pdu.exception()) };
    let carried = Carried { channel: unit, facts: [adu.transaction.into(), unit, exception, 0] };
    let from = if whole { adu.size.saturating_sub(adu.pdu.data.len()) } else { adu.size };
    out.inner("modbus", dir, carried, from, adu.size);
}

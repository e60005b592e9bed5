//! Framing; what the messages mean is common to all carriers of Modbus.

use super::wire::{self, Front};
use crate::common::modbus::exchange::{Exchange, Message};
use crate::common::modbus::{Pdu, Shape, UMAS, is_plausible, meaning, shape};
use crate::{Carried, Dir, Input, Output, Session, Step};
use model::Time;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Serial { exchange: Exchange::new(), believed: 0 })
}

struct Serial {
    exchange: Exchange,
    /// Frames so far that fitted.
    believed: u8,
}

/// So many frames that fit make it certain that this is Modbus; before, one that does not says that it is not.
const BELIEVED: u8 = 3;

impl Session for Serial {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if input.bytes.first() == Some(&b':') {
            match wire::ascii(input.bytes) {
                Ok(Some(ascii)) => {
                    let Some((unit, pdu)) = ascii.frame() else { return Step::Resync(0) };
                    return self.take(unit, pdu, ascii.size, None, input, out);
                }
                Ok(None) if input.bytes.len() < wire::MAX_ASCII => return Step::NeedMore,
                // unit 58 has this number, too
                _ => {}
            }
        }
        match wire::front(input.bytes) {
            Front::Frame(n) => {
                let Some((unit, pdu)) = wire::frame(input.bytes, n) else { return Step::Resync(0) };
                self.take(unit, pdu, n, Some(n), input, out)
            }
            Front::Short => Step::NeedMore,
            Front::Broken(_) if self.believed < BELIEVED && !input.trial => Step::NotMine,
            Front::Broken(fits) if !input.trial => {
                out.anomaly("checksum", "crc", input.bytes.len() as u64, input.dir);
                // the answer to what is outstanding may have been this
                self.exchange.lose(out);
                if fits { Step::Took(input.bytes.len().max(1)) } else { Step::Resync(0) }
            }
            Front::Broken(_) => Step::Resync(0),
        }
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

impl Serial {
    /// A frame of `size` octets on the wire; `rtu` where its octets lie in the input as they are.
    fn take(
        &mut self,
        unit: u8,
        pdu: Pdu<'_>,
        size: usize,
        rtu: Option<usize>,
        input: &Input<'_>,
        out: &mut Output,
    ) -> Step {
        if input.trial && (shape(&pdu) == Shape::Neither || !meaning::is_named(pdu.function)) {
            return Step::Resync(0);
        }
        if self.believed < BELIEVED {
            if !is_plausible(&pdu) {
                return Step::NotMine;
            }
            self.believed += 1;
        }
        // unit 0 is everybody on the line (Modbus over Serial Line V1.02, 2.1)
        let shape = self.exchange.message(&Message { transaction: 0, unit, broadcast: unit == 0, pdu }, input, out);
        if pdu.function & 0x7f == UMAS && shape != Shape::Neither {
            let exception = if pdu.function == UMAS { 0 } else { u64::from(pdu.exception()) };
            let carried = Carried { channel: unit.into(), facts: [0, unit.into(), exception, 0] };
            match rtu {
                _ if exception != 0 => out.inner("modbus_rtu", input.dir, carried, size, size),
                Some(n) => out.inner("modbus_rtu", input.dir, carried, 2, n.saturating_sub(2)),
                None => out.inner_assembled("modbus_rtu", input.dir, carried, pdu.data),
            }
        }
        Step::Took(size)
    }
}

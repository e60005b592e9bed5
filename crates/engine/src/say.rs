//! Where a shard puts what it has to say: facts in order, and lines where every transaction is written out.

use crate::order::{Batch, Line, Order, Placed};
use model::{Endpoint, Event, Evidence, Health, Item, Stamp, Target, Time, Transaction, Value, What};
use protocols::{About, Dir, Entry, Output, Protocol, Row, Saying, Val};

/// Writes a fact as text into a buffer (one line of `bourdon facts`). Called in the shard, for every transaction,
/// folded or not.
pub trait Write: Send {
    /// One operation, straight from its row.
    fn row(&mut self, at: Stamp, protocol: &Protocol, row: &Row, out: &Output, ends: &Ends, text: &mut Vec<u8>);
    /// Any other fact.
    fn event(&mut self, event: &Event, text: &mut Vec<u8>);
}

/// Who stands at the two ends of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Endpoint A (the smaller one).
    pub a: Endpoint,
    /// Endpoint B.
    pub b: Endpoint,
    /// Hardware addresses of A and B.
    pub macs: [Option<model::Mac>; 2],
}

impl Ends {
    /// Sender and receiver of a direction.
    pub fn of(&self, dir: Dir) -> (Endpoint, Endpoint) {
        match dir {
            Dir::AtoB => (self.a, self.b),
            Dir::BtoA => (self.b, self.a),
        }
    }

    /// Hardware address of the sender of a direction.
    pub fn mac(&self, dir: Dir) -> Option<model::Mac> {
        self.macs.get(dir.index()).copied().flatten()
    }

    /// Who evidence is about; `None` where the address is not known or names a group.
    pub fn about(&self, about: About, sent: Dir) -> Option<model::Host> {
        let (src, dst) = self.of(sent);
        let address = match about {
            About::Sender => return Some(src.host),
            About::Receiver => return Some(dst.host),
            About::SenderMac => self.mac(sent)?.into(),
            About::ReceiverMac => self.mac(sent.flip())?.into(),
            About::Address(address) => address,
        };
        let usable = !address.is_group() && !address.is_unspecified();
        usable.then_some(model::Host { network: src.host.network, address })
    }
}

/// The shard's voice. The order is set before a packet or timer is handled.
#[derive(Default)]
pub struct Say {
    /// What was said.
    pub batch: Batch,
    /// Writes every transaction, where asked to.
    pub writer: Option<Box<dyn Write>>,
    order: Order,
    stamp: Stamp,
    index: u32,
    /// Steps of the capture's clock: engine time of the step, raw minus engine time from then on.
    steps: Vec<(Time, i64)>,
}

impl Default for Order {
    fn default() -> Self {
        Order { time: Time(i64::MIN), phase: 0, frame: 0, kind: 0, index: 0 }
    }
}

impl Say {
    /// From here on facts belong to this place. `stamp` carries the raw time.
    pub fn at(&mut self, order: Order, stamp: Stamp) {
        self.order = order;
        self.stamp = stamp;
        self.index = 0;
    }

    /// All steps of the capture's clock so far.
    pub fn set_steps(&mut self, steps: &[(Time, i64)]) {
        if steps.len() != self.steps.len() {
            self.steps = steps.to_vec();
        }
    }

    /// The stamp facts get here.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Raw time of an engine time.
    pub fn raw(&self, time: Time) -> Time {
        let bias = self.steps.iter().rev().find(|(at, _)| *at < time).map_or(0, |(_, bias)| *bias);
        time.plus(bias)
    }

    /// Says a fact.
    pub fn fact(&mut self, what: What) {
        let order = self.next();
        let event = Event { at: self.stamp, what };
        if !matches!(event.what, What::Transaction(_))
            && let Some(writer) = &mut self.writer
        {
            let at = self.batch.text.len();
            writer.event(&event, &mut self.batch.text);
            let len = self.batch.text.len() - at;
            if len > 0 {
                self.batch.lines.push(Line { order, at, len });
            }
        }
        self.batch.facts.push(Placed { order, event });
    }

    /// Says again what was said before, with the moment it was met last. Not written as a line: it is no news.
    pub fn again(&mut self, at: Stamp, what: What) {
        let order = self.next();
        self.batch.facts.push(Placed { order, event: Event { at, what } });
    }

    /// From here on facts carry this stamp; their place stays. Returns the stamp so far.
    pub fn restamp(&mut self, stamp: Stamp) -> Stamp {
        core::mem::replace(&mut self.stamp, stamp)
    }

    /// Writes a row, where everything is written.
    pub fn row(&mut self, protocol: &Protocol, row: &Row, out: &Output, ends: &Ends) {
        if self.writer.is_none() {
            return;
        }
        let order = self.next();
        let stamp = self.stamp;
        if let Some(writer) = &mut self.writer {
            let at = self.batch.text.len();
            writer.row(stamp, protocol, row, out, ends, &mut self.batch.text);
            self.batch.lines.push(Line { order, at, len: self.batch.text.len() - at });
        }
    }

    /// A bound was reached, or something else about the engine itself.
    pub fn health(&mut self, kind: &'static str, what: &str, count: u64) {
        self.fact(What::Health(Health { kind, what: what.to_string(), count, host: None, time: None }));
    }

    fn next(&mut self) -> Order {
        let order = Order { index: self.index, ..self.order };
        self.index = self.index.saturating_add(1);
        order
    }
}

/// The owned form of a row.
pub fn transaction(
    row: &Row,
    out: &Output,
    protocol: &'static Protocol,
    ends: &Ends,
    at: Stamp,
    bias: i64,
) -> Transaction {
    let (actor, subject) = ends.of(row.actor.unwrap_or(row.sent));
    let asked = row.asked.map(|m| Stamp { time: m.time.plus(bias), frame: m.frame, index: 0 });
    Transaction {
        protocol: protocol.name,
        operation: protocol.operation_name(row),
        code: row.code,
        class: row.class,
        actor,
        subject,
        roles_known: row.actor.is_some(),
        path: row.path,
        items: out.items_of(row).iter().map(|e| item(e, out, protocol)).collect(),
        fields: out.extras_of(row).iter().map(|x| model::Field { key: x.key, value: value(&x.value, out) }).collect(),
        outcome: row.outcome,
        asked,
        latency: row.latency,
        repeats: 1,
        first: at,
        novel: true,
    }
}

fn item(entry: &Entry, out: &Output, protocol: &Protocol) -> Item {
    let goal = &entry.goal;
    let name = String::from_utf8_lossy(out.span(goal.name));
    let mut text = String::new();
    (protocol.notation)(goal, &name, &mut text);
    let target = Target { space: goal.space, first: goal.first, count: goal.count, name: text };
    Item { target, value: value(&entry.value, out) }
}

/// The owned form of a value.
pub fn value(val: &Val, out: &Output) -> Value {
    match *val {
        Val::None => Value::None,
        Val::Bool(b) => Value::Bool(b),
        Val::Int(n) => Value::Int(n),
        Val::Uint(n) => Value::Uint(n),
        Val::Float(f) => Value::Float(f),
        Val::Text(s) => Value::Text(String::from_utf8_lossy(out.span(s)).into_owned()),
        Val::Bytes(s) => Value::Bytes(out.span(s).to_vec()),
        Val::Bits { packed, count } => Value::Bits(bits(out.span(packed), count).collect()),
        Val::Words(s) => Value::Words(words(out.span(s)).collect()),
        Val::Secret { len, hash } => Value::Secret { len, hash },
        Val::Name(n) => Value::Name(n),
        Val::Time(t) => Value::Time(t),
        Val::Mac(m) => Value::Mac(m),
        Val::Ip(ip) => Value::Ip(ip),
    }
}

/// The bits of a packed row, first address first.
pub fn bits(packed: &[u8], count: u16) -> impl Iterator<Item = bool> + '_ {
    packed.iter().flat_map(|byte| (0..8).map(move |i| byte >> i & 1 == 1)).take(count.into())
}

/// The 16-bit words of a row.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// The owned form of a piece of evidence; `None` where it is about nobody.
pub fn evidence(saying: &Saying, out: &Output, protocol: &'static str, ends: &Ends, sent: Dir) -> Option<Evidence> {
    let host = ends.about(saying.about, sent)?;
    if host.address.is_group() || host.address.is_unspecified() {
        return None;
    }
    let by = ends.of(sent).0.host;
    Some(Evidence {
        about: model::Subject { host, path: saying.path },
        by: (by != host).then_some(by),
        claim: saying.claim(out),
        strength: saying.strength,
        protocol,
    })
}

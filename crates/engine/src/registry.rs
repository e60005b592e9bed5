//! Which protocol speaks: candidates by transport and port, identification by content.

use protocols::{Hint, PROTOCOLS, Probe, Protocol, Transport, Verdict};
use std::collections::BTreeMap;

/// Index of a protocol in the list.
pub type Which = u16;

/// Looks candidates up without asking every protocol each time.
#[derive(Debug)]
pub struct Registry {
    tcp: Vec<Which>,
    udp: Vec<Which>,
    tcp_ports: BTreeMap<u16, Vec<Which>>,
    udp_ports: BTreeMap<u16, Vec<Which>>,
    link: BTreeMap<u16, Vec<Which>>,
    snap: BTreeMap<(u32, u16), Vec<Which>>,
    ip: BTreeMap<u8, Vec<Which>>,
    inside: BTreeMap<&'static str, Vec<Which>>,
}

/// The best candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// Index in the list.
    pub which: Which,
    /// How sure its content makes it.
    pub verdict: Verdict,
    /// A port, EtherType or carrier agrees.
    pub hinted: bool,
}

impl Registry {
    /// From the list of all protocols.
    pub fn new() -> Registry {
        let mut r = Registry {
            tcp: Vec::new(),
            udp: Vec::new(),
            tcp_ports: BTreeMap::new(),
            udp_ports: BTreeMap::new(),
            link: BTreeMap::new(),
            snap: BTreeMap::new(),
            ip: BTreeMap::new(),
            inside: BTreeMap::new(),
        };
        for (i, protocol) in PROTOCOLS.iter().enumerate() {
            let which = i as Which;
            for hint in protocol.hints {
                match *hint {
                    Hint::Tcp(port) => {
                        r.tcp_ports.entry(port).or_default().push(which);
                        r.tcp.push(which);
                    }
                    Hint::Udp(port) => {
                        r.udp_ports.entry(port).or_default().push(which);
                        r.udp.push(which);
                    }
                    Hint::Link(kind) => r.link.entry(kind).or_default().push(which),
                    Hint::Snap(oui, pid) => r.snap.entry((oui, pid)).or_default().push(which),
                    Hint::Ip(number) => r.ip.entry(number).or_default().push(which),
                    Hint::Inside(carrier) => r.inside.entry(carrier).or_default().push(which),
                }
            }
        }
        r.tcp.dedup();
        r.udp.dedup();
        r
    }

    /// The protocol at an index.
    pub fn protocol(&self, which: Which) -> Option<&'static Protocol> {
        PROTOCOLS.get(usize::from(which)).copied()
    }

    /// Index of a protocol by name.
    pub fn named(&self, name: &str) -> Option<Which> {
        PROTOCOLS.iter().position(|p| p.name == name).map(|i| i as Which)
    }

    /// Asks the candidates for this payload. `excluded` was tried and said it is another protocol. Hinted candidates
    /// come first; the surest wins; of equals the first in the list.
    pub fn best(&self, probe: &Probe<'_>, excluded: Option<Which>) -> Option<Best> {
        let mut best: Option<Best> = None;
        let mut ask = |list: &[Which], hinted: bool| {
            // nothing is surer, and of equals the first stays: however many protocols there are, they are not asked
            if best.is_some_and(|b| b.verdict == Verdict::Sure) {
                return;
            }
            for which in list.iter().copied().filter(|w| Some(*w) != excluded) {
                let Some(protocol) = self.protocol(which) else { continue };
                let verdict = (protocol.identify)(probe);
                let better = match best {
                    None => verdict > Verdict::No,
                    Some(b) => (verdict, hinted) > (b.verdict, b.hinted),
                };
                if better {
                    best = Some(Best { which, verdict, hinted });
                    if verdict == Verdict::Sure {
                        return;
                    }
                }
            }
        };
        match probe.transport {
            Transport::Tcp => {
                for port in [probe.dst_port, probe.src_port] {
                    ask(self.tcp_ports.get(&port).map_or(&[], Vec::as_slice), true);
                }
                ask(&self.tcp, false);
            }
            Transport::Udp => {
                for port in [probe.dst_port, probe.src_port] {
                    ask(self.udp_ports.get(&port).map_or(&[], Vec::as_slice), true);
                }
                ask(&self.udp, false);
            }
            Transport::Link(kind) => ask(self.link.get(&kind).map_or(&[], Vec::as_slice), true),
            Transport::Snap(oui, pid) => ask(self.snap.get(&(oui, pid)).map_or(&[], Vec::as_slice), true),
            Transport::Ip(number) => ask(self.ip.get(&number).map_or(&[], Vec::as_slice), true),
            Transport::Inside(carrier) | Transport::StreamInside(carrier) => {
                ask(self.inside.get(carrier).map_or(&[], Vec::as_slice), true);
            }
        }
        best
    }
}

impl Default for Registry {
    fn default() -> Self {
        Registry::new()
    }
}

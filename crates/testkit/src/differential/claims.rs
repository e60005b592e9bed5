//! Who speaks: for every conversation in which our rows name a protocol, whether tshark shows that protocol in it, too.

use super::{Oracle, told};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Our name, and the layers by which tshark shows the same. Protocols that tshark 4.0 does not know are not here:
/// `s7comm_plus`, `tristation`; nor is `umas`, bytes of Modbus to tshark.
const NAMES: &[(&str, &[&str])] = &[
    ("bacnet", &["bacapp", "bacnet", "bvlc"]),
    ("cip_io", &["cipio"]),
    ("ftp_data", &["ftp-data"]),
    ("http", &["http", "http2"]),
    ("iec104", &["iec60870_104"]),
    ("modbus", &["mbtcp", "modbus"]),
    ("modbus_rtu", &["mbrtu"]),
    ("nbds", &["nbdgm"]),
    ("pccc", &["cippccc"]),
    ("profinet_dcp", &["pn_dcp"]),
    ("profinet_rt", &["pn_rt"]),
    ("quic", &["gquic", "quic"]),
    ("rdp", &["rdp", "t125"]),
];
/// Protocols that tshark does not know.
const UNKNOWN: &[&str] = &["s7comm_plus", "tristation", "umas"];

/// What tshark shows in each conversation of a capture.
#[derive(Debug, Default)]
pub struct Conversations {
    frames: BTreeMap<u64, String>,
    layers: BTreeMap<String, BTreeSet<String>>,
}

impl Conversations {
    /// Asks tshark; also again, with what ports carry told to it: a protocol is then shown when it is shown once.
    ///
    /// # Errors
    /// When tshark cannot be run.
    pub fn ask(&mut self, path: &Path, decode_as: &[String]) -> std::io::Result<()> {
        let fields = ["frame.number", "tcp.stream", "udp.stream", "frame.protocols"];
        let mut child = Command::new("tshark")
            .args(["-n", "-T", "fields", "-E", "occurrence=l"])
            .args(decode_as.iter().flat_map(|rule| ["-d", rule]))
            .arg("-r")
            .arg(path)
            .args(fields.iter().flat_map(|f| ["-e", f]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| self.add(&line));
        }
        child.wait()?;
        Ok(())
    }

    /// A frame without a stream is a conversation of its own.
    fn add(&mut self, line: &str) {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let (frame, tcp, udp, layers) = (next(), next(), next(), next());
        let key = match (tcp, udp) {
            ("", "") => format!("frame {frame}"),
            ("", udp) => format!("udp {udp}"),
            (tcp, _) => format!("tcp {tcp}"),
        };
        if let Ok(frame) = frame.parse() {
            self.frames.insert(frame, key.clone());
        }
        self.layers.entry(key).or_default().extend(layers.split(':').map(str::to_string));
    }

    /// The conversation of a frame, where tshark shows nothing of the protocol in all of it.
    pub fn without(&self, frame: u64, protocol: &str) -> Option<&str> {
        let key = self.frames.get(&frame)?;
        let same = [protocol];
        let names = NAMES.iter().find(|(name, _)| *name == protocol).map_or(same.as_slice(), |(_, names)| *names);
        let shown = |name: &&str| self.layers.get(key).is_some_and(|layers| layers.contains(*name));
        (!UNKNOWN.contains(&protocol) && !names.iter().any(shown)).then_some(key.as_str())
    }

    /// Whether a message that only we tell is counted with its conversation, not for itself. A frame without a stream is
    /// no more than its message; what tshark can be told about, it was told.
    pub fn stand_for(&self, frame: u64, protocol: &str) -> bool {
        let of_stream = |key: &str| !key.starts_with("frame ");
        !told::can_be(protocol) && self.without(frame, protocol).is_some_and(of_stream)
    }

    /// The conversations of these claims that tshark does not share. Frames without a stream are compared message by
    /// message where an oracle knows the protocol.
    pub fn unshared(&self, claims: &BTreeSet<(String, u64)>, oracles: &[&Oracle]) -> Unshared {
        let mut all = Unshared::new();
        for (protocol, frame) in claims {
            let compared = oracles.iter().any(|o| o.protocol == protocol);
            let key = self.without(*frame, protocol).filter(|key| !(compared && key.starts_with("frame ")));
            if let Some(key) = key {
                all.entry(protocol.clone()).or_default().insert(key.to_string());
            }
        }
        all
    }
}

/// Conversations of one capture in which a protocol is named here and not by tshark.
pub type Unshared = BTreeMap<String, BTreeSet<String>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_shared_where_any_frame_of_the_conversation_shows_it() {
        let mut all = Conversations::default();
        ["1\t0\t\teth:ip:tcp", "2\t0\t\teth:ip:tcp:tls", "3\t\t0\teth:ip:udp:gquic", "4\t\t\teth:arp"]
            .iter()
            .for_each(|line| all.add(line));
        assert_eq!(all.without(1, "tls"), None);
        assert_eq!(all.without(2, "http"), Some("tcp 0"));
        assert_eq!(all.without(3, "quic"), None);
        assert_eq!(all.without(4, "arp"), None);
        assert_eq!(all.without(4, "stp"), Some("frame 4"));
        assert_eq!(all.without(1, "s7comm_plus"), None);
    }
}

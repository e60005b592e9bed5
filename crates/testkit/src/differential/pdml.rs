//! Runs tshark and reads its PDML: one [`Layer`] per protocol layer of a frame, in order, so that several messages of
//! one protocol in one frame stay apart.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// One protocol layer of one frame.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Frame number, counted from 1.
    pub frame: u64,
    /// Sender in the innermost network layer before this one: an IP address, else a hardware address.
    pub src: String,
    /// Name of the protocol.
    pub name: String,
    /// Names of the layers before this one, outermost first.
    pub under: Vec<String>,
    /// tshark itself calls the message malformed.
    pub broken: bool,
    /// tshark takes the frame's TCP segment for a retransmission.
    pub again: bool,
    /// Fields with their shown value, in order, nested ones included.
    pub fields: Vec<(String, String)>,
}

impl Layer {
    /// The shown value of the first field of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first field of this name as a number, decimal or hexadecimal.
    pub fn number(&self, name: &str) -> Option<u64> {
        number(self.text(name)?)
    }

    /// True where a field of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }
}

/// A number as tshark shows it.
pub fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Whether tshark is installed.
pub fn installed() -> bool {
    let version = Command::new("tshark").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|s| s.success())
}

/// How tshark marks a segment that was sent again.
const AGAIN: [&str; 3] =
    ["tcp.analysis.retransmission", "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission"];

/// Every layer with one of these names in the capture. `in_order`: segments out of order are put in order first; where the capture misses segments, tshark then shows nothing behind
/// the hole. `decode_as`: what tshark is told about ports (`tcp.port==5060,http`).
///
/// # Errors
/// When tshark cannot be run. A capture that tshark reads only partly gives what it read.
pub fn layers(path: &Path, protocols: &[&str], in_order: bool, decode_as: &[String]) -> std::io::Result<Vec<Layer>> {
    let any = protocols.join(" || ");
    let mut child = Command::new("tshark")
        // a head is ours in the frame that completes it, not in the one that completes its body
        .args(["-n", "-o", "http.desegment_body:FALSE", "-o"])
        .arg(format!("tcp.reassemble_out_of_order:{}", if in_order { "TRUE" } else { "FALSE" }))
        .args(decode_as.iter().flat_map(|rule| ["-d", rule]))
        .arg("-r")
        .arg(path)
        .arg("-Y")
        .arg(&any)
        .args(["-T", "pdml", "-J"])
        .arg(format!("geninfo eth sll wlan ip ipv6 tcp {}", protocols.join(" ")))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut found = Vec::new();
    if let Some(out) = child.stdout.take() {
        read(BufReader::with_capacity(1 << 16, out), protocols, &mut found);
    }
    child.wait()?;
    Ok(found)
}

/// Frames that tshark takes for retransmissions, also those in which it then shows no message.
///
/// # Errors
/// When tshark cannot be run.
pub fn again(path: &Path) -> std::io::Result<BTreeSet<u64>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-T", "fields", "-e", "frame.number", "-Y"]).arg(AGAIN.join(" || ")).arg("-r").arg(path);
    let out = command.stderr(Stdio::null()).output()?;
    Ok(String::from_utf8_lossy(&out.stdout).lines().filter_map(number).collect())
}

/// PDML puts each element on a line of its own, which is all the XML this needs to know.
fn read(mut input: impl BufRead, protocols: &[&str], found: &mut Vec<Layer>) {
    let (mut frame, mut src, mut again) = (0, String::new(), false);
    let mut under: Vec<String> = Vec::new();
    // the layers that are open, by their place in what was found; none for those nobody asked for
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut raw = Vec::new();
    loop {
        raw.clear();
        if input.read_until(b'\n', &mut raw).unwrap_or(0) == 0 {
            return;
        }
        let line = String::from_utf8_lossy(&raw);
        let line = line.trim();
        if line.starts_with("<packet>") {
            (open, under) = Default::default();
            src.clear();
            again = false;
        } else if let Some(rest) = line.strip_prefix("<proto ") {
            let name = attribute(rest, "name").unwrap_or_default();
            let wanted = protocols.contains(&name.as_str());
            if wanted {
                let (under, name, src) = (under.clone(), name.clone(), src.clone());
                found.push(Layer { frame, src, name, under, again, broken: false, fields: Vec::new() });
            }
            if name == "_ws.malformed"
                && !rest.contains("hide=\"yes\"")
                && let Some(last) = found.last_mut().filter(|l| l.frame == frame && under.last() == Some(&l.name))
            {
                last.broken = true;
            }
            under.push(name);
            // a layer without fields has no end tag
            if !line.ends_with("/>") {
                open.push(wanted.then(|| found.len() - 1));
            }
        } else if line.starts_with("</proto>") {
            open.pop();
        } else if let Some(rest) = line.strip_prefix("<field ") {
            let name = attribute(rest, "name").unwrap_or_default();
            let layer = open.last().copied().flatten().and_then(|at| found.get_mut(at));
            again |= AGAIN.contains(&name.as_str());
            let show = || attribute(rest, "show").unwrap_or_default();
            match (name.as_str(), layer) {
                (_, Some(layer)) => layer.fields.push((name, show())),
                ("num", None) => frame = number(&show()).unwrap_or_default(),
                ("ip.src" | "ipv6.src", None) => src = show(),
                // also of a frame inside a tunnel: its packet is further in
                ("eth.src" | "sll.src.eth" | "wlan.sa", None) => src = show(),
                _ => {}
            }
        }
    }
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let mut rest = element;
    loop {
        let at = rest.find(name)?;
        let before_ok = at == 0 || rest.as_bytes().get(at - 1) == Some(&b' ');
        let after = rest.get(at + name.len()..)?;
        if before_ok && after.starts_with("=\"") {
            let value = after.get(2..)?;
            let end = value.find('"')?;
            return Some(plain(value.get(..end)?));
        }
        rest = after;
    }
}

fn plain(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_string(), |t, (from, to)| t.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ICMP error that quotes a datagram, in a frame marked as sent again, with a broken message behind.
    #[test]
    fn what_stands_around_a_layer() {
        let text = r#"<packet>
  <proto name="geninfo">
    <field name="num" show="9"/>
  </proto>
  <proto name="tcp">
    <field name="tcp.analysis.retransmission" show=""/>
  </proto>
  <proto name="icmp">
    <field name="icmp.type" show="3"/>
    <proto name="ip">
      <field name="ip.src" show="10.0.0.9"/>
      <proto name="leaf"/>
    </proto>
    <field name="icmp.code" show="1"/>
  </proto>
  <proto name="dns">
    <field name="dns.id" show="1">
      <proto name="_ws.malformed" hide="yes"/>
    </field>
  </proto>
  <proto name="mdns"/>
  <proto name="_ws.malformed"/>
</packet>"#;
        let mut found = Vec::new();
        read(text.as_bytes(), &["icmp", "dns", "mdns"], &mut found);
        let got: Vec<_> = found.iter().map(|l| (l.name.as_str(), l.fields.len(), l.again, l.broken)).collect();
        assert_eq!(got, [("icmp", 2, true, false), ("dns", 1, true, false), ("mdns", 0, true, true)]);
        let under: Vec<_> = found.iter().map(|l| l.under.iter().any(|name| name == "icmp")).collect();
        assert_eq!(under, [false, true, true]);
    }

    #[test]
    fn two_messages_of_one_frame_stay_apart() {
        let text = r#"<packet>
  <proto name="geninfo" pos="0">
    <field name="num" pos="0" show="7" showname="Number"/>
  </proto>
  <proto name="ip">
    <field name="ip.src" showname="Source" show="10.0.0.1" value="0a"/>
  </proto>
  <proto name="modbus">
    <field name="modbus.func_code" showname="a &quot;b&quot;" show="3"/>
  </proto>
  <proto name="modbus">
    <field name="modbus.func_code" show="0x10"/>
  </proto>
</packet>"#;
        let mut found = Vec::new();
        read(text.as_bytes(), &["modbus"], &mut found);
        let got: Vec<_> = found.iter().map(|l| (l.frame, l.src.as_str(), l.number("modbus.func_code"))).collect();
        assert_eq!(got, [(7, "10.0.0.1", Some(3)), (7, "10.0.0.1", Some(16))]);
    }
}

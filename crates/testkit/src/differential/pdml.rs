//! Runs tshark and reads its PDML: one [`Layer`] per protocol layer of a frame, in order, so that several messages of
//! one protocol in one frame stay apart.

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
    /// Fields with their shown value, in order, nested ones included.
    pub fields: Vec<(String, String)>,
    /// Why a parser may leave it out: see [`ENVELOPES`] and [`MALFORMED`].
    pub doubt: Option<&'static str>,
}

/// tshark itself says that the frame does not keep to the protocol: what was readable of it is an anomaly here.
pub const MALFORMED: &str = "malformed for tshark";
/// Envelopes that are not entered here (docs/limits.md): what is inside is nothing we could have seen.
const ENVELOPES: &[&str] = &["capwap.data", "geneve", "gtp", "l2tp", "netbios", "ppp", "teredo", "wlan"];

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

/// Every layer with one of these names in the capture, without what tshark takes for retransmissions. `in_order`:
/// segments out of order are put in order first; where the capture misses segments, tshark then shows nothing behind
/// the hole.
///
/// # Errors
/// When tshark cannot be run. A capture that tshark reads only partly gives what it read.
pub fn layers(path: &Path, protocols: &[&str], in_order: bool) -> std::io::Result<Vec<Layer>> {
    let any = protocols.join(" || ");
    let again =
        "tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission";
    let mut child = Command::new("tshark")
        // a head is ours in the frame that completes it, not in the one that completes its body
        .args(["-n", "-o", "http.desegment_body:FALSE", "-o"])
        .arg(format!("tcp.reassemble_out_of_order:{}", if in_order { "TRUE" } else { "FALSE" }))
        .arg("-r")
        .arg(path)
        .arg("-Y")
        .arg(format!("({any}) && !({again})"))
        .args(["-T", "pdml", "-J"])
        .arg(format!("geninfo eth sll ip ipv6 {}", protocols.join(" ")))
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

/// PDML puts each element on a line of its own, which is all the XML this needs to know.
fn read(mut input: impl BufRead, protocols: &[&str], found: &mut Vec<Layer>) {
    let (mut frame, mut src) = (0, String::new());
    let mut layer: Option<Layer> = None;
    let mut envelope = None;
    let mut raw = Vec::new();
    loop {
        raw.clear();
        if input.read_until(b'\n', &mut raw).unwrap_or(0) == 0 {
            return;
        }
        let line = String::from_utf8_lossy(&raw);
        let line = line.trim_start();
        if line.starts_with("<packet>") {
            // a layer without fields has no end tag
            found.extend(layer.take());
            src.clear();
            envelope = None;
        } else if let Some(rest) = line.strip_prefix("<proto ") {
            let name = attribute(rest, "name").unwrap_or_default();
            if name == "_ws.malformed" {
                let of_frame = found.iter_mut().rev().take_while(|l| l.frame == frame);
                of_frame.for_each(|l| l.doubt = l.doubt.or(Some(MALFORMED)));
            }
            if ENVELOPES.contains(&name.as_str()) {
                envelope = Some("inside an envelope that is not entered");
            }
            if protocols.contains(&name.as_str()) {
                // messages inside messages have layers of their own: what stands around them is whole
                found.extend(layer.take());
                layer = Some(Layer { frame, src: src.clone(), name, fields: Vec::new(), doubt: envelope });
            }
        } else if line.starts_with("</proto>") {
            found.extend(layer.take());
        } else if let Some(rest) = line.strip_prefix("<field ") {
            let name = attribute(rest, "name").unwrap_or_default();
            let show = attribute(rest, "show").unwrap_or_default();
            match name.as_str() {
                "num" if layer.is_none() => frame = number(&show).unwrap_or_default(),
                "ip.src" | "ipv6.src" => src = show,
                // a hardware address behind an IP address begins a frame inside a tunnel
                "eth.src" | "sll.src.eth" => src = show,
                _ => {
                    if let Some(layer) = &mut layer {
                        layer.fields.push((name, show));
                    }
                }
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

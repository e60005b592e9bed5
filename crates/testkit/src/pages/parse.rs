//! Reads `cases.md`. Errors name the line.

use std::net::SocketAddr;

/// What carries a case's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// TCP between two sockets.
    Tcp(SocketAddr, SocketAddr),
    /// UDP between two sockets.
    Udp(SocketAddr, SocketAddr),
    /// Ethernet between two hardware addresses, with an EtherType; below 0x600 the value is an LLC DSAP.
    Ether([u8; 6], [u8; 6], u16),
    /// SNAP between two hardware addresses: organization and protocol id.
    Snap([u8; 6], [u8; 6], u32, u16),
    /// An IP protocol without ports.
    Ip(std::net::IpAddr, std::net::IpAddr, u8),
}

impl Talk {
    /// The same the other way.
    pub fn flip(self) -> Talk {
        match self {
            Talk::Tcp(a, b) => Talk::Tcp(b, a),
            Talk::Udp(a, b) => Talk::Udp(b, a),
            Talk::Ether(a, b, kind) => Talk::Ether(b, a, kind),
            Talk::Snap(a, b, oui, pid) => Talk::Snap(b, a, oui, pid),
            Talk::Ip(a, b, number) => Talk::Ip(b, a, number),
        }
    }
}

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes, sent this way. `midstream`: no handshake before the first of them.
    Bytes { talk: Talk, bytes: Vec<u8>, midstream: bool },
    /// So many bytes are missing in the direction of the last bytes.
    Gap(u32),
    /// So many nanoseconds pass.
    Wait(i64),
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Heading.
    pub name: String,
    /// What happens.
    pub steps: Vec<Step>,
    /// The expected facts, one line each.
    pub facts: Vec<String>,
}

/// Reads all cases of a page.
pub fn parse(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut last: Option<Talk> = None;
    let mut lines = text.lines().enumerate();
    let mut has_facts = true;
    while let Some((n, line)) = lines.next() {
        let n = n + 1;
        if let Some(name) = line.strip_prefix("## ") {
            if !has_facts {
                return Err(format!("line {n}: the case before has no facts block"));
            }
            cases.push(Case { name: name.trim().to_string(), steps: Vec::new(), facts: Vec::new() });
            has_facts = false;
            last = None;
            continue;
        }
        let Some(fence) = line.strip_prefix("```") else { continue };
        let case = cases.last_mut().ok_or_else(|| format!("line {n}: a block before the first heading"))?;
        let mut body = Vec::new();
        let inline = fence.strip_suffix("```");
        let fence = inline.unwrap_or(fence);
        if inline.is_none() {
            for (_, line) in lines.by_ref() {
                if line.starts_with("```") {
                    break;
                }
                body.push(line);
            }
        }
        let mut words = fence.split_whitespace();
        let error = |what: &str| format!("line {n}: {what}: {fence}");
        match words.next() {
            Some("bytes") => {
                let rest: Vec<&str> = words.collect();
                let midstream = rest.last() == Some(&"midstream");
                let rest = if midstream { &rest[..rest.len() - 1] } else { &rest[..] };
                let talk = match rest {
                    ["reply"] => last.ok_or_else(|| error("nothing to reply to"))?.flip(),
                    ["again"] => last.ok_or_else(|| error("nothing to repeat"))?,
                    words => talk(words).map_err(|e| error(&e))?,
                };
                last = Some(talk);
                let bytes = hex(&body).map_err(|e| error(&e))?;
                case.steps.push(Step::Bytes { talk, bytes, midstream });
            }
            Some("gap") => {
                let count = words.next().and_then(|w| w.parse().ok()).ok_or_else(|| error("a number of bytes"))?;
                case.steps.push(Step::Gap(count));
            }
            Some("wait") => {
                let word = words.next().ok_or_else(|| error("a duration"))?;
                case.steps.push(Step::Wait(duration(word).ok_or_else(|| error("a duration like 15s or 200ms"))?));
            }
            Some("facts") => {
                has_facts = true;
                let lines = body.iter().map(|l| l.trim()).filter(|l| !l.is_empty() && !l.starts_with('#'));
                case.facts.extend(lines.filter(|l| *l != "none").map(str::to_string));
            }
            _ => return Err(error("unknown block (bytes, gap, wait, facts)")),
        }
    }
    if !has_facts {
        return Err("the last case has no facts block".to_string());
    }
    Ok(cases)
}

fn talk(words: &[&str]) -> Result<Talk, String> {
    let socket = |w: &str| w.parse::<SocketAddr>().map_err(|e| format!("{w}: {e}"));
    let number = |w: &str| u16::from_str_radix(w.trim_start_matches("0x"), 16).map_err(|e| format!("{w}: {e}"));
    match words {
        ["tcp", a, "->", b] => Ok(Talk::Tcp(socket(a)?, socket(b)?)),
        ["udp", a, "->", b] => Ok(Talk::Udp(socket(a)?, socket(b)?)),
        ["ether", a, "->", b, kind] => Ok(Talk::Ether(mac(a)?, mac(b)?, number(kind)?)),
        ["llc", a, "->", b, sap] => Ok(Talk::Ether(mac(a)?, mac(b)?, number(sap)? & 0xff)),
        ["snap", a, "->", b, oui, pid] => {
            let oui = u32::from_str_radix(oui.trim_start_matches("0x"), 16).map_err(|e| e.to_string())?;
            Ok(Talk::Snap(mac(a)?, mac(b)?, oui, number(pid)?))
        }
        ["ip", a, "->", b, protocol] => {
            let ip = |w: &str| w.parse().map_err(|e| format!("{w}: {e}"));
            Ok(Talk::Ip(ip(a)?, ip(b)?, protocol.parse().map_err(|_| format!("{protocol}: a protocol number"))?))
        }
        _ => Err("tcp A:p -> B:p | udp … | ether mac -> mac 0xTYPE | llc … | snap … OUI PID | ip A -> B N".to_string()),
    }
}

fn mac(word: &str) -> Result<[u8; 6], String> {
    let bytes: Vec<u8> = word.split(':').filter_map(|b| u8::from_str_radix(b, 16).ok()).collect();
    bytes.try_into().map_err(|_| format!("{word}: a hardware address"))
}

fn duration(word: &str) -> Option<i64> {
    let (digits, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit())?);
    let n: i64 = digits.parse().ok()?;
    Some(match unit {
        "ms" => n * 1_000_000,
        "s" => n * 1_000_000_000,
        "min" => n * 60_000_000_000,
        "h" => n * 3_600_000_000_000,
        _ => return None,
    })
}

/// Hexadecimal with white space, `"text"` as ASCII, `#` comments, and `00*12` for twelve times the byte 00.
fn hex(lines: &[&str]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in lines {
        let mut rest = line.trim();
        while !rest.is_empty() {
            if rest.starts_with('#') {
                break;
            }
            if let Some(text) = rest.strip_prefix('"') {
                let end = text.find('"').ok_or("an open quote")?;
                bytes.extend_from_slice(&text.as_bytes()[..end]);
                rest = text[end + 1..].trim_start();
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '"' || c == '#').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let (word, times) = match word.split_once('*') {
                Some((word, n)) => (word, n.parse::<usize>().map_err(|e| format!("{n}: {e}"))?),
                None => (word, 1),
            };
            if word.len() % 2 != 0 {
                return Err(format!("{word}: an odd number of digits"));
            }
            let mut some = Vec::new();
            for i in (0..word.len()).step_by(2) {
                some.push(u8::from_str_radix(&word[i..i + 2], 16).map_err(|e| format!("{word}: {e}"))?);
            }
            for _ in 0..times {
                bytes.extend_from_slice(&some);
            }
            rest = after.trim_start();
        }
    }
    Ok(bytes)
}

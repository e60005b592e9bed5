//! Oracles of files, remote access and calls: what office machines speak, in plants too.

use super::oracles::one_way;
use super::pdml::{Layer, number};
use super::{Fact, Message, Oracle};

/// In the order of the list of protocols.
pub const OFFICE: &[Oracle] = &[
    Oracle { protocol: "cdp", layers: &["cdp"], theirs: |_, say| say("0".to_string()), ours: one_way },
    Oracle { protocol: "dcerpc", layers: &["dcerpc"], theirs: dcerpc_theirs, ours: dcerpc },
    Oracle { protocol: "ftp", layers: &["ftp"], theirs: ftp_theirs, ours: ftp },
    Oracle { protocol: "nbss", layers: &["nbss"], theirs: nbss_theirs, ours: nbss },
    Oracle { protocol: "quic", layers: &["quic", "gquic"], theirs: quic_theirs, ours: quic },
    Oracle { protocol: "rdp", layers: &["rdp", "t125"], theirs: rdp_theirs, ours: rdp },
    Oracle { protocol: "smb", layers: &["smb"], theirs: smb_theirs, ours: smb },
    Oracle { protocol: "smb2", layers: &["smb2"], theirs: smb2_theirs, ours: smb2 },
    Oracle { protocol: "ssdp", layers: &["ssdp"], theirs: ssdp_theirs, ours: ssdp },
    Oracle { protocol: "ssh", layers: &["ssh"], theirs: ssh_theirs, ours: ssh },
    Oracle { protocol: "telnet", layers: &["telnet"], theirs: telnet_theirs, ours: telnet },
    Oracle { protocol: "tftp", layers: &["tftp"], theirs: tftp_theirs, ours: tftp },
];

/// Calls by method, answers of whatever kind, and the messages that open an association. A message is its first
/// fragment.
fn dcerpc_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let flag = |name: &str| layer.text(name).map(|v| matches!(v, "1" | "True"));
    let later = flag("dcerpc.cn_flags.first_frag") == Some(false)
        || flag("dcerpc.dg_flags1_frag") == Some(true) && layer.number("dcerpc.dg_frag_num").is_some_and(|n| n > 0);
    let unbound = layer.all("_ws.expert.message").any(|text| text.starts_with("No bind info"));
    match layer.number("dcerpc.pkt_type") {
        Some(0 | 2) if later => {}
        Some(0) => say(format!("call {}", layer.number("dcerpc.opnum").unwrap_or_default())),
        Some(2 | 3 | 6) => say(if unbound { "?answer" } else { "answer" }.to_string()),
        Some(kind @ (11 | 14 | 16)) => say(kind.to_string()),
        Some(12 | 13) => say("11 answer".to_string()),
        Some(15) => say("14 answer".to_string()),
        _ => {}
    }
}

/// The method's number follows from its name.
fn dcerpc(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let kind = fact.code();
    if kind != 0 {
        return fact.exchange(Some(kind.to_string()), Some(format!("{kind} answer")), say);
    }
    let table = protocols::dcerpc::PROTOCOL.operations;
    let named = table.iter().find(|o| o.name == fact.operation()).map(|o| u64::from(o.code & 0xffff));
    let opnum = fact.number("opnum").or(named).unwrap_or_default();
    fact.exchange(Some(format!("call {opnum}")), Some("answer".to_string()), say);
}

/// Commands in the order of our codes, from 1 on.
const FTP: [&str; 54] = [
    "USER", "PASS", "ACCT", "CWD", "CDUP", "SMNT", "REIN", "QUIT", "PORT", "PASV", "TYPE", "STRU", "MODE", "RETR",
    "STOR", "STOU", "APPE", "ALLO", "REST", "RNFR", "RNTO", "ABOR", "DELE", "RMD", "MKD", "PWD", "LIST", "NLST",
    "SITE", "SYST", "STAT", "HELP", "NOOP", "AUTH", "ADAT", "PBSZ", "PROT", "CCC", "MIC", "CONF", "ENC", "FEAT",
    "OPTS", "EPRT", "EPSV", "LANG", "MDTM", "SIZE", "MLST", "MLSD", "HOST", "MFMT", "CLNT", "HASH",
];

/// Words and final replies. Further lines of a reply are no replies.
fn ftp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if let Some(word) = layer.text("ftp.request.command") {
        let word = word.to_uppercase();
        let word = word.strip_prefix('X').filter(|w| matches!(*w, "PWD" | "MKD" | "RMD" | "CWD")).unwrap_or(&word);
        say(match FTP.iter().position(|known| *known == word) {
            Some(at) => (at + 1).to_string(),
            None => "255".to_string(),
        });
    }
    if layer.all("ftp.response.code").filter_map(number).any(|code| code >= 200) {
        say("reply".to_string());
    }
}

/// A password is told with the name before it; a name that is refused is a sign-in, too.
fn ftp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    match fact.code() {
        0x40 | 0x41 => say((fact.frame(), fact.subject(), "reply".to_string())),
        code => fact.exchange(Some(code.to_string()), Some("reply".to_string()), say),
    }
}

/// A session is asked for by name (0x81) and granted, refused or sent elsewhere.
fn nbss_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    for kind in layer.all("nbss.type").filter_map(number) {
        match kind {
            0x81 => say("request".to_string()),
            0x82..=0x84 => say("answer".to_string()),
            0x85 => say("keepalive".to_string()),
            _ => {}
        }
    }
}

fn nbss(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.operation() == "session_keepalive" {
        return say((fact.frame(), fact.actor(), "keepalive".to_string()));
    }
    fact.exchange(Some("request".to_string()), Some("answer".to_string()), say);
}

/// The first packet of each side that opens a connection; of Google's versions the first one of the client.
fn quic_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.name == "gquic" {
        if let (Some(cid), true) = (layer.text("gquic.cid"), layer.has("gquic.version")) {
            say(format!("initial@{cid}"));
        }
        return;
    }
    let opens = ["quic.long.packet_type", "quic.long.packet_type_v2"].iter().any(|f| layer.number(f) == Some(0));
    if let (Some(connection), true) = (layer.text("quic.connection.number"), opens) {
        say(format!("initial@{connection} {}", layer.src));
    }
}

fn quic(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.operation() == "initial" {
        fact.exchange(Some("initial".to_string()), Some("initial".to_string()), say);
    }
}

/// The negotiation of security (1 asks; 2 and 3 answer), then choices of T.125 and T.124, where 0x65 and 0x66 open.
fn rdp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.name == "rdp" {
        match layer.number("rdp.neg_type") {
            Some(1) => say("negotiation".to_string()),
            Some(_) => say("negotiated".to_string()),
            None if layer.has("rdp.rt_cookie") => say("negotiation".to_string()),
            None => {}
        }
        return;
    }
    let opening = layer.number("t125.ConnectMCSPDU");
    // data (25 and 26) is no row
    let domain = layer.number("t124.DomainMCSPDU").filter(|kind| *kind < 25);
    opening.or(domain).into_iter().for_each(|kind| say(kind.to_string()));
}

/// Security exchange and client info are inside data.
fn rdp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    match fact.code() {
        0xe0 => {
            // told without its answer, or after an answer without negotiation: nothing of it is in the answer
            let answer = fact.has("selected") && fact.outcome() == "ok" || fact.outcome() == "refused";
            fact.exchange(Some("negotiation".to_string()), answer.then(|| "negotiated".to_string()), say);
        }
        code if code >= 0x1000 => {}
        code => fact.exchange(Some(code.to_string()), Some((code + 1).to_string()), say),
    }
}

/// Commands, those chained behind the first one included; 0xff ends the chain.
fn smb_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let mail_slot = layer.text("smb.trans_name").is_some_and(|name| name.to_uppercase().contains("MAILSLOT"));
    let mark = if mail_slot { "?" } else { "" };
    layer.all("smb.cmd").filter_map(number).filter(|c| *c != 0xff).for_each(|c| say(format!("{mark}{c}")));
}

/// A negotiation that is answered in the newer version: that answer is a message of `smb2`.
fn smb(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = fact.code().to_string();
    let newer = fact.0["fields"]["dialect"].as_str().is_some_and(|dialect| dialect == "SMB 2");
    fact.exchange(Some(code.clone()), (!newer).then_some(code), say);
}

/// `STATUS_PENDING`: the answer comes later.
const PENDING: u64 = 0x103;

/// Bytes of the header of every message ([MS-SMB2] 2.2.1).
const HEADER: u64 = 64;

/// Commands of a compound one by one, without interim answers; what is encrypted by its envelope.
fn smb2_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let mut status = None;
    let broken = layer.number("smb2.header_len").is_some_and(|length| length != HEADER);
    for (name, value) in &layer.fields {
        match name.as_str() {
            "smb2.nt_status" => status = number(value),
            "smb2.channel_sequence" => status = None,
            "smb2.cmd" if broken => say(format!("?{value}")),
            "smb2.cmd" if status != Some(PENDING) => say(value.clone()),
            "smb2.header.transform.nonce" => say("253".to_string()),
            _ => {}
        }
    }
}

fn smb2(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    smb(fact, say);
}

fn ssdp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    match layer.text("http.request.method") {
        Some("M-SEARCH") => say("search".to_string()),
        Some("NOTIFY") => say("notify".to_string()),
        Some(_) => {}
        None if layer.has("http.response.code") => say("answer".to_string()),
        None => {}
    }
}

fn ssdp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    match fact.operation() {
        "m_search" => fact.exchange(Some("search".to_string()), Some("answer".to_string()), say),
        _ => say((fact.frame(), fact.actor(), "notify".to_string())),
    }
}

/// Lines and offers are rows once it shows who is the client, so their frames are no matter. Of the exchange the first
/// message and the one with the server's key.
fn ssh_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.has("ssh.protocol") {
        say("~identification".to_string());
    }
    let group = layer.has("ssh.dh_gex.p");
    for kind in layer.all("ssh.message_code").filter_map(number) {
        match kind {
            20 => say("~offer".to_string()),
            30 | 32 => say("exchange".to_string()),
            31 | 33 if !group => say("key".to_string()),
            _ => {}
        }
    }
}

fn ssh(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let mut both = |what: &str| {
        // where nobody is the client, one side alone is the actor
        let alone = fact.outcome() == "unseen";
        let named = fact.has("client") || fact.has("server");
        let sides = [("client", fact.actor(), true), ("server", fact.subject(), !alone)];
        for (_, side, _) in sides.into_iter().filter(|(field, _, there)| if named { fact.has(field) } else { *there }) {
            say((0, side, what.to_string()));
        }
    };
    match fact.code() {
        0 => both("identification"),
        20 => both("offer"),
        30 => fact.exchange(Some("exchange".to_string()), Some("key".to_string()), say),
        _ => {}
    }
}

/// End of a subnegotiation: part of it.
const END: u64 = 240;

fn telnet_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    layer.all("telnet.cmd").filter_map(number).filter(|c| *c != END).for_each(|c| say(c.to_string()));
}

/// Prompts and sign-ins are read from the text.
fn telnet(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.code() <= 0xff {
        one_way(fact, say);
    }
}

/// Requests and errors: blocks and acknowledgements belong to the transfer.
fn tftp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    layer.all("tftp.opcode").filter_map(number).filter(|c| matches!(c, 1 | 2 | 5)).for_each(|c| say(c.to_string()));
}

fn tftp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let refused = (fact.outcome() == "refused").then(|| "5".to_string());
    fact.exchange(Some(fact.code().to_string()), refused, say);
}

//! The text with which a service greets (FTP, Telnet). Free text: what is taken out of it is implied, never stated.

use crate::evidence::Speaker;

/// Server programs that name themselves with their version.
const PROGRAMS: &[&str] = &[
    "BusyBox",
    "FileZilla Server",
    "GNU inetutils",
    "NcFTPd",
    "ProFTPD",
    "Pure-FTPd",
    "Serv-U FTP Server",
    "pyftpdlib",
    "vsFTPd",
    "wu-ftpd",
];

/// Words that stand for an operating system, and its name.
const SYSTEMS: &[(&str, &str)] = &[
    ("Microsoft FTP Service", "Windows"),
    ("Microsoft Telnet", "Windows"),
    ("NET+OS", "NET+OS"),
    ("Nucleus", "Nucleus"),
    ("QNX", "QNX"),
    ("VxWorks", "VxWorks"),
    ("Windows_NT", "Windows"),
    ("eCos", "eCos"),
];

/// Words that stand for a maker, and its name.
const MAKERS: &[(&str, &str)] = &[
    ("Allen-Bradley", "Rockwell Automation"),
    ("Cisco", "Cisco"),
    ("Hirschmann", "Hirschmann"),
    ("Lantronix", "Lantronix"),
    ("MGate", "Moxa"),
    ("Moxa", "Moxa"),
    ("NPort", "Moxa"),
    ("Phoenix Contact", "Phoenix Contact"),
    ("Rockwell", "Rockwell Automation"),
    ("SCALANCE", "Siemens"),
    ("SIMATIC", "Siemens"),
    ("Schneider", "Schneider Electric"),
    ("Siemens", "Siemens"),
    ("WAGO", "WAGO"),
];

/// Longest model name taken from before a version, in bytes: longer text is a sentence.
const MAX_MODEL: usize = 40;

/// Says what a greeting proves about its sender: program, operating system, maker, model and firmware.
pub fn say<'o>(speaker: Speaker<'o>, text: &str) -> Speaker<'o> {
    let mut speaker = speaker.implied();
    for name in PROGRAMS {
        if let Some((_, behind)) = text.split_once(name) {
            let version = version(behind);
            let separate = if version.is_empty() { "" } else { " " };
            speaker = speaker.formatted(crate::Kind::Software, format_args!("{name}{separate}{version}"));
            break;
        }
    }
    for (word, name) in SYSTEMS {
        if let Some((_, behind)) = text.split_once(word) {
            let version = if word == name { version(behind) } else { "" };
            let separate = if version.is_empty() { "" } else { " " };
            speaker = speaker.formatted(crate::Kind::Os, format_args!("{name}{separate}{version}"));
            break;
        }
    }
    if let Some(maker) = maker(text) {
        speaker = speaker.vendor(maker.as_bytes());
    }
    firmware(speaker, text)
}

/// The maker that a text names.
pub fn maker(text: &str) -> Option<&'static str> {
    MAKERS.iter().find(|(word, _)| text.contains(word)).map(|(_, maker)| *maker)
}

/// `<model> Firmware Version <version>`, and its like.
fn firmware<'o>(speaker: Speaker<'o>, text: &str) -> Speaker<'o> {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("firmware") else { return speaker };
    let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + 8..).unwrap_or_default());
    let behind = behind.trim_start();
    let word = ["version", "revision", "release", "ver.", "rev."]
        .iter()
        .find(|w| behind.get(..w.len()).is_some_and(|front| front.eq_ignore_ascii_case(w)));
    let version = version(behind.get(word.map_or(0, |w| w.len())..).unwrap_or_default());
    if version.is_empty() {
        return speaker;
    }
    let model = before.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | ',' | '(' | ':' | '*' | '#'));
    let is_model = model.len() <= MAX_MODEL && model.chars().any(|c| c.is_ascii_digit());
    let speaker = speaker.firmware(version.as_bytes());
    if is_model { speaker.model(model.as_bytes()) } else { speaker }
}

/// A version right behind a name: digits and what belongs to them.
fn version(text: &str) -> &str {
    let text = text.trim_start_matches([' ', '(', ':', '-', 'v', 'V', '/']);
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))).unwrap_or(text.len());
    let version = text.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
    if version.starts_with(|c: char| c.is_ascii_digit()) { version } else { "" }
}

//! The report's own sentences.

/// Under the title.
pub const INTRO: &str = "Passive assessment from captured traffic. Nothing was sent into the network.";
/// Before the blind spots.
pub const TRUST: &str = "Read this first. What the mirror did not show cannot stand in this report: silence about a device or an operation is no proof that it is not there.";
/// Where the mirror is fine.
pub const NO_BLIND_SPOTS: &str = "Nothing in the capture speaks against its completeness. Ports and networks that were not mirrored cannot be known from it.";
/// Where every file was known to the site.
pub const NOTHING_NEW: &str = "No new capture was read in this run. Mirror quality was judged when each capture was read.";
/// Before the findings.
pub const FINDINGS: &str = "At most ten lines, one per kind, worst first. A problem is wrong whoever did it; an observation may be authorised work and needs somebody who knows.";
/// Where nothing fired.
pub const NO_FINDINGS: &str = "None of the always-on detections fired. That is a statement about this capture and these detections, no certificate.";
/// Before the alerts.
pub const ALERTS: &str = "Repeats of one kind between the same devices on one day (UTC) are one alert with a count. Frames count over all input files, from 1. The packets behind an alert: bourdon cut FILES --alert ID -o alert.pcapng";
/// Before the map.
pub const MAP: &str = "Purdue levels from the enterprise (top) to the process (bottom). Levels follow from device types and conversations; the device sheets give the reasons. Lines are conversations seen, not cables.";
/// Before the inventory.
pub const DEVICES: &str = "Every device that proved its presence. Values are in the device's own words where it said them; the sheet behind a name shows what each value rests on.";
/// Before the sheets.
pub const SHEETS: &str = "What is known of each device, how far to trust it, and who said it. Guessed: from behaviour. Implied: follows from a number that stands for it. Stated: said by the device or a peer. Verified: said by the device when asked for exactly this.";
/// On paper, instead of the sheets.
pub const SHEETS_ON_PAPER: &str = "The device sheets are in the electronic file.";
/// Before the conversations.
pub const CONVERSATIONS: &str = "Who acts on whom, from the messages themselves where they tell, else from who opened the connection. Repeats are counted.";
/// Before the transfers.
pub const TRANSFERS: &str = "Programs, blocks, firmware and files that were moved. The hash covers the bytes seen; equal hashes are equal content.";
/// Before the protocols.
pub const PROTOCOLS: &str = "Operations in the words of each standard, with counts. Anomalies are messages that break their standard.";
/// Before what was not understood.
pub const UNKNOWN: &str = "Traffic without a parser here, encrypted, or joined in the middle. Shown with its shape, never guessed. Entropy near 8 bits per byte means compressed or encrypted.";
/// Method and limits, in the writer's page markup.
pub const METHOD: &str = "\
The captures were read completely offline. Every frame was decoded through VLAN tags and tunnels to its innermost packet, \
mirror copies were removed, TCP streams were put together, and every message of a known protocol was paired with its \
answer. Protocols were identified by content in both directions; port numbers were used as hints only.

- A device stands in the inventory only if its own traffic, or an answer to it, proves that it was there.
- Who commands whom comes from the messages, not from who opened a connection.
- Missing packets may hide an operation; they never invent one.
- Passwords, keys and SNMP communities are not in this report: they were masked where they were read.
- Alerts come from detections that need no learning. What is normal at this plant was not known to them.

Limits:

- Nothing is known about links that were not mirrored, about traffic inside encrypted connections, and about devices that were silent.
- Names, models and versions are what devices say; a device can lie or be misconfigured.
- Subnet masks are not on the wire: subnets are shown as /24 (IPv4) and /64 (IPv6).
- Times are those of the capturing machine, in UTC; a wrong clock there is a wrong clock here.
- Vulnerabilities are not judged in this report.";

/// A word of an output as people read it.
pub fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// A Purdue level with its usual name.
pub fn level(level: &str) -> &'static str {
    match level {
        "5" => "5 · enterprise network",
        "4" => "4 · business systems",
        "3.5" => "3.5 · demilitarised zone",
        "3" => "3 · site operations",
        "2" => "2 · supervision",
        "1" => "1 · control",
        "0" => "0 · process",
        _ => "unplaced · no level known",
    }
}

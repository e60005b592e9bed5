//! The only place where findings become sentences.

/// Three sentences per finding.
pub(super) struct Text {
    pub id: &'static str,
    pub symptom: &'static str,
    pub cause: &'static str,
    pub ask: &'static str,
}

pub(super) fn of(id: &str) -> Option<&'static Text> {
    TEXTS.iter().find(|text| text.id == id)
}

pub(super) fn fill(template: &str, parameters: &[(&'static str, String)]) -> String {
    parameters.iter().fold(template.to_string(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
}

const TEXTS: &[Text] = &[
    Text {
        id: "nothing_seen",
        symptom: "No traffic was seen.",
        cause: "The port is not mirrored, the cable is in another port, or the capture is empty.",
        ask: "Please check that the mirror session is active and that its destination is the port we are connected to.",
    },
    Text {
        id: "broadcast_only",
        symptom: "{hosts} device(s) were seen, all of them only by broadcasts and multicasts.",
        cause: "The port is an ordinary switch port, not a mirror: a switch sends only group traffic to everyone.",
        ask: "Please set up a mirror (SPAN) session with both directions of the ports or VLANs we are to see; at the moment only group traffic arrives.",
    },
    Text {
        id: "hosts_by_broadcast_only",
        symptom: "{hosts} device(s) were seen only by broadcasts and multicasts they sent: {names}.",
        cause: "Their own conversations do not pass the mirrored ports, or they have none.",
        ask: "Please tell us which switch ports these devices are connected to, and add them to the mirror session: {names}.",
    },
    Text {
        id: "one_sided",
        symptom: "Of {pairs} of {of} pairs of devices that exchange data over TCP only one direction is visible ({names}).",
        cause: "The mirror copies only received or only sent frames, or the two directions take different paths.",
        ask: "Please mirror both directions (rx and tx) of the ports, and every path between these devices: {names}.",
    },
    Text {
        id: "loss",
        symptom: "{percent} % of the TCP payload is missing in the middle of conversations ({bytes} bytes in {gaps} holes).",
        cause: "The mirror port is slower than what is copied to it, the switch drops copies under load, or the capture dropped frames.",
        ask: "Please check the output drops of the mirror's destination port, and mirror fewer ports or use a faster one.",
    },
    Text {
        id: "duplicates_removed",
        symptom: "{frames} frames ({percent} %) were copies of frames already seen, and were removed.",
        cause: "The same frame is mirrored at several ports or in several VLANs on its way.",
        ask: "Please mirror each frame once: either the ingress side of all ports, or one VLAN at one switch.",
    },
    Text {
        id: "duplicates_marked",
        symptom: "{frames} frames repeat earlier ones; they are marked and left in, as a replay must stay visible.",
        cause: "Copies by the mirror, redundant networks, or a replay.",
        ask: "Please tell us whether these networks are redundant (PRP, HSR), and whether they are mirrored at more than one place.",
    },
    Text {
        id: "clock_steps",
        symptom: "The capture's clock stepped {steps} time(s).",
        cause: "The clock of the capturing machine was set, or files of several machines were joined.",
        ask: "Please keep the capturing machine on network time; times in this report are exact only between steps.",
    },
    Text {
        id: "not_understood",
        symptom: "{frames} % of the frames and {bytes} % of the bytes were not understood; most on {ports}.",
        cause: "Protocols without a parser here, encrypted traffic, or conversations joined in the middle.",
        ask: "Please tell us what runs on these ports: {ports}.",
    },
    Text {
        id: "vlans",
        symptom: "{count} VLAN(s) were seen: {vlans}.",
        cause: "These are the VLANs the mirror covers; others are not visible here.",
        ask: "Please compare with the list of VLANs of this plant: {vlans}.",
    },
    Text {
        id: "frames_dropped",
        symptom: "{count} frames were lost before analysis ({what}).",
        cause: "The machine could not keep up with the traffic.",
        ask: "Nothing for the network team: the machine needs more cores, or less traffic.",
    },
    Text {
        id: "truncated",
        symptom: "{count} frame(s) or record(s) are not whole ({kind} {what}).",
        cause: "Frames were cut by the capture's snap length, or a file ends in the middle of a record.",
        ask: "Please capture whole frames (snap length 0 or 262144).",
    },
    Text {
        id: "undecoded",
        symptom: "{count} frame(s) could not be decoded ({kind} {what}).",
        cause: "A link type this program does not know, or frames damaged on the way.",
        ask: "Please tell us how the capture was made, and whether it can be made on Ethernet.",
    },
    Text {
        id: "session_panic",
        symptom: "The parser {what} failed {count} time(s); those conversations were left out from there on.",
        cause: "A defect in this program.",
        ask: "Nothing for the network team: please report it with the capture, if it may be shared.",
    },
    Text {
        id: "engine_report",
        symptom: "{kind}: {what} ({count}).",
        cause: "A bound that keeps memory in check, or a state the engine reports, was reached.",
        ask: "Nothing for the network team.",
    },
];

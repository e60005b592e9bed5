//! After TRITON (2017): in over remote desktop, a look at the safety controller, then a program appended to it.

use super::step;
use crate::build::Buf;
use crate::build::tristation::{self, Status, command};
use crate::plant::maintenance::remote_desktop;
use crate::plant::sim::{MILLI, SECOND, Sim};

/// A TriStation conversation between the safety engineering station and the controller.
///
/// Messages are placed one after another from the moment of connecting.
pub struct TriStation {
    port: u16,
    sequence: u8,
    at: i64,
    /// Key switch: 1 program, 2 run, 3 remote.
    key: u8,
    built: u32,
}

impl TriStation {
    /// Connects: request and reply without command.
    pub fn connect(sim: &mut Sim) -> TriStation {
        let port = sim.port();
        // The project was built a few months before the capture.
        let built = (sim.start / SECOND - 10_000_000) as u32;
        let mut t = TriStation { port, sequence: 0, at: 0, key: 1, built };
        t.send(sim, "connect", &tristation::bare(1), &tristation::bare(2));
        t
    }

    fn send(&mut self, sim: &mut Sim, op: &'static str, request: &[u8], answer: &[u8]) {
        let (station, controller) = (sim.site.safety_station, sim.site.safety);
        let (pair, ports) = ((station, controller), (self.port, 1502));
        sim.datagrams_at(self.at, pair, ports, "tristation", (op, None), request, answer);
        self.at += sim.random.between(15, 60) as i64 * MILLI;
    }

    /// Lets time pass before the next message.
    pub fn wait(&mut self, ns: i64) {
        self.at += ns;
    }

    /// Begins anew at the present moment.
    pub fn resume(&mut self) {
        self.at = 0;
    }

    /// A command and its reply.
    pub fn command(&mut self, sim: &mut Sim, op: &'static str, code: u8, data: &[u8], reply: u8, answer: &[u8]) {
        let s = self.sequence;
        self.sequence = s.wrapping_add(1);
        let request = tristation::message(false, 0, code, s, data);
        self.send(sim, op, &request, &tristation::message(true, 1, reply, s, answer));
    }

    /// Get CP status.
    pub fn status(&mut self, sim: &mut Sim) {
        let s = Status { key: self.key, run: 0, project: "WATERSIS", version: (2, 0), built: self.built };
        let answer = tristation::cp_status(&s);
        self.command(sim, "get_cp_status", command::GET_CP_STATUS, &[], command::CP_STATUS, &answer);
    }

    /// Disconnects.
    pub fn disconnect(&mut self, sim: &mut Sim) {
        self.send(sim, "disconnect", &tristation::bare(4), &tristation::bare(3));
    }
}

/// Data of a request for a program or function.
fn wanted(id: u16) -> Vec<u8> {
    Buf::new().le16(id).zeros(6).done()
}

/// Random code of whole words.
fn code(sim: &mut Sim, words: u16) -> Vec<u8> {
    sim.random.blob(usize::from(words) * 4)
}

/// A program whose tail is the PowerPC subroutine that does nothing, as the published implant's.
fn payload(sim: &mut Sim, len: usize) -> Vec<u8> {
    let mut out = sim.random.blob(len);
    out.extend([0xff, 0xff, 0x60, 0x38, 0x02, 0x00, 0x00, 0x44, 0x20, 0x00, 0x80, 0x4e]);
    out
}

pub(super) fn run(sim: &mut Sim, pace: i64) {
    let expected = &["remote_access", "tristation_programming", "program_upload", "program_download", "mode_change"];
    let attack = sim.truth.attack("triton", expected);
    let station = sim.site.safety_station;
    let laptop = sim.site.laptops[sim.random.below(sim.site.laptops.len() as u64) as usize];
    step(sim, 0, attack, move |sim| {
        sim.note(attack, "remote desktop from an office laptop to the safety engineering station", laptop, &[station]);
        let id = remote_desktop(sim, laptop, station, "svc_sis", 60);
        step(sim, 11 * pace, attack, move |sim| sim.close(id));
    });
    step(sim, 2 * pace, attack, move |sim| {
        let safety = sim.site.safety;
        sim.note(attack, "search for safety controllers: TriStation ping, state, module versions", station, &[safety]);
        let port = sim.port();
        let group = sim.everyone(station);
        sim.cast(station, group, (port, 1502), "tristation", "ping", &tristation::bare(6));
        let ports = (1502, port);
        let talk = sim.truth.talk(station, Some(safety), "tristation");
        sim.datagram(3 * MILLI, safety, station, ports, &tristation::bare(6), (talk, Some(("ping", None))));
        sim.after(SECOND, move |sim| sim.attacking(attack, look));
    });
    for (n, part) in [upload as fn(&mut Sim), program, control].into_iter().enumerate() {
        let texts = ["program and functions are uploaded", "a program is appended", "the implant is spoken to"];
        step(sim, (4 + 3 * n as i64) * pace, attack, move |sim| {
            let safety = sim.site.safety;
            sim.note(attack, texts[n], station, &[safety]);
            part(sim);
        });
    }
}

fn look(sim: &mut Sim) {
    let mut t = TriStation::connect(sim);
    for _ in 0..3 {
        t.status(sim);
    }
    let slots = [(255, [4_500u16, 4_271, 4_182]), (56, [5_200, 10, 1]), (8, [4_873, 2, 0])];
    let serial = sim.devices[sim.site.safety].serial.clone();
    let versions = tristation::module_versions(&slots, &serial);
    t.command(sim, "get_module_versions", command::GET_MODULE_VERSIONS, &[], command::MODULE_VERSIONS, &versions);
    t.disconnect(sim);
}

fn upload(sim: &mut Sim) {
    let mut t = TriStation::connect(sim);
    t.status(sim);
    for n in 0..6u16 {
        let answer = tristation::piece(n, 75, 0, &code(sim, 75));
        t.command(sim, "upload_program", command::UPLOAD_PROGRAM, &wanted(n), command::PROGRAM, &answer);
    }
    for n in 0..14u16 {
        let words = sim.random.between(20, 220) as u16;
        let answer = tristation::piece(n << 4, words, 0, &code(sim, words));
        t.command(sim, "upload_function", command::UPLOAD_FUNCTION, &wanted(n << 4), command::FUNCTION, &answer);
    }
    t.disconnect(sim);
}

fn program(sim: &mut Sim) {
    let mut t = TriStation::connect(sim);
    t.status(sim);
    t.command(sim, "go_to_download_mode", command::GO_TO_DOWNLOAD_MODE, &[], command::DONE, &[]);
    let about = Buf::new().fixed("WATERSIS", 10, 0).le16(2).le16(0).le32(t.built).done();
    let permitted = command::DOWNLOAD_CHANGE_PERMITTED;
    t.command(sim, "start_download_change", command::START_DOWNLOAD_CHANGE, &about, permitted, &[]);
    let body = payload(sim, 1_908);
    for (n, part) in body.chunks(480).enumerate() {
        let data = tristation::piece(2, (body.len() / 4) as u16, n as u16 * 120, part);
        t.command(sim, "allocate_program", command::ALLOCATE_PROGRAM, &data, command::ALLOCATED, &[]);
        t.wait(200 * MILLI);
    }
    t.command(sim, "end_download_change", command::END_DOWNLOAD_CHANGE, &[], command::DONE, &[]);
    for _ in 0..12 {
        t.status(sim);
        t.wait(SECOND);
    }
    t.command(sim, "run_program", command::RUN_PROGRAM, &[], command::RUNNING, &[]);
    t.disconnect(sim);
}

fn control(sim: &mut Sim) {
    let mut t = TriStation::connect(sim);
    for n in 0..3u8 {
        let body = Buf::new().put(&[0xff, n, 0, 0]).le32(0x0010_0000).put(&sim.random.blob(20)).done();
        let answer = sim.random.blob(32);
        t.command(sim, "get_mp_status", command::GET_MP_STATUS, &body, command::MP_STATUS, &answer);
        t.wait(2 * SECOND);
    }
    // A dummy program wipes the traces; the controller is then halted.
    let dummy = tristation::piece(2, 2, 0, &[0; 8]);
    let (start, permitted) = (command::START_DOWNLOAD_CHANGE, command::DOWNLOAD_CHANGE_PERMITTED);
    t.command(sim, "start_download_change", start, &[0; 18], permitted, &[]);
    t.command(sim, "allocate_program", command::ALLOCATE_PROGRAM, &dummy, command::ALLOCATED, &[]);
    t.command(sim, "end_download_change", command::END_DOWNLOAD_CHANGE, &[], command::DONE, &[]);
    t.command(sim, "halt_program", command::HALT_PROGRAM, &[], command::REJECTED, &212u16.to_le_bytes());
    t.disconnect(sim);
}

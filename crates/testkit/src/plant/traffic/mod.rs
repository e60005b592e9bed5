//! What the plant says every day.

mod building;
mod field;
pub mod modbus;
mod office;
pub mod rockwell;
mod services;
pub mod siemens;
pub mod telecontrol;

use super::sim::{HOUR, LinkId, MILLI, SECOND, Sim};
pub use field::discover;
pub use services::lease;

/// A long-lived connection is renewed about this often.
const RENEWED: i64 = 20 * HOUR;

/// Starts everything.
pub fn begin(sim: &mut Sim) {
    sim.every(SECOND, 0, |sim| {
        let seconds = sim.now / SECOND % 86_400;
        let Sim { process, random, .. } = sim;
        process.step(seconds, random);
    });
    siemens::begin(sim);
    modbus::begin(sim);
    rockwell::begin(sim);
    telecontrol::begin(sim);
    field::begin(sim);
    building::begin(sim);
    office::begin(sim);
    services::begin(sim);
}

/// Who polls.
#[derive(Clone, Copy, Debug)]
pub enum Client {
    /// This device.
    Device(usize),
    /// Whichever SCADA server leads.
    Leader,
}

impl Client {
    fn now(self, sim: &Sim) -> usize {
        match self {
            Client::Device(d) => d,
            Client::Leader => sim.leader,
        }
    }
}

/// A poll: who, whom, on which port, in which protocol, how often (ns).
#[derive(Clone, Copy, Debug)]
pub struct Poll {
    /// The polling side.
    pub client: Client,
    /// The polled side.
    pub server: usize,
    /// Its port.
    pub port: u16,
    /// Protocol word.
    pub protocol: &'static str,
    /// Period.
    pub period: i64,
}

/// Keeps a connection and runs `body` on it each period with a counter; `hello` follows each opening. Most connections
/// stood before the capture began. A switched-off server is left alone; a new leader opens its own connection.
pub fn poll(
    sim: &mut Sim,
    p: Poll,
    mut hello: impl FnMut(&mut Sim, LinkId) + 'static,
    mut body: impl FnMut(&mut Sim, LinkId, u64) + 'static,
) {
    let mut link: Option<(LinkId, usize)> = None;
    let mut count = 0u64;
    let mut renew = sim.start + sim.random.below(RENEWED as u64) as i64;
    let midstream = sim.random.chance(3, 4);
    let jitter = (p.period / 50).max(MILLI);
    sim.every(p.period, jitter, move |sim| {
        let client = p.client.now(sim);
        if let Some((id, owner)) = link
            && sim.stands(id)
            && (owner != client || sim.now > renew)
        {
            sim.close(id);
            renew = sim.now + RENEWED + sim.random.below(RENEWED as u64 / 4) as i64;
        }
        if sim.down.contains(&p.server) || sim.down.contains(&client) {
            return;
        }
        let id = match link {
            Some((id, _)) if sim.stands(id) => id,
            old => {
                let id = if old.is_none() && midstream {
                    sim.attach(client, p.server, p.port, p.protocol)
                } else {
                    let id = sim.open(client, p.server, p.port, p.protocol);
                    hello(sim, id);
                    id
                };
                link = Some((id, client));
                id
            }
        };
        body(sim, id, count);
        count += 1;
    });
}

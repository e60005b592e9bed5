//! FTP, the data connection: descriptor and session. See the page.

use crate::common::data_channel::{Channel, What};
use crate::{Dir, Input, Moving, Output, Probe, Protocol, Session, Step, Verdict, plain_notation, text};
use model::{Path, TransferKind};

/// FTP (RFC 959), the data connection.
pub static PROTOCOL: Protocol = Protocol {
    name: "ftp_data",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[],
    operations: &[],
    fields: &[],
    spaces: &[],
    carrier: false,
    identify: never,
    session: new,
    notation: plain_notation,
};

/// The bytes of a file look like anything: only the control connection can tell.
fn never(_: &Probe<'_>) -> Verdict {
    Verdict::No
}

/// A new conversation.
fn new() -> Box<dyn Session> {
    Box::new(Data { moving: None, what: What::Announced, client: Dir::AtoB })
}

struct Data {
    moving: Option<Moving>,
    what: What,
    client: Dir,
}

impl Session for Data {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let channel = Channel::of(input);
        if self.moving.is_none() && channel.is_none_or(|(channel, ..)| channel.what == What::Over) {
            // the port was used by a transfer that is over
            return Step::NotMine;
        }
        let moving = self.moving.get_or_insert_with(|| {
            let kind = TransferKind::Upload;
            Moving::new(kind, "file", String::new(), out.now())
        });
        if let Some((channel, client, name)) = channel.filter(|(channel, ..)| channel.what != What::Over) {
            self.what = channel.what;
            self.client = client;
            if moving.name.is_empty() && !name.is_empty() {
                moving.name = text::clean(name);
            }
            moving.announced = channel.size.or(moving.announced);
        }
        moving.piece(input.bytes);
        Step::Took(input.bytes.len())
    }

    fn gap(&mut self, _: Dir, _: &mut Output) {
        if let Some(moving) = &mut self.moving {
            moving.broken = true;
        }
    }

    fn finish(&mut self, out: &mut Output) {
        let Some(mut moving) = self.moving.take() else { return };
        moving.kind = match self.what {
            What::Retrieve => TransferKind::Upload,
            What::Store => TransferKind::Download,
            What::List | What::Announced | What::Over => return,
        };
        // only an announced size proves that nothing is missing at the end
        moving.broken |= moving.announced.is_none();
        out.transfer(moving, self.client, Path::HOST);
    }
}

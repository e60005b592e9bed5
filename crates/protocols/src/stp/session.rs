//! One frame, one statement; no state: a new root is a new target.

use super::wire::{Bpdu, bpdu};
use super::{MULTIPLE, OPERATIONS, RAPID};
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::{Address, Mac, Role, Strength};

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Stp)
}

struct Stp;

impl Session for Stp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match bpdu(input.bytes) {
            Ok(bpdu) => {
                say(&bpdu, input, out);
                // what follows is the frame's padding
                Step::Took(input.bytes.len())
            }
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }
}

fn say(bpdu: &Bpdu<'_>, input: &Input<'_>, out: &mut Output) {
    let code = match (bpdu.version, u32::from(bpdu.kind)) {
        (3.., RAPID) => MULTIPLE,
        (_, kind) => kind,
    };
    let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
    if let Some(tree) = &bpdu.tree {
        let root = draft.format(format_args!("{}", tree.root));
        draft.push_item(Goal::named("root", root), Val::None);
        let bridge = draft.format(format_args!("{}", tree.bridge));
        draft.push_extra("bridge", Val::Text(bridge));
        draft.push_extra("root_path_cost", Val::Uint(tree.cost.into()));
        draft.push_extra("port", Val::Uint(tree.port.into()));
        draft.push_extra("hello_ms", Val::Uint(u64::from(tree.hello) * 1000 / 256));
        if tree.flags & 1 != 0 {
            draft.push_extra("topology_change", Val::Bool(true));
        }
        let region = draft.text(tree.region);
        if !region.is_empty() {
            draft.push_extra("region", Val::Text(region));
        }
    }
    draft.commit();
    // drives, I/O stations and controllers with two ports are bridges, too; a bridge sends from its ports' addresses, and
    // says whose ports they are
    let about = out.about(About::Sender).guessed().role(Role::Switch).strength(Strength::Stated);
    let Some(tree) = &bpdu.tree else { return };
    if is_device(tree.bridge.mac) && input.src.host.address != Address::Mac(tree.bridge.mac) {
        about.same_as(tree.bridge.mac);
    }
    if is_device(tree.root.mac) && tree.root.mac != tree.bridge.mac {
        out.about(About::Address(tree.root.mac.into())).guessed().role(Role::Switch);
    }
}

fn is_device(mac: Mac) -> bool {
    !mac.is_zero() && !mac.is_group()
}

//! Control program on its way out of a controller. The page beside this file says what it means.

use super::words::Step;
use super::{Detector, Fact, Interest, program_download, shapes};
use model::{Class, TransferKind};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Program]).and(Fact::Transfer);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| program_download::moved(event, TransferKind::Upload, Step::Upload))
}

//! What a message proves about a device, as `Copy` rows. The engine drops repeats before anything is allocated.

use crate::output::Output;
use crate::row::Span;
use model::{Address, Claim, Hop, NameKind, Path, Role, Strength};

/// Who evidence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// The sender of the message.
    Sender,
    /// Its receiver.
    Receiver,
    /// The sender's hardware address.
    SenderMac,
    /// The receiver's hardware address.
    ReceiverMac,
    /// An address named in the message.
    Address(Address),
}

/// The kind of a claim; mirrors [`Claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Vendor,
    VendorId(&'static str, u32),
    Model,
    ProductCode { space: &'static str, vendor: u32, kind: u32, code: u32 },
    OrderNumber,
    Firmware,
    Software,
    Hardware,
    Serial,
    Name(NameKind),
    Os,
    Role(Role),
    Description,
    Location,
    Contact,
    SameAs(Address),
    SeenBehind(Address),
    Vlan(u16),
    Mode,
    Service { transport: &'static str, port: u16, protocol: &'static str },
    Port,
    Fingerprint(&'static str),
    Protection,
}

/// One piece of evidence.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// Who.
    pub about: About,
    /// The thing behind the address.
    pub path: Path,
    /// What kind of claim.
    pub kind: Kind,
    /// Its text, where the claim is text.
    pub text: Span,
    /// How far to trust it.
    pub strength: Strength,
}

impl Saying {
    /// The owned claim.
    pub fn claim(&self, out: &Output) -> Claim {
        let text = || String::from_utf8_lossy(out.span(self.text)).into_owned();
        match self.kind {
            Kind::Vendor => Claim::Vendor(text()),
            Kind::VendorId(space, id) => Claim::VendorId { space, id },
            Kind::Model => Claim::Model(text()),
            Kind::ProductCode { space, vendor, kind, code } => Claim::ProductCode { space, vendor, kind, code },
            Kind::OrderNumber => Claim::OrderNumber(text()),
            Kind::Firmware => Claim::Firmware(text()),
            Kind::Software => Claim::Software(text()),
            Kind::Hardware => Claim::Hardware(text()),
            Kind::Serial => Claim::Serial(text()),
            Kind::Name(kind) => Claim::Name(kind, text()),
            Kind::Os => Claim::Os(text()),
            Kind::Role(role) => Claim::Role(role),
            Kind::Description => Claim::Description(text()),
            Kind::Location => Claim::Location(text()),
            Kind::Contact => Claim::Contact(text()),
            Kind::SameAs(address) => Claim::SameAs(address),
            Kind::SeenBehind(address) => Claim::SeenBehind(address),
            Kind::Vlan(vlan) => Claim::Vlan(vlan),
            Kind::Mode => Claim::Mode(text()),
            Kind::Service { transport, port, protocol } => Claim::Service { transport, port, protocol },
            Kind::Port => Claim::Port(text()),
            Kind::Fingerprint(kind) => Claim::Fingerprint { kind, text: text() },
            Kind::Protection => Claim::Protection(text()),
        }
    }
}

/// Says several things about one subject: `out.about(About::Sender).verified().model(b"CPU 315").firmware(b"V3.2")`.
#[derive(Debug)]
pub struct Speaker<'o> {
    out: &'o mut Output,
    about: About,
    path: Path,
    strength: Strength,
}

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident $kind:ident;)*) => {$(
        $(#[$meta])*
        pub fn $name(self, bytes: &[u8]) -> Self { self.say_text(Kind::$kind, bytes) }
    )*};
}

impl<'o> Speaker<'o> {
    pub(crate) fn new(out: &'o mut Output, about: About) -> Self {
        Speaker { out, about, path: Path::HOST, strength: Strength::Stated }
    }

    /// One hop behind the address.
    pub fn hop(mut self, hop: Hop) -> Self {
        self.path = self.path.then(hop);
        self
    }

    /// A path behind the address.
    pub fn path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// From here on: an answer to a question about exactly this, by the device itself.
    pub fn verified(self) -> Self {
        self.strength(Strength::Verified)
    }

    /// From here on: the device, or a peer about it, says so (the default).
    pub fn stated(self) -> Self {
        self.strength(Strength::Stated)
    }

    /// From here on: follows from a number or name that stands for it.
    pub fn implied(self) -> Self {
        self.strength(Strength::Implied)
    }

    /// From here on: inferred from behaviour.
    pub fn guessed(self) -> Self {
        self.strength(Strength::Guessed)
    }

    /// From here on, this strength (the default is `Stated`).
    pub fn strength(mut self, strength: Strength) -> Self {
        self.strength = strength;
        self
    }

    texts! {
        /// Maker, in the device's words.
        vendor Vendor;
        /// Product or model name.
        model Model;
        /// Order, catalogue or part number.
        order_number OrderNumber;
        /// Firmware version.
        firmware Firmware;
        /// Other software version.
        software Software;
        /// Hardware revision.
        hardware Hardware;
        /// Serial number.
        serial Serial;
        /// Operating system.
        os Os;
        /// Free description of itself.
        description Description;
        /// Where it stands.
        location Location;
        /// Who is responsible.
        contact Contact;
        /// Mode or state it reports.
        mode Mode;
        /// Port of a neighbour it is connected to.
        port Port;
        /// Protection offered or required.
        protection Protection;
    }

    /// A name.
    pub fn name(self, kind: NameKind, bytes: &[u8]) -> Self {
        self.say_text(Kind::Name(kind), bytes)
    }

    /// A fingerprint of this kind.
    pub fn fingerprint(self, kind: &'static str, bytes: &[u8]) -> Self {
        self.say_text(Kind::Fingerprint(kind), bytes)
    }

    /// Any text claim with formatted text.
    pub fn formatted(self, kind: Kind, args: core::fmt::Arguments<'_>) -> Self {
        let text = self.out.format(args);
        self.push(kind, text)
    }

    /// Any text claim with text already in the arena.
    pub fn span(self, kind: Kind, text: Span) -> Self {
        self.push(kind, text)
    }

    /// A claim without text.
    pub fn is(self, kind: Kind) -> Self {
        self.push(kind, Span::EMPTY)
    }

    /// What the device does.
    pub fn role(self, role: Role) -> Self {
        self.is(Kind::Role(role))
    }

    /// Maker as a number in a registry.
    pub fn vendor_id(self, space: &'static str, id: u32) -> Self {
        self.is(Kind::VendorId(space, id))
    }

    /// A second address of the same device.
    pub fn same_as(self, address: impl Into<Address>) -> Self {
        self.is(Kind::SameAs(address.into()))
    }

    fn say_text(self, kind: Kind, bytes: &[u8]) -> Self {
        let text = self.out.text(bytes);
        if text.is_empty() { self } else { self.push(kind, text) }
    }

    fn push(self, kind: Kind, text: Span) -> Self {
        let saying = Saying { about: self.about, path: self.path, kind, text, strength: self.strength };
        self.out.evidence.push(saying);
        self
    }
}

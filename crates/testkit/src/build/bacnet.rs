//! BACnet/IP (ANSI/ASHRAE 135, annex J) on UDP 47808, with routed networks.

use super::Buf;

/// Object types.
pub mod object {
    #![allow(missing_docs)]
    pub const ANALOG_INPUT: u16 = 0;
    pub const ANALOG_VALUE: u16 = 2;
    pub const DEVICE: u16 = 8;
}

/// Properties.
pub mod property {
    #![allow(missing_docs)]
    pub const FIRMWARE_REVISION: u8 = 44;
    pub const MODEL_NAME: u8 = 70;
    pub const OBJECT_NAME: u8 = 77;
    pub const PRESENT_VALUE: u8 = 85;
    pub const VENDOR_NAME: u8 = 121;
}

/// A station behind a router: network number and MS/TP address.
#[derive(Clone, Copy, Debug)]
pub struct Remote {
    /// Network number.
    pub network: u16,
    /// Station address on it.
    pub station: u8,
}

/// How a message travels.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// Both ends on this network.
    Local,
    /// To a station behind a router.
    To(Remote),
    /// From a station behind a router.
    From(Remote),
    /// To all networks.
    Everywhere,
}

/// Wraps an application message; `broadcast` is the link layer's.
pub fn frame(route: Route, broadcast: bool, expects_reply: bool, apdu: &[u8]) -> Vec<u8> {
    let reply = if expects_reply { 4 } else { 0 };
    let npdu = match route {
        Route::Local => Buf::new().u8(1).u8(reply),
        Route::To(r) => Buf::new().u8(1).u8(0x20 | reply).be16(r.network).u8(1).u8(r.station).u8(255),
        Route::From(r) => Buf::new().u8(1).u8(0x08 | reply).be16(r.network).u8(1).u8(r.station),
        Route::Everywhere => Buf::new().u8(1).u8(0x20).be16(0xffff).u8(0).u8(255),
    };
    let len = 4 + npdu.len() + apdu.len();
    let function = if broadcast { 0x0b } else { 0x0a };
    Buf::new().u8(0x81).u8(function).be16(len as u16).put(&npdu.0).put(apdu).done()
}

fn id(kind: u16, instance: u32) -> u32 {
    u32::from(kind) << 22 | instance
}

/// Who-Is, everyone.
pub fn who_is() -> Vec<u8> {
    vec![0x10, 8]
}

/// I-Am: device instance and vendor id.
pub fn i_am(instance: u32, vendor: u16) -> Vec<u8> {
    let b = Buf::new().put(&[0x10, 0, 0xc4]).be32(id(object::DEVICE, instance)).put(&[0x22, 0x05, 0xc4, 0x91, 3]);
    b.u8(0x22).be16(vendor).done()
}

/// A value of an application type.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// REAL.
    Real(f32),
    /// Character string in UTF-8.
    Text(&'a str),
}

fn tagged(b: Buf, value: &Value<'_>) -> Buf {
    match value {
        Value::Real(v) => b.u8(0x44).be_f32(*v),
        Value::Text(s) => b.u8(0x75).u8(s.len() as u8 + 1).u8(0).text(s),
    }
}

fn confirmed(invoke: u8, service: u8) -> Buf {
    Buf::new().put(&[0, 5, invoke, service])
}

fn reference(b: Buf, kind: u16, instance: u32, property: u8) -> Buf {
    b.u8(0x0c).be32(id(kind, instance)).u8(0x19).u8(property)
}

/// ReadProperty.
pub fn read_property(invoke: u8, kind: u16, instance: u32, property: u8) -> Vec<u8> {
    reference(confirmed(invoke, 12), kind, instance, property).done()
}

/// The answer to [`read_property`].
pub fn property_value(invoke: u8, kind: u16, instance: u32, property: u8, value: &Value<'_>) -> Vec<u8> {
    let b = reference(Buf::new().put(&[0x30, invoke, 12]), kind, instance, property).u8(0x3e);
    tagged(b, value).u8(0x3f).done()
}

/// WriteProperty at a priority (1 to 16).
pub fn write_property(invoke: u8, kind: u16, instance: u32, property: u8, value: &Value<'_>, priority: u8) -> Vec<u8> {
    let b = reference(confirmed(invoke, 15), kind, instance, property).u8(0x3e);
    tagged(b, value).u8(0x3f).u8(0x49).u8(priority).done()
}

/// SubscribeCOV for unconfirmed notifications, lifetime in seconds.
pub fn subscribe_cov(invoke: u8, process: u8, kind: u16, instance: u32, lifetime: u16) -> Vec<u8> {
    confirmed(invoke, 5)
        .u8(9)
        .u8(process)
        .u8(0x1c)
        .be32(id(kind, instance))
        .u8(0x29)
        .u8(0)
        .u8(0x3a)
        .be16(lifetime)
        .done()
}

/// ReinitializeDevice: 0 cold start, 1 warm start.
pub fn reinitialize(invoke: u8, state: u8) -> Vec<u8> {
    confirmed(invoke, 20).u8(9).u8(state).done()
}

/// A bare acknowledgement.
pub fn simple_ack(invoke: u8, service: u8) -> Vec<u8> {
    vec![0x20, invoke, service]
}

/// An unconfirmed change-of-value notification.
pub fn cov(process: u8, device: u32, kind: u16, instance: u32, left: u16, value: f32) -> Vec<u8> {
    Buf::new()
        .put(&[0x10, 2, 9, process, 0x1c])
        .be32(id(object::DEVICE, device))
        .u8(0x2c)
        .be32(id(kind, instance))
        .u8(0x3a)
        .be16(left)
        .put(&[0x4e, 9, 85, 0x2e, 0x44])
        .be_f32(value)
        .put(&[0x2f, 9, 111, 0x2e, 0x82, 4, 0, 0x2f, 0x4f])
        .done()
}

"""BACnet/IP with bacpypes3: discovery, properties one by one and many at once, writes with priority, refused writes,
change of value, time synchronisation, re-initialisation, private transfer, router discovery."""

import asyncio

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "bacnet"
PACKAGES = ["bacpypes3==0.0.110"]
ETHERNET = True
DEVICE = 200177
VENDOR_ID = 999


def application(place: Place, host: str, name: str, instance: int):
    from bacpypes3.app import Application
    from bacpypes3.local.device import DeviceObject
    from bacpypes3.local.networkport import NetworkPortObject
    from bacpypes3.primitivedata import ObjectIdentifier

    device = DeviceObject(objectIdentifier=ObjectIdentifier(("device", instance)), objectName=name,
                          vendorIdentifier=VENDOR_ID, vendorName="Peerless Air", modelName="AHU-4",
                          firmwareRevision="7.1.3", applicationSoftwareVersion="2.0", description="Air handling unit 4",
                          location="Roof")
    port = NetworkPortObject(f"{host}/24", objectIdentifier=("network-port", 1), objectName="port 1")
    return Application.from_object_list([device, port])


def serve(place: Place) -> None:
    async def run() -> None:
        from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
        from bacpypes3.local.binary import BinaryValueObject
        from bacpypes3.local.cmd import Commandable

        class Setpoint(Commandable, AnalogValueObject):
            """Commanded through its priority array."""

        app = application(place, place.server, "ahu-4", DEVICE)
        app.add_object(AnalogInputObject(objectIdentifier=("analog-input", 1), objectName="supply", presentValue=18.5,
                                         statusFlags=[0, 0, 0, 0], covIncrement=0.5, eventState="normal", outOfService=False))
        app.add_object(Setpoint(objectIdentifier=("analog-value", 3), objectName="setpoint", presentValue=21.0,
                                statusFlags=[0, 0, 0, 0], covIncrement=1.0, eventState="normal", outOfService=False,
                                relinquishDefault=20.0))
        place.ready()
        while not place.stopped.is_set():
            await asyncio.sleep(0.1)

    asyncio.run(run())


def act(place: Place, truth: Truth) -> None:
    asyncio.run(talk(place, truth))


async def talk(place: Place, truth: Truth) -> None:
    from bacpypes3.apdu import ErrorRejectAbortNack, ReinitializeDeviceRequest, TimeSynchronizationRequest
    from bacpypes3.basetypes import DateTime
    from bacpypes3.pdu import Address
    from bacpypes3.primitivedata import ObjectIdentifier, Real

    app = application(place, place.client, "workstation", 7)
    await asyncio.sleep(0.3)
    server = Address(place.server)
    value, unit = "analog-value,3", "device,200177"

    found = await app.who_is(200000, 200999)
    assert [i.iAmDeviceIdentifier[1] for i in found] == [DEVICE]
    truth.did("who_is", subject="group", fields={"low_limit": 200000, "high_limit": 200999})
    truth.did("i_am", actor="server", subject="client", targets=[unit], fields={"vendor_id": VENDOR_ID})

    read = await app.read_property(server, "analog-input,1", "present-value")
    truth.did("read_property", targets={"analog-input,1 present-value": read})
    for name, expected in (("vendor-name", "Peerless Air"), ("model-name", "AHU-4"), ("firmware-revision", "7.1.3")):
        assert await app.read_property(server, unit, name) == expected
        truth.did("read_property", targets={f"{unit} {name}": expected})
    many = await app.read_property_multiple(server, [unit, ["object-name", "location"], value, ["present-value"]])
    truth.did("read_property_multiple", targets={f"{unit} object-name": "ahu-4", f"{unit} location": "Roof",
                                                 f"{value} present-value": many[-1][3]})

    await app.write_property(server, value, "present-value", Real(22.5), priority=8)
    truth.did("write_property", targets={f"{value} present-value": 22.5}, fields={"priority": 8}, operation_class="write")
    assert await app.read_property(server, value, "present-value") == 22.5
    truth.did("read_property", targets={f"{value} present-value": 22.5})
    try:
        await app.write_property(server, "analog-value,99", "present-value", Real(1.0))
    except ErrorRejectAbortNack:
        truth.did("write_property", outcome="refused", targets={"analog-value,99 present-value": 1.0})
    try:
        await app.read_property(server, "analog-input,77", "present-value")
    except ErrorRejectAbortNack:
        truth.did("read_property", outcome="refused", targets=["analog-input,77 present-value"],
                  fields={"error_class": "object", "error_code": "unknown-object"})

    # bacpypes3 leaves this service to the application: its refusal is the standard's reject, not silence.
    try:
        await app.request(ReinitializeDeviceRequest(reinitializedStateOfDevice="coldstart", password="letmein",
                                                    destination=server))
    except ErrorRejectAbortNack:
        truth.did("reinitialize_device", outcome="refused", operation_class="mode", fields={"state": "coldstart"})
        truth.alert("controller_restart")
    stamp = DateTime(date=(126, 3, 4, 3), time=(5, 6, 7, 0))
    await app.request(TimeSynchronizationRequest(time=stamp, destination=server))
    truth.did("time_synchronization", operation_class="configure")

    async with app.change_of_value(server, ObjectIdentifier(value), 11, False, 60) as watched:
        truth.did("subscribe_cov", targets=[value], fields={"confirmed": False, "lifetime_s": 60})
        await asyncio.wait_for(watched.get_value(), 5)
        await app.write_property(server, value, "present-value", Real(30.0), priority=8)
        truth.did("write_property", targets={f"{value} present-value": 30.0}, fields={"priority": 8})
        await asyncio.sleep(0.5)
    truth.did("subscribe_cov", targets=[value])
    truth.did("unconfirmed_cov_notification", count=2)

    truth.identity("server", vendor="Peerless Air", model="AHU-4", firmware="7.1.3", location="Roof", station_name="ahu-4",
                   device_type="building_controller")
    truth.background("arp", "icmpv6")

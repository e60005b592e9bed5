"""Modbus RTU frames over TCP, as serial gateways do it, with pymodbus: the same scenario as `modbus`."""

from lab.play import Place
from lab.truth import Truth
from stacks import modbus

PROTOCOL = "modbus_rtu"
PACKAGES = modbus.PACKAGES


def serve(place: Place) -> None:
    from pymodbus import FramerType
    from pymodbus.server import ModbusTcpServer

    modbus.offer(place, ModbusTcpServer, framer=FramerType.RTU)


def act(place: Place, truth: Truth) -> None:
    from pymodbus import FramerType
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(place.server, port=modbus.PORT, retries=0, framer=FramerType.RTU)
    assert client.connect()
    modbus.exercise(client, truth)
    client.close()

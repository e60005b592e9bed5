"""Modbus messages in datagrams, with pymodbus: the same scenario as `modbus`."""

from lab.play import Place
from lab.truth import Truth
from stacks import modbus

PROTOCOL = "modbus"
PACKAGES = modbus.PACKAGES


def serve(place: Place) -> None:
    from pymodbus.server import ModbusUdpServer

    modbus.offer(place, ModbusUdpServer)


def act(place: Place, truth: Truth) -> None:
    from pymodbus.client import ModbusUdpClient

    client = ModbusUdpClient(place.server, port=modbus.PORT, retries=0)
    assert client.connect()
    modbus.exercise(client, truth)
    client.close()

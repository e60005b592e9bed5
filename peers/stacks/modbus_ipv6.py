"""Modbus/TCP over IPv6, with pymodbus: the same scenario as `modbus`."""

import os

from lab.play import Place
from lab.truth import Truth
from stacks import modbus

PROTOCOL = "modbus"
PACKAGES = modbus.PACKAGES
ETHERNET = True


def serve(place: Place) -> None:
    from pymodbus.server import ModbusTcpServer

    place.server = os.environ["PEERS_SERVER6"]
    modbus.offer(place, ModbusTcpServer)


def act(place: Place, truth: Truth) -> None:
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(os.environ["PEERS_SERVER6"], port=modbus.PORT, retries=0)
    assert client.connect()
    modbus.exercise(client, truth)
    client.close()

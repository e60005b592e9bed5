"""Modbus/TCP with pymodbus: every function its client has, exceptions, device identification, two units."""

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "modbus"
PACKAGES = ["pymodbus==3.16.1"]
PORT = 502
IDENTITY = {0: "Peerless Controls", 1: "PC-88", 2: "4.2.1", 3: "http://peerless.example", 4: "Dosing controller",
            5: "PC-88 DOSE", 6: "Line 3"}


def serve(place: Place) -> None:
    from pymodbus.server import ModbusTcpServer

    offer(place, ModbusTcpServer)


def offer(place: Place, server_class, **more) -> None:
    """A server of two units on any of pymodbus's transports."""
    import asyncio

    from pymodbus import ModbusDeviceIdentification
    from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext

    def unit(first: int) -> ModbusDeviceContext:
        return ModbusDeviceContext(di=ModbusSequentialDataBlock(1, [True, False] * 8),
                                   co=ModbusSequentialDataBlock(1, [False] * 32),
                                   ir=ModbusSequentialDataBlock(1, [first + i for i in range(16)]),
                                   hr=ModbusSequentialDataBlock(1, [0] * 64))

    async def run() -> None:
        context = ModbusServerContext(devices={1: unit(100), 2: unit(200)}, single=False)
        server = server_class(context, identity=ModbusDeviceIdentification(info=IDENTITY),
                              address=(place.server, PORT), **more)
        await server.serve_forever(background=True)
        place.ready()
        while not place.stopped.is_set():
            await asyncio.sleep(0.1)

    asyncio.run(run())


def act(place: Place, truth: Truth) -> None:
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(place.server, port=PORT, retries=0)
    assert client.connect()
    exercise(client, truth)
    client.close()


def exercise(client, truth: Truth) -> None:
    """What is done is the same whatever frames carry it."""
    for round_ in range(3):
        answer = client.read_input_registers(4, count=3, device_id=1)
        assert answer.registers == [104, 105, 106]
        truth.did("read_input_registers", unit=1, targets={"input:4..6": answer.registers})
    answer = client.read_input_registers(0, count=1, device_id=2)
    truth.did("read_input_registers", unit=2, targets={"input:0": answer.registers})

    assert not client.write_coils(8, [True, False, True, True, False], device_id=1).isError()
    truth.did("write_multiple_coils", unit=1, targets={"coil:8..12": [1, 0, 1, 1, 0]})
    answer = client.read_coils(8, count=5, device_id=1)
    truth.did("read_coils", unit=1, targets={"coil:8..12": [int(b) for b in answer.bits[:5]]})
    assert answer.bits[:5] == [True, False, True, True, False]
    assert not client.write_coil(3, True, device_id=1).isError()
    truth.did("write_single_coil", unit=1, targets={"coil:3": True})
    answer = client.read_discrete_inputs(0, count=4, device_id=1)
    truth.did("read_discrete_inputs", unit=1, targets={"discrete:0..3": [int(b) for b in answer.bits[:4]]})

    assert not client.write_register(10, 0xBEEF, device_id=1).isError()
    truth.did("write_single_register", unit=1, targets={"holding:10": 0xBEEF})
    assert not client.write_registers(20, [1, 2, 65535], device_id=1).isError()
    truth.did("write_multiple_registers", unit=1, targets={"holding:20..22": [1, 2, 65535]})
    assert not client.mask_write_register(address=10, and_mask=0xFF00, or_mask=0x0001, device_id=1).isError()
    truth.did("mask_write_register", unit=1, targets=["holding:10"])
    answer = client.read_holding_registers(10, count=1, device_id=1)
    assert answer.registers == [0xBE01]
    truth.did("read_holding_registers", unit=1, targets={"holding:10": [0xBE01]})
    answer = client.readwrite_registers(read_address=20, read_count=3, write_address=30, values=[7, 8], device_id=1)
    truth.did("read_write_multiple_registers", unit=1,
              targets={"holding:20..22": answer.registers, "holding:30..31": [7, 8]})

    answer = client.read_holding_registers(9000, count=2, device_id=1)
    truth.did("read_holding_registers", unit=1, outcome="refused", refused=answer.exception_code, targets=["holding:9000..9001"])
    for value in range(5):
        answer = client.write_register(9000, value, device_id=2)
        truth.did("write_single_register", unit=2, outcome="refused", refused=answer.exception_code,
                  targets={"holding:9000": value})
    truth.alert("commands_refused", 5)

    answer = client.read_device_information(read_code=1, object_id=0, device_id=1)
    assert answer.information[0].decode() == IDENTITY[0]
    truth.did("read_device_identification", unit=1)
    answer = client.read_device_information(read_code=2, object_id=0, device_id=1)
    truth.did("read_device_identification", unit=1)
    answer = client.report_device_id(device_id=1)
    assert not answer.isError()
    truth.did("report_server_id", unit=1)
    answer = client.diag_query_data(b"\x12\x34", device_id=1)
    assert not answer.isError()
    truth.did("diagnostics_return_query_data", unit=1)
    answer = client.diag_get_comm_event_counter(device_id=1)
    assert not answer.isError()
    truth.did("get_comm_event_counter", unit=1)
    truth.identity("server", vendor=IDENTITY[0], model=IDENTITY[5], firmware=IDENTITY[2], order_number=IDENTITY[1],
                   project=IDENTITY[6], device_type="plc")
    truth.identity("client", device_type="hmi")
    truth.background("arp", "icmpv6")

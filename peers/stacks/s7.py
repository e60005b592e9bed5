"""S7 communication with Snap7 (the C++ library inside python-snap7 2): areas, several variables, SZL, clock, password,
blocks, stop and start."""

import datetime
import struct

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "s7comm"
PACKAGES = ["python-snap7==2.0.2"]
PORT = 102


def serve(place: Place) -> None:
    import ctypes

    from snap7.server import Server
    from snap7.type import SrvArea

    server = Server(log=False)
    areas = {(SrvArea.DB, 1): bytes(range(64)), (SrvArea.DB, 7): bytes(256), (SrvArea.MK, 0): bytes(32),
             (SrvArea.PE, 0): b"\x55" * 16, (SrvArea.PA, 0): bytes(16), (SrvArea.TM, 0): bytes(32),
             (SrvArea.CT, 0): bytes(32)}
    kept = []
    for (area, number), content in areas.items():
        memory = (ctypes.c_uint8 * len(content))(*content)
        kept.append(memory)
        server.register_area(area, number, memory)
    server.start_to(place.server, PORT)
    place.ready()
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    from snap7.client import Client
    from snap7.type import Areas, Block

    client = Client()
    client.connect(place.server, 0, 2, PORT)
    truth.did("connection_request", protocol="cotp")
    agreed = client.get_pdu_length()
    truth.did("setup_communication", fields={"pdu_length_agreed": agreed})

    for _ in range(2):
        data = client.db_read(1, 4, 6)
        truth.did("read_var", targets={"DB1.DBB4 x 6": bytes(data).hex()})
    assert list(data) == [4, 5, 6, 7, 8, 9]
    client.db_write(7, 10, bytearray(b"\xbe\xef"))
    truth.did("write_var", targets={"DB7.DBB10 x 2": "beef"})
    data = client.db_read(7, 10, 2)
    assert bytes(data) == b"\xbe\xef"
    truth.did("read_var", targets={"DB7.DBB10 x 2": "beef"})
    client.mb_write(5, 1, bytearray(b"\x2a"))
    truth.did("write_var", targets={"MB5": 0x2A})
    data = client.eb_read(0, 2)
    truth.did("read_var", targets={"IB0 x 2": bytes(data).hex()})
    client.write_area(Areas.PA, 0, 3, bytearray(struct.pack(">H", 1234)))
    truth.did("write_var", targets={"QB3 x 2": "04d2"})

    refuse(client, truth)
    identify(client, truth)

    client.get_plc_datetime()
    truth.did("read_clock")
    client.set_plc_datetime(datetime.datetime(2026, 3, 4, 5, 6, 7))
    truth.did("set_clock", fields={"clock": "2026-03-04T05:06:07.000000000Z"})
    truth.alert("clock_set")

    blocks(client, truth, Block)
    mode(client, truth)
    client.disconnect()
    truth.background("arp", "icmpv6")


def refuse(client, truth: Truth) -> None:
    """A data block that is not there."""
    try:
        client.db_read(99, 0, 4)
    except RuntimeError:
        truth.did("read_var", outcome="refused", targets=["DB99.DBB0 x 4"])
    else:
        raise AssertionError("DB99 was read")


def identify(client, truth: Truth) -> None:
    order = client.get_order_code()
    truth.did("read_szl", targets=["szl:0011/0000"])
    answer = client.read_szl(0x11, 0)
    truth.did("read_szl", targets=["szl:0011/0000"])
    info = client.get_cpu_info()
    truth.did("read_szl", targets=["szl:001c/0000"])
    client.get_cp_info()
    truth.did("read_szl", targets=["szl:0131/0001"])
    client.get_protection()
    truth.did("read_szl", targets=["szl:0232/0004"])
    client.read_szl_list()
    truth.did("read_szl", targets=["szl:0000/0000"])
    state = client.get_cpu_state()
    assert state == "S7CpuStatusRun", state
    truth.did("read_szl", targets=["szl:0424/0000"])
    truth.identity("server", vendor="Siemens", order_number=order.OrderCode.decode().strip("\0 "),
                   firmware=firmware(bytes(answer.Data)[:answer.Header.LengthDR * answer.Header.NDR]),
                   model=info.ModuleTypeName.decode(), serial=info.SerialNumber.decode(),
                   station_name=info.ASName.decode(), device_type="plc")
    truth.identity("client", device_type="engineering_station")


def firmware(records: bytes) -> str:
    """Of the record with index 7 (basic firmware); Snap7's own `get_order_code` takes the last record, the boot loader."""
    for at in range(0, len(records), 28):
        record = records[at:at + 28]
        if record[:2] == b"\x00\x07":
            return f"{chr(record[24])}{record[25]}.{record[26]}.{record[27]}"
    raise AssertionError("no record of the basic firmware")


def blocks(client, truth: Truth, block) -> None:
    client.list_blocks()
    truth.did("list_blocks")
    client.get_block_info(block.DB, 1)
    truth.did("get_block_info")
    client.list_blocks_of_type(block.DB, 16)
    truth.did("list_blocks_of_type")
    for number, call in enumerate((lambda: client.upload(1), lambda: client.full_upload(block.OB, 1))):
        try:
            call()
        except RuntimeError:
            truth.did("start_upload", outcome="refused", targets=[("DB1", "OB1")[number]])
        else:
            raise AssertionError("Snap7's server gave a block away")
    truth.alert("program_upload", 2)


def mode(client, truth: Truth) -> None:
    client.plc_stop()
    truth.did("plc_stop", operation_class="mode")
    truth.alert("plc_stop")
    client.plc_hot_start()
    truth.did("plc_start", operation_class="mode")
    client.plc_cold_start()
    truth.did("plc_cold_start", operation_class="mode")
    truth.alert("plc_start", 2)

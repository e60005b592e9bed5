"""S7 block transfer with python-snap7 3 (a second, pure Python stack): blocks read out and loaded in several parts,
several variables at once, session password. Snap7's own server (see `s7`) refuses to move blocks."""

import hashlib

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "s7comm"
PACKAGES = ["python-snap7==3.3.0"]
PORT = 102


def serve(place: Place) -> None:
    from snap7.server import Server
    from snap7.type import SrvArea

    server = Server()
    server.register_area(SrvArea.DB, 5, bytearray(i % 251 for i in range(1200)))
    server.register_area(SrvArea.DB, 6, bytearray(4096))
    server.register_area(SrvArea.MK, 0, bytearray(16))
    server.start_to(place.server, PORT)
    place.ready()
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    from snap7.client import Client
    from snap7.type import Area, Block, WordLen

    client = Client()
    client.connect(place.server, 0, 1, PORT)
    truth.did("connection_request", protocol="cotp")
    truth.did("setup_communication", fields={"pdu_length_agreed": client.get_pdu_length()})

    items = [{"area": Area.DB, "db_number": 5, "start": 2, "size": 2}, {"area": Area.MK, "db_number": 0, "start": 4, "size": 1}]
    _, read = client.read_multi_vars(items)
    # The library sorts what is read by area, and writes one item after the other.
    truth.did("read_var", targets={"MB4": read[1][0], "DB5.DBB2 x 2": bytes(read[0]).hex()})
    client.write_multi_vars([{"area": Area.DB, "db_number": 6, "start": 0, "data": bytearray(b"\x01\x02\x03")},
                             {"area": Area.MK, "db_number": 0, "start": 9, "data": bytearray(b"\x07")}])
    truth.did("write_var", targets={"DB6.DBB0 x 3": "010203"})
    truth.did("write_var", targets={"MB9": 7})

    # Read out: 1200 bytes of content behind a header of 36, in parts of at most 462.
    whole, size = client.full_upload(Block.DB, 5)
    truth.did("start_upload", targets=["DB5"], operation_class="program")
    truth.did("upload", targets=["DB5"], count=-(-size // 462))
    truth.did("end_upload", targets=["DB5"])
    truth.transfer("upload", name="DB5", size=size, sha256=hashlib.sha256(bytes(whole)).hexdigest(), complete=True,
                   content="block")
    truth.alert("program_upload", 2 + -(-size // 462) + 1)

    program = bytes((i * 7) % 256 for i in range(1000))
    parts = -(-len(program) // (client.get_pdu_length() - 18))
    client.download(bytearray(program), 6)
    truth.did("request_download", targets=["DB6"], fields={"load_memory_size": len(program)})
    truth.did("download_block", targets=["DB6"], count=parts)
    truth.did("download_ended", targets=["DB6"])
    truth.transfer("download", name="DB6", size=len(program), sha256=hashlib.sha256(program).hexdigest(), complete=True)
    truth.alert("program_download", 1 + parts + 1 + 1)

    client.set_session_password("s3cret")
    truth.did("plc_password", operation_class="session")
    client.clear_session_password()
    truth.did("clear_password", operation_class="session")
    client.disconnect()
    truth.did("disconnect_request", protocol="cotp")
    truth.did("disconnect_confirm", protocol="cotp")
    truth.identity("client", device_type="engineering_station")
    truth.identity("server", device_type="plc")
    truth.background("arp", "icmpv6")

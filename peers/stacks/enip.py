"""EtherNet/IP and CIP with cpppo: list identity, services and interfaces, tags read and written, one request with many services,
the identity object, a tag that does not exist, over unconnected messages and over a connection."""

import subprocess
import sys
import time

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "cip"
PACKAGES = ["cpppo==5.2.5"]


def serve(place: Place) -> None:
    server = subprocess.Popen([sys.executable, "-m", "cpppo.server.enip", "--no-print", "--no-config", "-a", f"{place.server}:44818",
                               "Level=REAL", "Counts=INT[20]", "Recipe=DINT[4]"])
    place.ready_at(44818)
    place.until_stopped()
    server.terminate()


def act(place: Place, truth: Truth) -> None:
    from cpppo.server.enip import client
    from cpppo.server.enip.client import connector, implicit
    from cpppo.server.enip.get_attribute import attribute_operations

    with connector(host=place.server, port=44818, timeout=10, udp=True) as link:
        link.list_identity(timeout=5)
        reply, _ = client.await_response(link, timeout=5)
        identity = reply.enip.CIP.list_identity.CPF.item[0].identity_object
    truth.did("list_identity", protocol="enip", operation_class="identify")

    with connector(host=place.server, port=44818, timeout=10) as link:
        truth.did("register_session", protocol="enip")
        link.list_services(timeout=5)
        client.await_response(link, timeout=5)
        truth.did("list_services", protocol="enip")
        link.list_interfaces(timeout=5)
        client.await_response(link, timeout=5)
        truth.did("list_interfaces", protocol="enip")

        def ask(*texts: str, operations=None, **more) -> list:
            """Status and value of each tag."""
            found = list(link.synchronous(operations=operations or client.parse_operations(texts), **more))
            return [(status, value) for *_, status, value in found]

        assert ask("Level=(REAL)17.5") == [(0, True)]
        truth.did("write_tag", targets={"tag:Level": 17.5}, fields={"type": "REAL"}, operation_class="write")
        for _ in range(3):
            assert ask("Level") == [(0, [17.5])]
            truth.did("read_tag", targets={"tag:Level": 17.5}, fields={"type": "REAL"})
        assert ask("Counts[2-4]=1,-2,3") == [(0, True)]
        counts = {"tag:Counts[2]": 1, "tag:Counts[3]": -2, "tag:Counts[4]": 3}
        truth.did("write_tag", targets=counts, fields={"type": "INT", "elements": 3})
        assert ask("Counts[2-4]") == [(0, [1, -2, 3])]
        truth.did("read_tag", targets=counts, fields={"type": "INT", "elements": 3})
        # Three services in one message: each is an operation of its own.
        assert ask("Level", "Recipe[0-3]=(DINT)9,8,7,6", "Recipe[1]", multiple=400) == [(0, [17.5]), (0, True), (0, [8])]
        truth.did("read_tag", targets={"tag:Level": 17.5})
        truth.did("write_tag", targets={f"tag:Recipe[{i}]": 9 - i for i in range(4)}, fields={"type": "DINT"})
        truth.did("read_tag", targets={"tag:Recipe[1]": 8})
        (status, extended), _ = ask("Counts[90]")[0]
        truth.did("read_tag", targets=["tag:Counts[90]"], outcome="refused", refused=status,
                  fields={"extended_status": extended[0]})
        attributes = ask(operations=attribute_operations(["@1/1/7", "@1/1/1", "@1/1"]))
        assert all(status == 0 for status, _ in attributes)
        truth.did("get_attribute_single", targets={"Identity 0x01/1/7": bytes(attributes[0][1]).hex()})
        truth.did("get_attribute_single", targets={"Identity 0x01/1/1": 1})
        truth.did("get_attributes_all", targets={"Identity 0x01/1": bytes(attributes[2][1]).hex()}, operation_class="identify")

    with implicit(host=place.server, port=44818, timeout=10, connection_path=None) as link:
        truth.did("register_session", protocol="enip")
        truth.did("forward_open", targets=["Message Router 0x02/1"], fields={"transport_class": 3})
        found = list(link.synchronous(operations=client.parse_operations(["Level"])))
        assert found[0][-1] == [17.5]
        truth.did("read_tag", targets={"tag:Level": 17.5}, fields={"type": "REAL"})
    del link  # cpppo closes the connection when the last name of it goes
    truth.did("forward_close", targets=["Message Router 0x02/1"])
    truth.identity("server", vendor="Rockwell Automation", model=str(identity.product_name), firmware="20.11",
                   serial=f"{identity.serial_number:08x}", device_type="plc")
    truth.background("arp", "icmpv6")

"""DNP3 in datagrams, with yadnp3: the same scenario as `dnp3`."""

from lab.play import Place
from lab.truth import Truth
from stacks import dnp3

PROTOCOL = "dnp3"
PACKAGES = dnp3.PACKAGES


def serve(place: Place) -> None:
    dnp3.serve(place, udp=True)


def act(place: Place, truth: Truth) -> None:
    dnp3.act(place, truth, udp=True)
    # Without connections the outstation speaks before the master is there, is told so by ICMP, and says it again later.
    truth.also("port_unreachable", 1, 3, "nobody listens yet", protocol="icmp", actor="client")
    truth.also("unsolicited_response", 1, 3, "said again, as nobody confirmed the first", unit=dnp3.OUTSTATION, outcome="ok")

"""DHCP and DNS: dnsmasq serves, udhcpc takes an address, dig asks names that are there and are not."""

import os
import subprocess

from lab.network import CLIENT, Cable
from lab.play import Place
from lab.truth import Truth

PROTOCOL = "dns"
PACKAGES = []
PROGRAMS = ["dnsmasq", "udhcpc", "dig"]
ETHERNET = True
CLIENT_MAC = Cable.macs[CLIENT]
ZONE = {"historian.plant.example": "10.89.0.40", "press7.plant.example": "10.89.0.41"}


def serve(place: Place) -> None:
    server = subprocess.Popen(["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-ping",
                               "--user=root", f"--listen-address={place.server}", "--interface=eth0", "--bind-interfaces",
                               "--domain=plant.example", "--local=/plant.example/",
                               *[f"--address=/{name}/{address}" for name, address in ZONE.items()],
                               "--dhcp-range=10.89.0.77,10.89.0.77,3600", "--dhcp-option=option:router,10.89.0.1",
                               "--dhcp-leasefile=" + os.path.join(os.environ["PEERS_FOLDER"], "leases")])
    place.ready_at(53, "udp")
    place.until_stopped()
    server.terminate()


def act(place: Place, truth: Truth) -> None:
    lease = subprocess.run(["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true", "-x", "hostname:panel-3",
                            "-V", "peer-panel 2.1"], check=True, capture_output=True, text=True)
    assert "10.89.0.77" in lease.stderr + lease.stdout, lease.stderr
    client = f"client:{CLIENT_MAC}"
    vendor = {"host_name": "panel-3", "vendor_class": "peer-panel 2.1"}
    truth.did("discover", protocol="dhcp", actor="0.0.0.0", subject="group", targets=[client], fields=vendor)
    truth.did("offer", protocol="dhcp", actor="server", subject="client", targets=[client, "ip:10.89.0.77"])
    truth.did("request", protocol="dhcp", actor="0.0.0.0", subject="group", targets=[client, "ip:10.89.0.77"], fields=vendor)
    truth.did("ack", protocol="dhcp", actor="server", subject="client", targets=[client, "ip:10.89.0.77"],
              fields={"router": "10.89.0.1", "lease_s": 3600})

    truth.address("client", "10.89.0.77")
    truth.identity("client", host_name="panel-3")

    def dig(name: str, kind: str = "A", *more: str) -> str:
        done = subprocess.run(["dig", f"@{place.server}", name, kind, "+short", "+tries=1", "+time=5", *more], check=True,
                              capture_output=True, text=True)
        return done.stdout.strip()

    for name, address in ZONE.items():
        assert dig(name) == address
        truth.did("query", targets={f"name:{name}": address}, fields={"name": name, "type": "A", "answers": 1})
    assert dig("historian.plant.example", "A", "+tcp") == ZONE["historian.plant.example"]
    truth.did("query", targets={"name:historian.plant.example": ZONE["historian.plant.example"]}, subject_port=53,
              fields={"type": "A", "answers": 1})
    assert dig("nobody.plant.example") == ""
    truth.did("query", outcome="refused", refused=3, fields={"name": "nobody.plant.example", "response_code": "NXDomain"})
    truth.background("arp", "icmpv6")

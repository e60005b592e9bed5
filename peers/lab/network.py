"""Two hosts joined by a cable: two network namespaces and a veth pair, made for one run and removed after it.

Nothing leaves the machine: neither namespace has another interface, a route or an address of the real network.
Where namespaces cannot be made, both "hosts" are addresses of the loopback range.
"""

import os
import shutil
import subprocess

CLIENT, SERVER = "client", "server"


def call(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


class Cable:
    """Own Ethernet between `client` and `server`; frames are captured at the client's end."""

    name = "two network namespaces joined by a veth pair"
    ethernet = True
    addresses = {CLIENT: "10.89.0.5", SERVER: "10.89.0.9"}
    addresses6 = {CLIENT: "fd89::5", SERVER: "fd89::9"}
    macs = {CLIENT: "02:00:5e:89:00:05", SERVER: "02:00:5e:89:00:09"}
    interface = "eth0"

    def __init__(self) -> None:
        self.spaces = {host: f"bourdon-peers-{os.getpid()}-{host}" for host in (CLIENT, SERVER)}

    def __enter__(self) -> "Cable":
        try:
            for space in self.spaces.values():
                call("ip", "netns", "add", space)
            call("ip", "link", "add", self.interface, "netns", self.spaces[CLIENT], "address", self.macs[CLIENT],
                 "type", "veth", "peer", "name", self.interface, "netns", self.spaces[SERVER],
                 "address", self.macs[SERVER])
            for host, space in self.spaces.items():
                inside = ("ip", "-n", space)
                call(*inside, "address", "add", f"{self.addresses[host]}/24", "broadcast", "10.89.0.255",
                     "dev", self.interface)
                call(*inside, "address", "add", f"{self.addresses6[host]}/64", "dev", self.interface, "nodad")
                call(*inside, "link", "set", "lo", "up")
                call(*inside, "link", "set", self.interface, "up")
                # Checksums and segments as they would be on a wire, not as the kernel leaves them to a network card.
                call("ip", "netns", "exec", space, "ethtool", "-K", self.interface, "tx", "off", "tso", "off",
                     "gso", "off", "gro", "off")
        except OSError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for space in self.spaces.values():
            subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)

    def on(self, host: str, command: list[str]) -> list[str]:
        return ["ip", "netns", "exec", self.spaces[host], *command]


class Loopback:
    """Both hosts on `lo`: no hardware addresses, no broadcast."""

    name = "loopback"
    ethernet = False
    addresses = {CLIENT: "127.0.0.1", SERVER: "127.0.0.2"}
    addresses6: dict[str, str] = {}
    macs: dict[str, str] = {}
    interface = "lo"

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def on(self, _host: str, command: list[str]) -> list[str]:
        return command


def choose() -> tuple[type[Cable] | type[Loopback], str]:
    """The best network this machine allows, and why it is not the better one."""
    if not shutil.which("ip") or not shutil.which("ethtool"):
        return Loopback, "ip or ethtool is missing"
    try:
        with Cable():
            return Cable, ""
    except OSError as problem:
        return Loopback, str(problem)

"""The truth: what a scenario did, written down by the program that did it, from what the stacks' own calls returned.

It is never read from the wire and never from Bourdon. The comparison (`check`) wants every entry in Bourdon's output
and nothing in Bourdon's output that has no entry.
"""

import json
import os
from typing import Any


class Truth:
    """Collects entries; `save` writes them. Hosts are named by role: `client`, `server`, `group` (broadcast)."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.entries: list[dict[str, Any]] = []

    def did(self, operation: str, *, protocol: str = "", outcome: str = "ok", count: int = 1, actor: str = "client",
            subject: str = "server", **more: Any) -> None:
        """One operation (or `count` alike). `more`: unit, path, code, refused, actor_port, subject_port, operation_class,
        `targets` ({target: value}, or a list where values do not matter), `fields` (those that matter)."""
        self.entries.append({"what": "operation", "protocol": protocol or self.protocol, "operation": operation,
                             "outcome": outcome, "count": count, "actor": actor, "subject": subject, **more})

    def also(self, operation: str, least: int, most: int, why: str, *, protocol: str = "", **more: Any) -> None:
        """Operations that a stack does by itself, whose number the scenario cannot know: between `least` and `most`."""
        self.entries.append({"what": "also", "protocol": protocol or self.protocol, "operation": operation,
                             "least": least, "most": most, "why": why, **more})

    def transfer(self, direction: str, *, protocol: str = "", **more: Any) -> None:
        """A program, block or file moved: name, size, sha256, complete."""
        self.entries.append({"what": "transfer", "protocol": protocol or self.protocol, "direction": direction, **more})

    def anomaly(self, anomaly: str, *, protocol: str = "", count: int = 1, **more: Any) -> None:
        """What the stack did against its standard."""
        self.entries.append({"what": "anomaly", "protocol": protocol or self.protocol, "anomaly": anomaly,
                             "count": count, **more})

    def identity(self, host: str, **attributes: str) -> None:
        """What the inventory must say of a host; `device_type` and `mode` as well."""
        self.entries.append({"what": "identity", "host": host, "attributes": attributes})

    def address(self, host: str, address: str) -> None:
        """A further address of a host (a lease)."""
        self.entries.append({"what": "address", "host": host, "address": address})

    def alert(self, detection: str, count: int = 1) -> None:
        """An alert that must be raised, with its number of events."""
        self.entries.append({"what": "alert", "detection": detection, "count": count})

    def background(self, *protocols: str) -> None:
        """Protocols the hosts' systems speak by themselves; they are not compared."""
        self.entries.append({"what": "background", "protocols": list(protocols)})

    def not_understood(self, least_frames: int, why: str) -> None:
        """Traffic that Bourdon does not know yet and must show as such."""
        self.entries.append({"what": "not_understood", "least_frames": least_frames, "why": why})

    def save(self) -> None:
        with open(os.environ["PEERS_TRUTH"], "w", encoding="utf-8") as out:
            json.dump({"protocol": self.protocol, "entries": self.entries}, out, indent=1, default=str)
            out.write("\n")

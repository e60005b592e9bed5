"""Compares the truth of a scenario with what Bourdon says about its capture."""

import ipaddress
import json
import math
from dataclasses import dataclass, field
from typing import Any

PLAIN = ("protocol", "operation", "outcome", "unit", "path", "code", "refused")


@dataclass
class Result:
    """What was compared and what differs."""

    operations: int = 0
    kinds: int = 0
    values: int = 0
    identity: int = 0
    alerts: int = 0
    transfers: int = 0
    anomalies: int = 0
    by_themselves: int = 0
    differences: list[str] = field(default_factory=list)


def same(wanted: Any, seen: Any) -> bool:
    """Equal, numbers to seven digits (the wire carries single precision)."""
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return wanted == seen
    if isinstance(wanted, (int, float)) and isinstance(seen, (int, float)):
        return math.isclose(wanted, seen, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(wanted, list) and isinstance(seen, list):
        return len(wanted) == len(seen) and all(map(same, wanted, seen))
    return wanted == seen


class Check:
    """One capture: `facts` are the lines of `bourdon facts`, `document` is `bourdon analyze --json`."""

    def __init__(self, truth: dict, facts: list[dict], document: dict, network) -> None:
        self.entries = truth["entries"]
        self.facts = facts
        self.document = document
        self.network = network
        self.result = Result()
        self.roles = {address: role for ends in (network.addresses, network.addresses6, network.macs)
                      for role, address in ends.items()}
        self.roles |= {e["address"]: e["host"] for e in self.entries if e["what"] == "address"}
        self.quiet = {p for e in self.entries if e["what"] == "background" for p in e["protocols"]}

    def run(self) -> Result:
        self.operations()
        self.others("transfer", "transfers", ("protocol", "direction", "name", "size", "sha256", "complete", "content"))
        self.others("anomaly", "anomalies", ("protocol", "anomaly", "detail"))
        self.engine()
        self.identity()
        self.alerts()
        self.understood()
        return self.result

    def differs(self, what: str) -> None:
        self.result.differences.append(what)

    def host(self, end: str) -> str:
        """The role behind an address of a fact."""
        text = end.rsplit(":", 1)[0] if end.count(":") == 1 else end
        if end.startswith("["):
            text = end[1:].split("]")[0]
        role = self.roles.get(text)
        if role is not None:
            return role
        if text.endswith(".255") or text == "ff:ff:ff:ff:ff:ff":
            return "group"
        try:
            if ipaddress.ip_address(text).is_multicast:
                return "group"
        except ValueError:
            if text.startswith("01:"):
                return "group"
        return text

    def matches(self, entry: dict, fact: dict) -> bool:
        for key in PLAIN:
            if key in entry and not same(entry[key], fact.get(key)):
                return False
        for end in ("actor", "subject"):
            if end in entry and self.host(fact.get(end, "")) != entry[end]:
                return False
            port = entry.get(f"{end}_port")
            if port is not None and not fact.get(end, "").endswith(f":{port}"):
                return False
        if "operation_class" in entry and fact.get("class") != entry["operation_class"]:
            return False
        fields = fact.get("fields", {})
        if not all(same(v, fields.get(k)) for k, v in entry.get("fields", {}).items()):
            return False
        if "targets" not in entry:
            return True
        seen = [(t["target"], t.get("value")) for t in fact.get("targets", [])]
        wanted = entry["targets"]
        if isinstance(wanted, list):
            return [t for t, _ in seen] == wanted
        return [t for t, _ in seen] == list(wanted) and all(map(same, wanted.values(), (v for _, v in seen)))

    def operations(self) -> None:
        left = [f for f in self.facts if f["kind"] == "transaction" and f["protocol"] not in self.quiet]
        kinds = set()
        for entry in (e for e in self.entries if e["what"] == "operation"):
            for number in range(entry["count"]):
                found = next((i for i, f in enumerate(left) if self.matches(entry, f)), None)
                if found is None:
                    self.differs(f"missing ({number} of {entry['count']} seen): {self.tell(entry)}{self.near(entry, left)}")
                    break
                left.pop(found)
                self.result.operations += 1
                kinds.add((entry["protocol"], entry["operation"]))
                if isinstance(entry.get("targets"), dict):
                    self.result.values += len(entry["targets"])
        self.result.kinds = len(kinds)
        for entry in (e for e in self.entries if e["what"] == "also"):
            found = [f for f in left if self.matches(entry, f)]
            left = [f for f in left if not self.matches(entry, f)]
            self.result.by_themselves += len(found)
            if not entry["least"] <= len(found) <= entry["most"]:
                self.differs(f"seen {len(found)} times, expected {entry['least']} to {entry['most']}: {self.tell(entry)}")
        for fact in left:
            self.differs(f"seen, but nobody did it: {self.tell(fact)}")

    def near(self, entry: dict, left: list[dict]) -> str:
        close = [f for f in left if f["operation"] == entry["operation"]][:2]
        return "".join(f"\n      nearest seen: {self.tell(f)}" for f in close)

    def others(self, what: str, counter: str, keys: tuple[str, ...]) -> None:
        left = [f for f in self.facts if f["kind"] == what and f["protocol"] not in self.quiet]
        for entry in (e for e in self.entries if e["what"] == what):
            for _ in range(entry.get("count", 1)):
                found = next((i for i, f in enumerate(left)
                              if all(same(entry[k], f.get(k)) for k in keys if k in entry)), None)
                if found is None:
                    close = "".join(f"\n      seen instead: {self.tell(f)}" for f in left[:2])
                    self.differs(f"missing {what}: {self.tell(entry)}{close}")
                    break
                left.pop(found)
                setattr(self.result, counter, getattr(self.result, counter) + 1)
        for fact in left:
            self.differs(f"{what} that nobody caused: {self.tell(fact)}")

    def engine(self) -> None:
        """A quiet cable loses nothing: every gap and every complaint of the engine is a difference."""
        for fact in self.facts:
            if fact["kind"] in ("gap", "health", "match"):
                self.differs(f"{fact['kind']}: {json.dumps(fact)}")

    def identity(self) -> None:
        for entry in (e for e in self.entries if e["what"] == "identity"):
            address = self.network.addresses[entry["host"]]
            mac = self.network.macs.get(entry["host"])
            asset = next((a for a in self.document["assets"]
                          if address in a["addresses"] or (mac and mac in a["macs"])), None)
            if asset is None:
                self.differs(f"no device {address} in the inventory")
                continue
            for name, wanted in entry["attributes"].items():
                if name == "device_type":
                    seen = (asset["device_type"] or {}).get("value")
                else:
                    seen = (asset["attributes"].get(name) or {}).get("value")
                if seen != wanted:
                    self.differs(f"inventory, {entry['host']}, {name}: expected {wanted!r}, seen {seen!r}")
                else:
                    self.result.identity += 1
        for entry in (e for e in self.entries if e["what"] == "address"):
            if not any({entry["address"], self.network.macs.get(entry["host"])} <= {*a["addresses"], *a["macs"]}
                       for a in self.document["assets"]):
                self.differs(f"inventory: {entry['address']} is not an address of {entry['host']}")
        known = {self.host(address) for a in self.document["assets"] for address in a["addresses"] + a["macs"]}
        for stranger in sorted(known - {"client", "server"}):
            if not stranger.startswith(("fe80:", "02:00:5e:89")):
                self.differs(f"a device that does not exist: {stranger}")

    def alerts(self) -> None:
        seen = {a["detection"]: 0 for a in self.document["alerts"]}
        for alert in self.document["alerts"]:
            seen[alert["detection"]] += alert["count"]
        for entry in (e for e in self.entries if e["what"] == "alert"):
            count = seen.pop(entry["detection"], 0)
            if count != entry["count"]:
                self.differs(f"alert {entry['detection']}: expected {entry['count']} event(s), seen {count}")
            else:
                self.result.alerts += 1
        for name, count in seen.items():
            said = next(a["what_happened"] for a in self.document["alerts"] if a["detection"] == name)
            self.differs(f"alert that nobody caused: {name}, {count} event(s): {said}")

    def understood(self) -> None:
        frames = self.document["summary"]["not_understood_frames"]
        expected = [e for e in self.entries if e["what"] == "not_understood"]
        least = sum(e["least_frames"] for e in expected)
        if (not expected and frames > 0) or frames < least:
            self.differs(f"frames not understood: expected {f'{least} or more' if expected else 'none'}, seen {frames}")

    @staticmethod
    def tell(entry: dict) -> str:
        hidden = ("what", "kind", "time", "count", "latency_ns", "asked_frame", "why", "least", "most")
        return json.dumps({k: v for k, v in entry.items() if k not in hidden}, ensure_ascii=False)

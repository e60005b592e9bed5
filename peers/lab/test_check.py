"""The comparison must be able to fail: a true story agrees, every single lie in it is found."""

import copy
import unittest

from lab.check import Check
from lab.network import Cable


def fact(kind: str, **more) -> dict:
    return {"kind": kind, "protocol": "modbus", "actor": "10.89.0.5:4000", "subject": "10.89.0.9:502", **more}


READ = fact("transaction", operation="read_coils", outcome="ok", unit=1, **{"class": "read"},
            targets=[{"target": "coil:0..1", "value": [1, 0]}], fields={"sub_function": 3})
FACTS = [READ, READ, fact("transfer", direction="upload", name="OB1", size=4, complete=True),
         fact("anomaly", anomaly="malformed", detail="length")]
DOCUMENT = {"summary": {"not_understood_frames": 0},
            "assets": [{"addresses": ["10.89.0.9"], "macs": ["02:00:5e:89:00:09"], "device_type": {"value": "plc"},
                        "attributes": {"vendor": {"value": "ACME"}}}],
            "alerts": [{"detection": "plc_stop", "count": 2, "what_happened": "stopped"}]}
ENTRIES = [
    {"what": "operation", "protocol": "modbus", "operation": "read_coils", "outcome": "ok", "count": 2, "actor": "client",
     "subject": "server", "unit": 1, "targets": {"coil:0..1": [1, 0]}, "fields": {"sub_function": 3}, "operation_class": "read"},
    {"what": "transfer", "protocol": "modbus", "direction": "upload", "name": "OB1", "size": 4, "complete": True},
    {"what": "anomaly", "protocol": "modbus", "anomaly": "malformed", "count": 1},
    {"what": "identity", "host": "server", "attributes": {"vendor": "ACME", "device_type": "plc"}},
    {"what": "alert", "detection": "plc_stop", "count": 2},
]


def differences(entries=None, facts=None, document=None) -> list[str]:
    truth = {"entries": ENTRIES if entries is None else entries}
    return Check(truth, FACTS if facts is None else facts, DOCUMENT if document is None else document,
                 Cable()).run().differences


class Lies(unittest.TestCase):
    def changed(self, base, change):
        other = copy.deepcopy(base)
        change(other)
        return other

    def test_the_truth_agrees(self):
        self.assertEqual(differences(), [])

    def test_a_wrong_word_of_an_operation_is_found(self):
        wrong = {"operation": "read_discrete_inputs", "outcome": "refused", "count": 3, "actor": "server", "unit": 2,
                 "targets": {"coil:0..1": [1, 1]}, "fields": {"sub_function": 4}, "operation_class": "write",
                 "protocol": "umas", "refused": 2, "subject_port": 503}
        for key, value in wrong.items():
            with self.subTest(key):
                self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[0].update({key: value}))))

    def test_what_nobody_did_is_found(self):
        self.assertTrue(differences(facts=[*FACTS, READ]))
        self.assertTrue(differences(facts=[*FACTS, FACTS[2]]))
        self.assertTrue(differences(facts=[*FACTS, FACTS[3]]))
        self.assertTrue(differences(facts=[*FACTS, fact("gap", bytes=3)]))
        self.assertTrue(differences(facts=[*FACTS, {**READ, "protocol": "dnp3"}]))

    def test_what_is_missing_is_found(self):
        for number in range(len(FACTS)):
            self.assertTrue(differences(facts=[f for i, f in enumerate(FACTS) if i != number]), number)

    def test_a_wrong_transfer_is_found(self):
        for key, value in {"name": "OB2", "size": 5, "complete": False, "direction": "download"}.items():
            with self.subTest(key):
                self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[1].update({key: value}))))

    def test_a_wrong_inventory_is_found(self):
        self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[3]["attributes"].update(vendor="Other"))))
        self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[3]["attributes"].update(serial="7"))))
        self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[3].update(host="client"))))
        stranger = {**DOCUMENT["assets"][0], "addresses": ["10.89.0.77"], "macs": []}
        self.assertTrue(differences(document=self.changed(DOCUMENT, lambda d: d["assets"].append(stranger))))

    def test_a_wrong_alert_is_found(self):
        self.assertTrue(differences(entries=self.changed(ENTRIES, lambda e: e[4].update(count=1))))
        self.assertTrue(differences(entries=ENTRIES[:4]))
        self.assertTrue(differences(document=self.changed(DOCUMENT, lambda d: d["alerts"].clear())))

    def test_frames_nobody_understood_are_found(self):
        unknown = self.changed(DOCUMENT, lambda d: d["summary"].update(not_understood_frames=3))
        self.assertTrue(differences(document=unknown))
        told = {"what": "not_understood", "least_frames": 3, "why": ""}
        self.assertEqual(differences(entries=[*ENTRIES, told], document=unknown), [])
        self.assertTrue(differences(entries=[*ENTRIES, told]))


if __name__ == "__main__":
    unittest.main()

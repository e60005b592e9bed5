"""IEC 61850 with libiec61850 (pyiec61850-ng): GOOSE published with state changes and repetitions, heard by a subscriber; an MMS
association, which Bourdon follows down to COTP and shows as not understood above it."""

import os
import time

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "goose"
PACKAGES = ["pyiec61850-ng==1.6.1.10"]
ETHERNET = True
CONTROL_BLOCK = "PEERLD0/LLN0$GO$gcb1"
GROUP = bytes.fromhex("010ccd01002a")
APPID = 0x102A
STATES = [[True, 7, 50.0], [False, 7, 50.0], [False, 8, 49.5]]
REPEATS = 3
MODEL = """MODEL(PEER){
LD(LD0){
LN(LLN0){
DO(Mod 0){
DA(stVal 0 3 0 1 0);
DA(q 0 23 0 2 0);
DA(t 0 22 0 0 0);
}
}
LN(GGIO1){
DO(Ind1 0){
DA(stVal 0 0 0 1 0)=1;
DA(q 0 23 0 2 0);
DA(t 0 22 0 0 0);
}
}
}
}
"""


def serve(place: Place) -> None:
    from pyiec61850.goose import GoosePublisher
    from pyiec61850.server import IedServer

    path = os.path.join(os.environ["PEERS_FOLDER"], "model.cfg")
    with open(path, "w", encoding="ascii") as out:
        out.write(MODEL)
    server = IedServer(path)
    server.start(102)
    publisher = GoosePublisher("eth0")
    publisher.set_go_cb_ref(CONTROL_BLOCK)
    publisher.set_go_id("PEER_TRIP")
    publisher.set_data_set("PEERLD0/LLN0$ds1")
    publisher.set_app_id(APPID)
    publisher.set_conf_rev(3)
    publisher.set_dst_mac(GROUP)
    publisher.set_vlan(0, 4)
    publisher.set_time_allowed_to_live(2000)
    publisher.start()
    place.ready()
    ask = os.path.join(os.environ["PEERS_FOLDER"], "publish")
    while not place.stopped.wait(0.05):
        if not os.path.exists(ask):
            continue
        os.unlink(ask)
        for number, values in enumerate(STATES):
            if number > 0:
                publisher.increase_st_num()
            for _ in range(REPEATS):
                publisher.publish(values)
                time.sleep(0.05)


def act(place: Place, truth: Truth) -> None:
    from pyiec61850.goose import GooseSubscriber
    from pyiec61850.mms import MMSClient

    heard = []
    subscriber = GooseSubscriber("eth0", CONTROL_BLOCK)
    subscriber.set_app_id(APPID)
    subscriber.set_listener(lambda message: heard.append((message.st_num, message.sq_num, list(message.values))))
    subscriber.start()
    time.sleep(0.3)
    open(os.path.join(os.environ["PEERS_FOLDER"], "publish"), "w").close()
    time.sleep(2)
    subscriber.stop()
    # A subscriber that is busy hears only the newest message; what it hears must be what was published.
    published = [(state + 1, sequence, values) for state, values in enumerate(STATES) for sequence in range(REPEATS)]
    assert heard and all(message in published for message in heard), heard
    for state, sequence, values in published:
        truth.did("publish", actor="server", subject="group",
                  targets={f"control_block:{CONTROL_BLOCK}": None, "entry:1": values[0], "entry:2": values[1],
                           "entry:3": values[2]},
                  fields={"st_num": state, "sq_num": sequence, "conf_rev": 3, "appid": APPID})
        if sequence == 0:
            truth.did("state_change", actor="server", subject="group", targets=[f"control_block:{CONTROL_BLOCK}"],
                      fields={"st_num": state})

    client = MMSClient()
    client.connect(place.server, 102)
    truth.did("connection_request", protocol="cotp")
    assert client.get_logical_devices() == ["PEERLD0"]
    assert client.read_value("PEERLD0/GGIO1.Ind1.stVal") is True
    client.disconnect()
    truth.not_understood(6, "MMS is not parsed yet")
    truth.background("arp", "icmpv6")

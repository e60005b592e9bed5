"""TFTP with tftpy on both sides: a file fetched, one stored, one that is not there."""

import hashlib
import os
import threading

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "tftp"
PACKAGES = ["tftpy==0.8.7"]
CONFIGURATION = bytes(i * 11 % 256 for i in range(5000))


def serve(place: Place) -> None:
    import tftpy

    root = os.path.join(os.environ["PEERS_FOLDER"], "tftp")
    os.makedirs(root, exist_ok=True)
    with open(os.path.join(root, "switch3.cfg"), "wb") as out:
        out.write(CONFIGURATION)
    server = tftpy.TftpServer(root)
    threading.Thread(target=server.listen, args=(place.server, 69), daemon=True).start()
    place.ready_at(69, "udp")
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    import tftpy

    here = os.path.join(os.environ["PEERS_FOLDER"], "here.cfg")
    digest = hashlib.sha256(CONFIGURATION).hexdigest()
    tftpy.TftpClient(place.server, 69).download("switch3.cfg", here)
    with open(here, "rb") as read:
        assert read.read() == CONFIGURATION
    # The server answers from a port of its own: the request by itself stays without an answer, the transfer tells the end.
    truth.did("read_request", targets=["file:switch3.cfg"], outcome="unseen", operation_class="file", fields={"mode": "octet"})
    truth.transfer("upload", name="switch3.cfg", size=len(CONFIGURATION), sha256=digest, complete=True)
    tftpy.TftpClient(place.server, 69).upload("switch4.cfg", here)
    truth.did("write_request", targets=["file:switch4.cfg"], outcome="unseen", operation_class="file")
    truth.transfer("download", name="switch4.cfg", size=len(CONFIGURATION), sha256=digest, complete=True)
    try:
        tftpy.TftpClient(place.server, 69).download("switch9.cfg", here)
    except tftpy.TftpException:
        truth.did("read_request", targets=["file:switch9.cfg"], outcome="unseen")
        truth.did("error", targets=["file:switch9.cfg"], outcome="refused", refused=1, fields={"error": "file_not_found"})
    truth.background("arp", "icmpv6")

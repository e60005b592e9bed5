"""SMB 2 with impacket on both sides: sign-in with NTLM, a share, a file written, read, renamed away, one that is not there."""

import hashlib
import io
import os
import threading

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "smb2"
PACKAGES = ["impacket==0.13.1"]
PLAN = bytes(i * 7 % 256 for i in range(9000))


def serve(place: Place) -> None:
    from impacket.ntlm import compute_lmhash, compute_nthash
    from impacket.smbserver import SimpleSMBServer

    root = os.path.join(os.environ["PEERS_FOLDER"], "share")
    os.makedirs(root, exist_ok=True)
    server = SimpleSMBServer(listenAddress=place.server, listenPort=445)
    server.addShare("PLANS", root, "drawings")
    server.setSMB2Support(True)
    server.addCredential("drafter", 0, compute_lmhash("Kanal-7"), compute_nthash("Kanal-7"))
    threading.Thread(target=server.start, daemon=True).start()
    place.ready_at(445)
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    from impacket.smbconnection import SMBConnection, SessionError

    link = SMBConnection("FILES", place.server, myName="CAD-2", sess_port=445)
    # impacket asks in the words of SMB 1 and offers SMB 2 there; the server answers in SMB 2.
    truth.did("negotiate", protocol="smb", fields={"dialects": "NT LM 0.12,SMB 2.002,SMB 2.???", "dialect": "SMB 2"})
    truth.did("negotiate", outcome="reply_only", fields={"dialect": "2.0.2", "mechanisms": "ntlmssp"})
    link.login("drafter", "Kanal-7", "WORKS")
    truth.did("session_setup", fields={"status": "more_processing_required"})
    truth.did("session_setup", fields={"user": "drafter", "domain": "WORKS", "workstation": "CAD-2",
                                       "authentication": "ntlm_v2"})

    def on_share(*steps: str, name: str) -> None:
        """impacket connects to the share for each file."""
        truth.did("tree_connect", targets=["PLANS"], fields={"share_type": "disk"})
        for step in steps:
            truth.did(step, targets=[f"PLANS\\{name}"])
        truth.did("tree_disconnect", targets=["PLANS"])

    digest = hashlib.sha256(PLAN).hexdigest()
    moved = {"name": "PLANS\\press7.dwg", "size": len(PLAN), "sha256": digest, "complete": True}
    link.putFile("PLANS", "press7.dwg", io.BytesIO(PLAN).read)
    on_share("create", "write", "close", name="press7.dwg")
    truth.transfer("download", **moved)
    got = io.BytesIO()
    link.getFile("PLANS", "press7.dwg", got.write)
    assert got.getvalue() == PLAN
    on_share("create", "query_info", "read", "close", name="press7.dwg")
    truth.transfer("upload", **moved)
    try:
        link.getFile("PLANS", "press9.dwg", got.write)
    except SessionError as refused:
        truth.did("tree_connect", targets=["PLANS"])
        truth.did("create", targets=["PLANS\\press9.dwg"], outcome="refused", refused=refused.getErrorCode())
        truth.did("tree_disconnect", targets=["PLANS"])
    link.deleteFile("PLANS", "press7.dwg")
    on_share("create", "close", name="press7.dwg")
    link.close()
    truth.did("logoff")
    truth.identity("client", host_name="CAD-2")
    truth.background("arp", "icmpv6")

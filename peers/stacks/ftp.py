"""FTP with pyftpdlib and the standard library's client, passive and active: sign-in refused and accepted, a file stored, fetched,
renamed, deleted, one that is not there."""

import ftplib
import hashlib
import io
import os

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "ftp"
PACKAGES = ["pyftpdlib==2.2.0"]
RECIPE = bytes(i % 253 for i in range(30000))


def serve(place: Place) -> None:
    import threading

    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import FTPServer

    root = os.path.join(os.environ["PEERS_FOLDER"], "root")
    os.makedirs(root, exist_ok=True)
    users = DummyAuthorizer()
    users.add_user("setter", "Kanal-7", root, perm="elradfmwMT")
    handler = type("Handler", (FTPHandler,), {"authorizer": users, "banner": "Recipe store 1.4 ready.", "auth_failed_timeout": 0})
    server = FTPServer((place.server, 21), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place.ready()
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    link = ftplib.FTP()
    link.connect(place.server, 21, timeout=10)
    truth.did("greeting", operation_class="identify")

    def sign_in(password: str) -> bool:
        truth.did("user_name", fields={"user": "setter", "reply_code": 331})
        try:
            link.login("setter", password)
        except ftplib.error_perm:
            truth.did("login", outcome="refused", refused=530, fields={"user": "setter", "clear_text": True})
            return False
        truth.did("login", fields={"user": "setter", "clear_text": True, "reply_code": 230})
        return True

    assert not sign_in("wrong")
    assert sign_in("Kanal-7")
    truth.alert("clear_text_credentials", 2)

    def mode(passive: bool, type_: str = "I") -> None:
        link.set_pasv(passive)
        truth.did("representation_type")
        truth.did("passive" if passive else "data_port")

    mode(True)
    link.storbinary("STOR press7.rcp", io.BytesIO(RECIPE))
    truth.did("store", targets=["file:press7.rcp"], operation_class="file")
    digest = hashlib.sha256(RECIPE).hexdigest()
    # Nobody announces the size of what is stored, so Bourdon must not say that it was all.
    truth.transfer("download", protocol="ftp_data", name="press7.rcp", size=len(RECIPE), sha256=digest, complete=False)
    for passive in (True, False):
        assert link.size("press7.rcp") == len(RECIPE)
        truth.did("size", targets=["file:press7.rcp"])
        mode(passive)
        read = io.BytesIO()
        link.retrbinary("RETR press7.rcp", read.write)
        assert read.getvalue() == RECIPE
        truth.did("retrieve", targets=["file:press7.rcp"], operation_class="file")
        truth.transfer("upload", protocol="ftp_data", name="press7.rcp", size=len(RECIPE), sha256=digest, complete=True)
    link.rename("press7.rcp", "press8.rcp")
    truth.did("rename_from", targets=["file:press7.rcp"])
    truth.did("rename_to", targets=["file:press8.rcp"])
    link.delete("press8.rcp")
    truth.did("delete", targets=["file:press8.rcp"], operation_class="file")
    try:
        link.delete("press9.rcp")
    except ftplib.error_perm:
        truth.did("delete", targets=["file:press9.rcp"], outcome="refused", refused=550)
    link.quit()
    truth.did("logout")
    truth.background("arp", "icmpv6")

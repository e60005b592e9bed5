"""SSH with paramiko on both sides: keys agreed, a sign-in, a channel; then a client that speaks no common algorithm."""

import base64
import hashlib
import os
import socket
import threading

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "ssh"
PACKAGES = ["paramiko==5.1.0"]


def serve(place: Place) -> None:
    import paramiko

    key = paramiko.ECDSAKey.generate()
    with open(os.path.join(os.environ["PEERS_FOLDER"], "host.pub"), "w", encoding="ascii") as out:
        out.write(base64.b64encode(key.asbytes()).decode())

    class Rules(paramiko.ServerInterface):
        def check_auth_password(self, user, password):
            return paramiko.AUTH_SUCCESSFUL if password == "Kanal-7" else paramiko.AUTH_FAILED

        def check_channel_request(self, kind, number):
            return paramiko.OPEN_SUCCEEDED

        def get_allowed_auths(self, user):
            return "password"

    listener = socket.create_server((place.server, 22))
    kept = []

    def accept() -> None:
        while True:
            link, _ = listener.accept()
            transport = paramiko.Transport(link)
            transport.local_version = "SSH-2.0-RemoteUnit_2.4"
            transport.add_server_key(key)
            kept.append(transport)
            try:
                transport.start_server(server=Rules())
            except Exception as refused:  # noqa: BLE001 (the second client is meant to fail)
                print("refused:", refused)

    threading.Thread(target=accept, daemon=True).start()
    place.ready()
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    import paramiko

    link = socket.create_connection((place.server, 22), timeout=10)
    transport = paramiko.Transport(link)
    transport.start_client(timeout=10)
    blob = transport.get_remote_server_key().asbytes()
    with open(os.path.join(os.environ["PEERS_FOLDER"], "host.pub"), encoding="ascii") as told:
        assert base64.b64decode(told.read()) == blob
    transport.auth_password("operator", "Kanal-7")
    channel = transport.open_session()
    channel.close()
    cipher = transport.remote_cipher
    truth.did("identification", fields={"client": transport.local_version.removeprefix("SSH-2.0-"),
                                        "server": "RemoteUnit_2.4", "version": "2.0"})
    truth.did("key_exchange_init", fields={"cipher": cipher, "host_key_kind": "ecdsa-sha2-nistp256"})
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    truth.did("key_exchange", targets=[f"host_key:SHA256:{digest}"])
    transport.close()
    truth.identity("server", software="RemoteUnit_2.4")
    truth.background("arp", "icmpv6")

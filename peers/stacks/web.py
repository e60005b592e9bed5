"""HTTP with the standard library's server and client, over TCP and inside TLS: pages, a form, a refused login, an error; the
certificate's names."""

import base64
import hashlib
import http.client
import http.server
import os
import socket
import ssl
import subprocess
import threading

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "http"
PACKAGES = []
PROGRAMS = ["openssl"]
NAME = "press7.plant.example"
PAGE = b"<html><title>Press 7</title>" + b"x" * 5000 + b"</html>"


def serve(place: Place) -> None:
    class Panel(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "PressPanel/3.2"
        sys_version = ""

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/admin":
                return self.answer(401, WWW_Authenticate='Basic realm="press"')
            known = self.path == "/index.html"
            self.answer(200 if known else 404, PAGE if known else b"gone", Content_Type="text/html")

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(204)

        def log_message(self, *words):
            pass

    folder = os.environ["PEERS_FOLDER"]
    certificate, key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "90", "-subj", f"/O=Peerless Presses/CN={NAME}",
                    "-addext", f"subjectAltName=DNS:{NAME}"], check=True, capture_output=True)
    plain = http.server.ThreadingHTTPServer((place.server, 80), Panel)
    secure = http.server.ThreadingHTTPServer((place.server, 443), Panel)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Up to version 1.2 the certificate is on the wire in clear.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for server in (plain, secure):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    place.ready()
    place.until_stopped()


def act(place: Place, truth: Truth) -> None:
    link = http.client.HTTPConnection(place.server, 80, timeout=10)

    def ask(method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        link.request(method, path, body, {"User-Agent": "peers/1.0", **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = link.getresponse()
        answer.read()
        return answer.status

    for _ in range(2):
        assert ask("GET", "/index.html") == 200
        truth.did("get", targets=["path:/index.html"], fields={"status": 200, "agent": "peers/1.0", "length": len(PAGE)})
    assert ask("GET", "/nothing") == 404
    truth.did("get", targets=["path:/nothing"], outcome="refused", refused=404)
    assert ask("POST", "/recipe", b"speed=40") == 204
    truth.did("post", targets=["path:/recipe"], operation_class="write", fields={"status": 204})
    secret = base64.b64encode(b"fitter:correct horse").decode()
    assert ask("GET", "/admin", Authorization=f"Basic {secret}") == 401
    truth.did("basic_authentication", outcome="refused", refused=401, fields={"user": "fitter", "clear_text": True})
    truth.did("get", targets=["path:/admin"], outcome="refused", refused=401)
    truth.alert("clear_text_credentials")
    link.close()

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    with socket.create_connection((place.server, 443), timeout=10) as raw:
        with context.wrap_socket(raw, server_hostname=NAME) as secured:
            certificate = secured.getpeercert(True)
            secured.sendall(b"GET /index.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while secured.recv(4096):
                pass
    truth.did("handshake", protocol="tls", targets=[f"server_name:{NAME}"],
              fields={"version": "tls1.2", "protocol": "http/1.1"})
    truth.did("certificate", protocol="tls", operation_class="identify",
              targets=[f"certificate:{hashlib.sha256(certificate).hexdigest()}"], fields={"subject": f"O=Peerless Presses, CN={NAME}"})
    truth.identity("server", host_name=NAME)
    truth.background("arp", "icmpv6")

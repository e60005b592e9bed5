"""One side of one scenario, as its own process: `python -m lab.play serve|act STACK`."""

import importlib
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field

from lab.truth import Truth


@dataclass
class Place:
    """Where this side stands: the addresses of both hosts; `ethernet` is false on the loopback."""

    client: str
    server: str
    ethernet: bool
    stopped: threading.Event = field(default_factory=threading.Event)

    def ready(self) -> None:
        """The server takes connections."""
        with open(os.environ["PEERS_READY"], "w", encoding="utf-8") as out:
            out.write("ready\n")

    def ready_at(self, port: int, transport: str = "tcp", within_s: float = 20) -> None:
        """The same, once a program of its own listens at a port; asks the kernel, so that no packet is sent."""
        limit = time.monotonic() + within_s
        while time.monotonic() < limit:
            for table in (f"/proc/net/{transport}", f"/proc/net/{transport}6"):
                with open(table, encoding="ascii") as lines:
                    for line in list(lines)[1:]:
                        words = line.split()
                        listens = transport == "udp" or words[3] == "0A"
                        if listens and int(words[1].rsplit(":", 1)[1], 16) == port:
                            return self.ready()
            time.sleep(0.05)
        raise TimeoutError(f"nothing listens at {transport} port {port}")

    def until_stopped(self) -> None:
        """Blocks until the run is over."""
        while not self.stopped.wait(0.2):
            pass


def main() -> None:
    side, name = sys.argv[1:]
    # Stacks leave threads behind that would keep a failed process alive.
    code = 1
    try:
        run(side, name)
        code = 0
    except BaseException:  # noqa: BLE001 (whatever it is, it is told and the process ends)
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(side: str, name: str) -> None:
    stack = importlib.import_module(f"stacks.{name}")
    place = Place(os.environ["PEERS_CLIENT"], os.environ["PEERS_SERVER"], os.environ["PEERS_ETHERNET"] == "1")
    if side == "serve":
        signal.signal(signal.SIGTERM, lambda *_: place.stopped.set())
        stack.serve(place)
        return
    truth = Truth(stack.PROTOCOL)
    stack.act(place, truth)
    truth.save()


if __name__ == "__main__":
    main()

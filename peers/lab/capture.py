"""tcpdump on the cable."""

import re
import subprocess
import time


class Capture:
    """Captures from `__enter__` to `__exit__`; says so when the kernel dropped packets, as the truth would be broken."""

    def __init__(self, network, path: str, only: str = "") -> None:
        words = ["tcpdump", "-i", network.interface, "-s", "0", "-U", "--immediate-mode", "-B", "16384", "-Z", "root",
                 "-w", path]
        self.command = network.on("client", words + ([only] if only else []))
        self.dropped = 0
        self.frames = 0

    def __enter__(self) -> "Capture":
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "listening" not in line:
            raise OSError(f"tcpdump: {line.strip()} {self.process.stderr.read().strip()}")
        time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.4)
        self.process.terminate()
        said = self.process.communicate(timeout=10)[1]
        found = re.search(r"(\d+) packets captured", said)
        self.frames = int(found.group(1)) if found else 0
        found = re.search(r"(\d+) packets dropped by kernel", said)
        self.dropped = int(found.group(1)) if found else 0

#!/usr/bin/env python3
"""Real stacks talk to each other, their traffic is captured, and Bourdon's answer is compared with what they did.

Called by `./dev test --peers [STACK…]`. Exit code 0: every stack ran and agreed; 1: a difference; 3: all that ran
agreed, but a stack could not be run.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lab import network as networks  # noqa: E402
from lab.capture import Capture  # noqa: E402
from lab.check import Check, Result  # noqa: E402

READY_WITHIN_S = 20
DONE_WITHIN_S = 90


class NotRun(Exception):
    """Why a stack could not be run."""


class Broken(Exception):
    """The stack itself failed: nothing can be compared."""


def stacks() -> list[str]:
    return sorted(p.stem for p in (HERE / "stacks").glob("*.py") if not p.stem.startswith("_"))


def about(name: str):
    """A stack's module. Its packages may not be installed yet: it imports them inside its functions."""
    return importlib.import_module(f"stacks.{name}")


def install(pip: Path | None, stack, packages: Path) -> None:
    """The stack's packages into a folder of its own, so that no two stacks fight over a version.

    Versions are those of the module and of `constraints.txt`. Programs of the system are installed by `./dev`.
    """
    missing = [p for p in getattr(stack, "PROGRAMS", []) if not shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing:
        raise NotRun(f"not installed: {', '.join(missing)}")
    constraints = HERE / "constraints.txt"
    wanted = json.dumps([sys.version, stack.PACKAGES, constraints.read_text(encoding="utf-8")])
    stamp = packages / "installed"
    if not stack.PACKAGES or (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        return
    if pip is None:
        raise NotRun("its packages are not installed")
    shutil.rmtree(packages, ignore_errors=True)
    done = subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", "--prefer-binary",
                           "--constraint", constraints, "--target", packages, *stack.PACKAGES],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotRun(f"cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    stamp.write_text(wanted, encoding="utf-8")


def play(name: str, network, python: Path, packages: Path, out: Path) -> None:
    """Runs server and client with a capture between them; leaves `capture.pcap` and `truth.json` in `out`."""
    ready, truth = out / "ready", out / "truth.json"
    for old in out.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    setting = {**os.environ, "PYTHONPATH": f"{HERE}:{packages}", "PYTHONDONTWRITEBYTECODE": "1", "PEERS_READY": str(ready),
               "PEERS_TRUTH": str(truth), "PEERS_CLIENT": network.addresses["client"],
               "PEERS_SERVER": network.addresses["server"], "PEERS_ETHERNET": "1" if network.ethernet else "0",
               "PEERS_SERVER6": network.addresses6.get("server", ""), "PEERS_FOLDER": str(out), "PATH": f"{packages / 'bin'}:{python.parent}:{os.environ['PATH']}:/usr/sbin:/sbin"}
    side = lambda host, verb: network.on(host, [str(python), "-m", "lab.play", verb, name])
    with open(out / "server.log", "w", encoding="utf-8") as log, Capture(network, str(out / "capture.pcap")) as capture:
        server = subprocess.Popen(side("server", "serve"), env=setting, cwd=out, stdout=log, stderr=subprocess.STDOUT)
        try:
            limit = time.monotonic() + READY_WITHIN_S
            while not ready.exists():
                if server.poll() is not None or time.monotonic() > limit:
                    raise Broken(f"the server did not start:\n{tail(out / 'server.log')}")
                time.sleep(0.05)
            with open(out / "client.log", "w", encoding="utf-8") as said:
                try:
                    code = subprocess.run(side("client", "act"), env=setting, cwd=out, stdout=said,
                                          stderr=subprocess.STDOUT, timeout=DONE_WITHIN_S, check=False).returncode
                except subprocess.TimeoutExpired as late:
                    raise Broken(f"the client did not end within {DONE_WITHIN_S} s:\n{tail(out / 'client.log')}") from late
            if code != 0 or not truth.exists():
                raise Broken(f"the client failed ({code}):\n{tail(out / 'client.log')}")
        finally:
            server.terminate()
            try:
                server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    if capture.dropped or not capture.frames:
        raise Broken(f"the capture has {capture.frames} frames, {capture.dropped} were dropped by the kernel")


def tail(path: Path, lines: int = 25) -> str:
    return "\n".join("      " + l for l in path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def analyse(bourdon: Path, name: str, network, out: Path) -> Result:
    capture = out / "capture.pcap"

    def ask(*words: str) -> str:
        done = subprocess.run([bourdon, *words, capture], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Broken(f"bourdon {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    lines = ask("facts")
    (out / "facts.jsonl").write_text(lines, encoding="utf-8")
    document = ask("analyze", "--quiet", "--json")
    (out / "analysis.json").write_text(document, encoding="utf-8")
    truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
    return Check(truth, [json.loads(l) for l in lines.splitlines()], json.loads(document), network).run()


def versions(stack, packages: Path) -> str:
    """What was run."""
    names = {re.split(r"[=<>\[]", p)[0].lower().replace("_", "-") for p in stack.PACKAGES}
    found = [f"{d.name} {d.version}" for d in importlib.metadata.distributions(path=[str(packages)])
             if d.name.lower().replace("_", "-") in names]
    return ", ".join(found + getattr(stack, "PROGRAMS", []))


def only_install(chosen) -> int:
    for name in chosen.stacks or stacks():
        try:
            install(Path(sys.executable).parent / "pip", about(name), chosen.folder.resolve() / "packages" / name)
        except NotRun as reason:
            print(f"{name:<12} {reason}")
    return 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("stacks", nargs="*", help="which stacks; all when none is named")
    options.add_argument("--bourdon", type=Path, required=True)
    options.add_argument("--folder", type=Path, required=True, help="captures, truths, logs")
    options.add_argument("--only-install", action="store_true", help="packages only")
    options.add_argument("--no-install", action="store_true", help="packages are there already")
    chosen = options.parse_args()
    unknown = set(chosen.stacks) - set(stacks())
    if unknown:
        options.error(f"no such stack: {', '.join(sorted(unknown))}; there are: {', '.join(stacks())}")
    if chosen.only_install:
        return only_install(chosen)
    kind, why_not = networks.choose()
    print(f"network: {kind.name}" + (f" (no namespaces: {why_not})" if why_not else ""))
    python = Path(sys.executable)
    agreed = differed = not_run = 0
    for name in chosen.stacks or stacks():
        stack = about(name)
        out = chosen.folder.resolve() / name
        packages = chosen.folder.resolve() / "packages" / name
        out.mkdir(parents=True, exist_ok=True)
        label = f"{name:<12}"
        try:
            if getattr(stack, "ETHERNET", False) and not kind.ethernet:
                raise NotRun("needs network namespaces")
            install(None if chosen.no_install else python.parent / "pip", stack, packages)
            with kind() as network:
                play(name, network, python, packages, out)
                result = analyse(chosen.bourdon.resolve(), name, network, out)
        except NotRun as reason:
            not_run += 1
            print(f"{label} NOT RUN: {reason}")
            continue
        except (Broken, OSError) as reason:
            differed += 1
            print(f"{label} FAILED: {reason}")
            continue
        said = (f"{result.operations} operations of {result.kinds} kinds, {result.values} values, "
                f"{result.identity} identity values, {result.alerts} alerts, {result.transfers} transfers, "
                f"{result.anomalies} anomalies; {result.by_themselves} more done by the stack itself")
        what = versions(stack, packages)
        if result.differences:
            differed += 1
            print(f"{label} DIFFERS ({what}): {said}\n    " + "\n    ".join(result.differences))
            print(f"    capture, truth and logs: {out}")
        else:
            agreed += 1
            print(f"{label} agrees ({what}): {said}")
        sys.stdout.flush()
    print(f"peers: {agreed} passed, {differed} failed, {not_run} skipped")
    return 1 if differed else 3 if not_run else 0


if __name__ == "__main__":
    sys.exit(main())

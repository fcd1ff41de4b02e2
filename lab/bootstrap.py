"""`python3 -m lab.bootstrap [--only-venv] [-- command ...]`: from a bare machine to a working checkout.

Checks the machine, reports everything that is missing together (exit code 2), makes the virtual environment
from the lock, links it as `.venv`, and then runs `python -m lab.toolchain` in it, or the given command.
Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036 - what follows could not even be imported
    sys.exit("region-mirror needs Python 3.11 or newer; this is " + sys.version.split()[0])

from lab.toolchain import prerequisites, registries, venv
from lab.toolchain.cache import cache_root, locked
from lab.toolchain.graph import Step, missing
from lab.toolchain.host import Host, observe
from lab.toolchain.prerequisites import Missing
from lab.toolchain.process import Children, StepFailed
from lab.toolchain.steps import plan

CHECKOUT = Path(__file__).resolve().parent.parent

_VENV_MB = 500


def main(arguments: Sequence[str]) -> int:
    """Return 2 when something is missing, 1 when the environment cannot be made, 130 when interrupted, else
    0. With a command, replace this process by it.
    """
    options, command = parse(arguments)
    root = cache_root(os.environ)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    children = Children()
    try:
        host = None if options.only_venv else observe(os.environ)
        directory = venv.location(CHECKOUT, root)
        lacking = _prepare(host, directory, root, children)
        if lacking:
            print(prerequisites.message(lacking), file=sys.stderr)
            return 2
    except StepFailed as error:
        print(_failure(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run it again: it continues where it stopped.", file=sys.stderr)
        return 130
    finally:
        children.stop()
    home = _link(directory, root)
    if command or not options.only_venv:
        _become(home, command or [str(venv.python_of(home)), "-m", "lab.toolchain"])
    return 0


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Split the arguments into the options and the command after `--`."""
    own, command = list(arguments), []
    if "--" in own:
        own, command = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(prog="python3 -m lab.bootstrap", description=__doc__)
    parser.add_argument(
        "--only-venv", action="store_true", help="only Python's part: no Go, Java or Kubernetes"
    )
    return parser.parse_args(own), command


def _prepare(host: Host | None, directory: Path, root: Path, children: Children) -> list[Missing]:
    """Checks everything, then makes the environment. Returns what is missing; then nothing was made."""
    absent = missing(plan(host, root, os.environ), root) if host else []
    has_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    lacking = [] if venv.complete(directory) else prerequisites.python(sys.version_info[:2], has_venv)
    if host:
        fetching = {step.registry for step in absent}
        version = (
            registries.maven_version(host.maven, os.environ) if host.maven and "maven" in fetching else None
        )
        lacking += prerequisites.programs(host, fetching, version)
    lacking += _disk(absent, directory, root)
    if venv.complete(directory) and not absent:
        return lacking

    def waiting() -> None:
        print(f"Another set-up is running in {root}; waiting until it ends.", flush=True)

    with locked(root, "venv", waiting):
        return _make(host, absent, lacking, directory, root, children)


def _disk(absent: Sequence[Step], directory: Path, root: Path) -> list[Missing]:
    needed = {step.name: step.megabytes for step in absent}
    if not venv.complete(directory):
        needed["virtual environment"] = _VENV_MB
    existing = next(path for path in (root, *root.parents) if path.exists())
    return prerequisites.disk(shutil.disk_usage(existing).free // 1_000_000, needed, str(existing))


def _make(
    host: Host | None,
    absent: Sequence[Step],
    lacking: list[Missing],
    directory: Path,
    root: Path,
    children: Children,
) -> list[Missing]:
    """Asks the registries that are needed, and makes the environment when nothing is missing."""
    log = root / "logs" / "venv.log"
    fetching = {step.registry for step in absent}
    questions: list[registries.Question] = []
    if host:
        questions += registries.of_go(host, root, os.environ) if "go" in fetching else []
        questions += registries.of_maven(host, root, os.environ) if "maven" in fetching else []
    absent_venv = not venv.complete(directory)
    if absent_venv and not lacking:
        # Its pip is the client that is asked: the system's Python may have none.
        venv.create(directory, os.environ, log, children)
        pin = venv.first_pin(CHECKOUT / venv.LOCK)
        questions += registries.of_pip(venv.python_of(directory), pin, os.environ)
    if questions:
        print(f"Asking the registries of {', '.join(q.client for q in questions)}.", flush=True)
    answers = zip(questions, registries.ask(questions), strict=True)
    for question, answer in answers:
        lacking += prerequisites.registry(question.client, " ".join(question.command), answer)
    if absent_venv and not lacking:
        start = time.monotonic()
        print("Making the virtual environment: about a minute.", flush=True)
        venv.install(directory, CHECKOUT, os.environ, log, children)
        print(f"Made in {time.monotonic() - start:.0f} s: {directory}", flush=True)
    return lacking


def _link(directory: Path, root: Path) -> Path:
    linked = venv.link(CHECKOUT, directory, root)
    if linked:
        return linked
    print(f"The .venv here is your own and is not changed; the repository's is {directory}", flush=True)
    return directory


def _become(home: Path, command: Sequence[str]) -> None:
    """Runs the command in place of this process, with the environment's programs first on PATH."""
    path = os.pathsep.join(filter(None, [str(home / "bin"), os.environ.get("PATH")]))
    os.chdir(CHECKOUT)
    os.execvpe(command[0], list(command), {**os.environ, "PATH": path, "VIRTUAL_ENV": str(home)})


def _failure(error: StepFailed) -> str:
    tail = "\n".join(f"    {line}" for line in error.tail)
    return (
        f"The virtual environment could not be made.\n  command: {error.command}\n"
        f"  ended with {error.code}; its last lines:\n{tail}\n  log: {error.log}\n"
        "Correct the cause and run it again: it continues where it stopped."
    )


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

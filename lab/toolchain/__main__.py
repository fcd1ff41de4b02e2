"""`python -m lab.toolchain [newest-pulumi | older-kafka | --list | --trim]`: makes what the lab lacks, makes
one of the two optional products, lists the products, or makes room.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from lab.toolchain import prerequisites, registries, runner
from lab.toolchain.cache import cache_root, locked, remove_leftovers, remove_tree, size_of
from lab.toolchain.go_build import NEWEST_PULUMI, required_go
from lab.toolchain.graph import Step, missing
from lab.toolchain.host import Host, observe
from lab.toolchain.maven import OLDER_KAFKA, OLDER_VERSION
from lab.toolchain.steps import newest_pulumi, older_kafka, plan, replaced_by_user

_NEWEST = "newest-pulumi"


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when everything is there, 1 when a step failed, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m lab.toolchain", description=__doc__)
    parser.add_argument(
        "product",
        nargs="?",
        choices=[_NEWEST, OLDER_KAFKA],
        help="make the newest Pulumi CLI that the Go module proxy serves, for tests with "
        f"REGION_MIRROR_PULUMI=newest; or fetch Kafka {OLDER_VERSION}, for `lab source-up older` and "
        "REGION_MIRROR_LAB_SOURCE=older; without it: all that the lab needs",
    )
    parser.add_argument("--list", action="store_true", help="list the products, their state and size")
    parser.add_argument(
        "--trim", action="store_true", help="remove what only speeds up the next build: some 10 GB"
    )
    options = parser.parse_args(arguments)
    root, host = cache_root(os.environ), observe(os.environ)
    steps = plan(host, root, os.environ)
    optional = {
        _NEWEST: (newest_pulumi(host, root, os.environ), "The newest Pulumi CLI"),
        OLDER_KAFKA: (older_kafka(host, root, os.environ), f"Kafka {OLDER_VERSION}"),
    }
    if options.list:
        _list([*steps, *(step for step, _ in optional.values())], sorted(replaced_by_user(host)), root)
        return 0
    if options.trim:
        _trim(root)
        return 0
    name = "The lab's toolchain"
    if options.product:
        step, name = optional[options.product]
        steps = [step]
        if lacking := _lacking(host, missing(steps, root)):
            print(prerequisites.message(lacking), file=sys.stderr)
            return 1
    if not missing(steps, root):
        print(f"{name} is complete: {len(steps)} products in {root}")
        return 0
    # A supervisor ends us with these; the children must go with us then as on Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _make(name, steps, root)
    except runner.SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run it again: it continues where it stopped.", file=sys.stderr)
        return 130


def _lacking(host: Host, absent: Sequence[Step]) -> list[prerequisites.Missing]:
    """What an optional product needs of the machine, and the set-up does not."""
    lacking: list[prerequisites.Missing] = []
    for step in absent:
        if step.registry == "go":
            lacking += prerequisites.go(host, required_go(NEWEST_PULUMI))
        else:
            version = registries.maven_version(host.maven, os.environ) if host.maven else None
            lacking += prerequisites.programs(host, {step.registry}, version)
    return lacking


def _make(name: str, steps: Sequence[Step], root: Path) -> int:
    # Imported here: a run that finds everything there need not wait for rich.
    from rich.console import Console

    from lab.toolchain.display import LiveDisplay, PlainDisplay, clock

    with _alone(root):
        remove_leftovers(root)
        absent = missing(steps, root)  # again: another set-up may just have made them
        start = time.monotonic()
        console = Console()
        with LiveDisplay(console) if console.is_terminal else PlainDisplay(_print) as display:
            runner.run(absent, root, display)
        print(f"{name} is complete after {clock(time.monotonic() - start)}: {root}")
    return 0


def _trim(root: Path) -> None:
    """Removes the caches of Go and Maven; the products need neither."""
    with _alone(root):
        before = shutil.disk_usage(root).free
        for cache in ("go", "m2"):
            remove_tree(root / cache)
        print(f"{(shutil.disk_usage(root).free - before) / 1e6:.0f} MB freed in {root}")


def _alone(root: Path) -> AbstractContextManager[None]:
    return locked(
        root, "toolchain", lambda: _print(f"Another set-up is running in {root}; waiting until it ends.")
    )


def _print(line: str) -> None:
    print(line, flush=True)


def _list(steps: Sequence[Step], replaced: Sequence[str], root: Path) -> None:
    print(f"cache: {root}")
    for step in steps:
        product = step.product(root)
        state = f"{size_of(product) / 1e6:8.1f} MB" if product.is_dir() else "    missing"
        print(f"{state}  {step.name}  {product.name}")
    for name in replaced:
        print(f"   the user's  {name}")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

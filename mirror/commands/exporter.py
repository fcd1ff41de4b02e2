"""`python -m mirror exporter`: the figures of verify and status, for Prometheus."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import typer

from mirror.commands.answers import QuietOption
from mirror.commands.stack_files import Chosen, FileOption, MirrorOption, StackOption, choose
from mirror.exporter.last_look import LastLookThread
from mirror.exporter.observer import MirrorObserver
from mirror.exporter.samples import SERIES_LIMIT, Limits, samples
from mirror.exporter.watcher import Watcher
from mirror.problems import CouldNotRun
from mirror.text.foreign import printable
from mirror.verify.checks import users_work
from mirror.verify.run import checks_named

EPILOG = "Runs until it is stopped. Exit codes: 0 by SIGTERM, 130 by Ctrl-C, 2 it could not start."
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def exporter(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    listen: Annotated[
        str,
        typer.Option("--listen", metavar="HOST:PORT", help="Address to listen on; port 0 is any free port."),
    ] = "127.0.0.1:9404",
    every: Annotated[
        str,
        typer.Option("--every", metavar="TIME", help="Time from one look to the next: 60s, 5m; at least 5s."),
    ] = "60s",
    check: Annotated[
        list[str] | None,
        typer.Option(
            "--check", "-c", metavar="NAME", help="Only this check; repeatable. Names: see verify --help."
        ),
    ] = None,
    copied_users: Annotated[
        bool,
        typer.Option(
            "--copied-users",
            help="Also run users-work, and look at the certificates of copied users. This reads the password "
            "or private key of each copied user, and logs in as each of them at each look.",
        ),
    ] = False,
    per_partition: Annotated[
        bool, typer.Option("--per-partition", help="Also export series for each partition.")
    ] = False,
    series_limit: Annotated[
        int,
        typer.Option(
            "--series-limit", metavar="N", min=1, help="At most N topics, N partitions and N groups."
        ),
    ] = SERIES_LIMIT,
    quiet: QuietOption = False,
) -> None:
    """Serve the results of verify and status on /metrics, for Prometheus.

    Looks at the mirror in the background. A scrape reads the result of the last look. A series whose value
    can no longer be read is removed. Every half minute it also keeps the last look beside the mirror, for a
    failover.

      python -m mirror exporter --stack lab
      python -m mirror exporter --stack prod-west --listen 0.0.0.0:9404 --every 5m
    """
    host, port = address(listen)
    seconds = seconds_of(every)
    copied = copied_users or users_work.NAME in (check or ())
    checks = checks_of(check or (), copied_users=copied)
    chosen = choose(stack, config_file, mirror)
    limits = Limits(series_limit, per_partition)
    run(chosen, host, port, seconds, checks, limits, copied_users=copied, quiet=quiet)


def checks_of(named: Collection[str], *, copied_users: bool) -> tuple[str, ...]:
    """Return the checks of the exporter: the named ones, or all. users-work reads the password or private key
    of each copied user and logs in with it, so it runs only with `copied_users`. Raises CouldNotRun.
    """
    checks = checks_named(named)
    return tuple(one for one in checks if copied_users or one != users_work.NAME)


def run(
    chosen: Chosen,
    host: str,
    port: int,
    every: float,
    checks: tuple[str, ...],
    limits: Limits,
    *,
    copied_users: bool = False,
    quiet: bool = False,
) -> None:
    """Look and answer until SIGTERM. `quiet`: only say that a look failed, or works again."""
    # Not imported at the top: no other command needs the Prometheus library.
    from mirror.exporter.server import serve_metrics

    looking = [
        MirrorObserver(settings, chosen.root, checks, copied_users=copied_users)
        for settings in chosen.mirrors
    ]
    keeping = [LastLookThread(settings, chosen.root, _say) for settings in chosen.mirrors]
    watchers = [
        Watcher(
            settings.mirror.name,
            lambda look=look: samples(look(), limits),  # type: ignore[misc]
            every,
            say=_say,
            more=keeper.samples,
            well=lambda keeper=keeper: keeper.well,  # type: ignore[misc]
        )
        for settings, look, keeper in zip(chosen.mirrors, looking, keeping, strict=True)
    ]
    server = serve_metrics(watchers, host, port)
    ends = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ends.set())
    for watcher, keeper in zip(watchers, keeping, strict=True):
        watcher.start()
        keeper.start()
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    if not quiet:
        _say(f"http://{host}:{server.server_port}/metrics: a look every {every:g} s")
    try:
        ends.wait()
    finally:
        server.shutdown()
        server.server_close()
        for keeper in keeping:
            keeper.stop()
        for watcher, look in zip(watchers, looking, strict=True):
            if watcher.stop():
                look.close()


def address(listen: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[::1]:port` or `:port`. Raises CouldNotRun."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535 or (":" in host and host[:1] != "["):
        raise CouldNotRun("reading --listen", f"{listen!r} is not HOST:PORT", "write e.g. 127.0.0.1:9404")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - `:PORT` asks for all addresses


def seconds_of(text: str) -> float:
    """Seconds of `60s`, `5m`, `1h` or `60`. Raises CouldNotRun."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 5 <= seconds <= 86_400:
        raise CouldNotRun(
            "reading --every", f"{text!r} is not a time from 5s to 24h", "write e.g. 60s, 5m or 1h"
        )
    return seconds


def _say(line: str) -> None:
    typer.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {printable(line)}", err=True)

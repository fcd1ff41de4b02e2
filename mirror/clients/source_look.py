"""One bounded look at the source: does it answer, and could producers still write to it?

A failover must not wait for a dead source, and must not be run by mistake against a healthy one. The
look asks one broker for the metadata of all topics, as the mirror's user. It ends after `SOURCE_SECONDS`,
whatever the network does: packets that nobody answers take as long as a broker that hangs. It ends sooner
where every address refuses connections again and again: nothing listens there, so no login is answered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, await_metadata
from mirror.clients.listening import nothing_listens
from mirror.problems import CouldNotConnect, CouldNotRun, one_line
from mirror.text.names import few
from mirror.text.numbers import counted

SOURCE_SECONDS = 5.0
"""The longest time that anybody waits for the source, once."""
_MARGIN_SECONDS = 0.3
"""For the client's threads, without which the process cannot end."""

SourceState = Literal["silent", "refused", "partly", "healthy", "unknown"]


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """`silent`: no broker answers. `refused`: a broker answers, and refuses the login. `partly`: partitions
    of mirrored topics have no leader. `unknown`: the mirror's login could not be read, so nobody was asked.
    """

    state: SourceState
    text: str
    seconds: float
    brokers: int = 0
    leaderless: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "state": self.state,
            "text": self.text,
            "seconds": round(self.seconds, 3),
            "brokers": self.brokers,
            "partitions_without_leader": list(self.leaderless[:100]),
            "partitions_without_leader_count": len(self.leaderless),
        }


def look_at_source(
    access: ClusterAccess,
    mirrored: Callable[[str], bool] = lambda topic: True,
    limit: float = SOURCE_SECONDS,
) -> SourceSeen:
    """Look once. Returns within `limit` seconds. `mirrored` tells which topics matter."""
    began = time.monotonic()
    outcome: list[SourceSeen] = []
    refused: list[bool] = []
    certain = threading.Event()

    def ask() -> None:
        try:
            outcome.append(_asked(access, mirrored, began, limit - _MARGIN_SECONDS))
        except Exception as error:  # an error of our own says nothing about the source
            told = f"an error of our own ({type(error).__name__}: {one_line(error)})"
            outcome.append(SourceSeen("unknown", told, time.monotonic() - began))
        certain.set()

    def knock() -> None:
        if nothing_listens(access.bootstrap_servers, limit):
            refused.append(True)
            certain.set()

    # Threads of their own: the client's own time limits do not cover everything, such as its destructor, and
    # the resolution of a name has none.
    for what, name in ((ask, "look at the source"), (knock, "knock at the source")):
        threading.Thread(target=what, name=name, daemon=True).start()
    certain.wait(limit)
    seconds = time.monotonic() - began
    if outcome:
        return outcome[0]
    told = "nothing listens at its addresses" if refused else f"no answer in {seconds:.1f} s"
    return SourceSeen("silent", f"{access.alias} at {access.bootstrap_servers}: {told}", seconds)


def _asked(
    access: ClusterAccess, mirrored: Callable[[str], bool], began: float, patience: float
) -> SourceSeen:
    errors = Errors()
    try:
        config: dict[str, Any] = {**access.client_config(), "error_cb": errors, "log_level": 0}
        admin = AdminClient({**config, "client.id": "region-mirror-look"})
        metadata = await_metadata(admin, access, errors, patience)
    except KafkaException as error:
        return SourceSeen("unknown", one_line(error.args[0].str()), time.monotonic() - began)
    except CouldNotConnect as error:
        answered = not error.happened.startswith("not reachable")
        state: SourceState = "refused" if answered else "silent"
        return SourceSeen(state, f"{access.describe()}: {error.happened}", time.monotonic() - began)
    except CouldNotRun as error:  # a library is missing, or a login cannot be made here
        return SourceSeen("unknown", f"{error.tried}: {error.happened}", time.monotonic() - began)
    return seen_in(access.alias, metadata, mirrored, time.monotonic() - began)


def seen_in(alias: str, metadata: Any, mirrored: Callable[[str], bool], seconds: float) -> SourceSeen:
    """Judge the metadata of a cluster: each mirrored partition needs a leader."""
    leaders = {
        f"{name}-{number}": partition.leader
        for name, topic in sorted(metadata.topics.items())
        if mirrored(name)
        for number, partition in sorted(topic.partitions.items())
    }
    leaderless = tuple(name for name, leader in leaders.items() if leader < 0)
    brokers = len(metadata.brokers)
    if leaderless:
        text = (
            f"{len(leaderless):,} of {counted(len(leaders), 'partition')} have no leader ({few(leaderless)})"
        )
        if len(leaderless) < len(leaders):
            text += (
                "; the other ones still take what producers write, and the target never gets that: stop the "
                "producers"
            )
        return SourceSeen("partly", text, seconds, brokers, leaderless)
    seen = f"{counted(brokers, 'broker')} of {alias} answered in {seconds:.1f} s"
    text = f"{seen}, and every partition has a leader"
    return SourceSeen("healthy", text, seconds, brokers)

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
from dataclasses import dataclass, replace
from typing import Any, Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, await_metadata
from mirror.clients.listening import nothing_listens
from mirror.cutover.step import Verdict
from mirror.last_look.record import LastLook
from mirror.problems import CouldNotConnect, CouldNotRun, one_line
from mirror.text.names import few
from mirror.text.numbers import counted

SOURCE_SECONDS = 5.0
"""The longest time that a failover waits for the source, once."""
RECENT_SECONDS = 120.0
"""A last look that is no older says that somebody has reached the source a short while ago."""
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


def judge_source(seen: SourceSeen, *, source_is_alive: bool) -> Verdict:
    """Whether a failover may go on. `source_is_alive`: the person knows, and has agreed to what it risks."""
    evidence = seen.to_json()
    if seen.state == "silent":
        return Verdict("done", f"the source does not answer: {seen.text}", evidence=evidence)
    if seen.state == "partly":
        return Verdict("done", f"the source answers only in part: {seen.text}", evidence=evidence)
    if source_is_alive:
        return Verdict("done", f"the source may be alive, which was accepted: {seen.text}", evidence=evidence)
    if seen.state == "healthy":
        return Verdict(
            "blocked",
            f"the source answers, and is healthy: {seen.text}",
            "move with `cutover`, which loses nothing. To fail over all the same, add --source-is-alive: "
            "producers that still write to the source then write records that the target never gets, and "
            "consumers may process records on both sides",
            evidence,
        )
    return Verdict(
        "blocked",
        f"it is not known whether the source is alive: {seen.text}",
        "make sure that nobody writes to the source any more, then add --source-is-alive",
        evidence,
    )


def with_rollback(verdict: Verdict, *, stopped: bool) -> Verdict:
    """Add to a refusal how the mirror starts again. `stopped`: a run before has stopped it, and was
    interrupted before the promotion. Pure.
    """
    if verdict.state != "blocked" or not stopped:
        return verdict
    told = "a run before has stopped the mirror, so nothing is mirrored: `failover rollback` starts it again"
    return replace(verdict, remedy=f"{told}. Then: {verdict.remedy}")


def with_others(
    verdict: Verdict, seen: SourceSeen, target: str, last: LastLook | None, now: float
) -> Verdict:
    """Add who else has seen a source that is silent here a short while ago. Pure.

    Often the operator's machine reaches the target only: its silence is no proof that the source is dead.
    """
    if seen.state != "silent" or last is None or not 0 <= now - last.at < RECENT_SECONDS:
        return verdict
    again = f", and another one is due within {last.every:.0f} s" if last.every else ""
    told = (
        f"{verdict.text}; the last look ({last.by}) saw it {now - last.at:.0f} s ago{again}: if only this "
        f"machine cannot reach it, its producers go on writing records that {target} never gets"
    )
    return replace(verdict, text=told)


def _asked(
    access: ClusterAccess, mirrored: Callable[[str], bool], began: float, patience: float
) -> SourceSeen:
    errors = Errors()
    try:
        config: dict[str, Any] = {**access.client_config(), "error_cb": errors, "log_level": 0}
        admin = AdminClient({**config, "client.id": "region-mirror-failover"})
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
    text = (
        f"{counted(brokers, 'broker')} of {alias} answer in {seconds:.1f} s, and every partition has a leader"
    )
    return SourceSeen("healthy", text, seconds, brokers)

"""Reads the estates of all mirrors of a stack in parallel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from manifests.estate import Estate
from manifests.metadata import Owner
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from mirror.problems import Finding
from mirror.text.names import few
from settings.model import Settings


def read_estates(mirrors: Iterable[Settings], root: Path, owner: Owner | None = None) -> list[Estate]:
    """Read the estate of each mirror. Kubeconfig paths are relative to `root`; `owner` is the stack.

    Raises EstateError with the problems of all mirrors, each once: several mirrors may share a target.
    """
    mirrors = list(mirrors)
    with ThreadPoolExecutor(max_workers=4) as pool:
        futures = [pool.submit(read_estate, settings, root, owner) for settings in mirrors]
    findings: dict[Finding, None] = {}
    for future in futures:
        findings |= dict.fromkeys(_findings(future))
    sound = [one.mirror.name for one, future in zip(mirrors, futures, strict=True) if not _findings(future)]
    if findings and sound:
        findings[_waits(sound)] = None
    if not findings:
        estates = [future.result() for future in futures]
        findings |= dict.fromkeys(_copied_twice(list(zip(mirrors, estates, strict=True))))
    if findings:
        raise EstateError(tuple(findings))
    return estates


def _waits(sound: Sequence[str]) -> Finding:
    """Say that the problems of some mirrors keep the others of the stack from being deployed."""
    several = len(sound) > 1
    return Finding(
        f"{'Mirrors' if several else 'Mirror'} {few(list(sound))}",
        f"{'they have' if several else 'it has'} no problem, and {'are' if several else 'is'} not deployed "
        "either: a stack is declared as a whole, and Pulumi deletes what is left out",
        "correct the problems above. If a source is lost, `region-mirror failover` promotes its mirror: with "
        "`mirror.phase: promoted` it is declared as it is deployed, without its source",
    )


def _copied_twice(mirrors: Sequence[tuple[Settings, Estate]]) -> Iterator[Finding]:
    """Findings for users that two mirrors would copy into one namespace. The rules for `users.copy` do not
    see those that `users.selector` chooses.
    """
    chosen: dict[tuple[str | None, ...], str] = {}
    for settings, estate in mirrors:
        target, mirror = settings.target, settings.mirror.name
        for user in estate.source.kafka_users:
            # The alias is also part of Pulumi's name of the user (`KafkaUsers`), and must name one cluster.
            there = chosen.setdefault((*target.place, user.name), mirror)
            first = chosen.setdefault((target.alias, user.name), mirror) if there == mirror else there
            if first != mirror:
                subject = f"KafkaUser {target.namespace}/{user.name} on {target.alias}"
                message = f"mirrors {first} and {mirror} would both copy this user, and overwrite it"
                remedy = f"choose it in `users` of one of them only (a narrower users.selector of {mirror})"
                if there == mirror:
                    message = f"mirrors {first} and {mirror} would both copy this user to {target.alias}"
                    remedy += "; if these are two clusters, give the newer mirror another target.alias"
                yield Finding(subject, message, remedy)


def _findings(future: Future[Estate]) -> tuple[Finding, ...]:
    """Return the findings of one mirror. Any exception other than an EstateError is raised."""
    error = future.exception()
    if error is None:
        return ()
    if isinstance(error, EstateError):
        return error.findings
    raise error

"""Lets producers of the source write again where the target is lost in the middle of a cutover.

The Lease, the journal and the KafkaMirrorMaker2 are on the target, so nothing can be rolled back without it,
and nobody can tell whether clients have written there already: a person has to say that it is lost. What the
fence added is in an annotation of each KafkaUser of the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.fence.strimzi import kafka_with_users, remove
from mirror.cutover.open import TARGET_IS_LOST
from mirror.cutover.step import World
from mirror.cutover.workloads.fleet import Fleet
from mirror.estate.deployed import DeployedResource
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotConnect, CouldNotRun, NotLoggedIn, NotThere, TooManyRequests
from mirror.text.names import few
from mirror.verify.reading.look import Session
from settings.model import Role, Settings

_TRIED = "opening the source without the target"
_ROLES: tuple[Role, ...] = ("consumer", "producer")


def open_source(settings: Settings, root: Path, kubernetes: Kubernetes | None) -> Iterator[str]:
    """Remove the fence from the source's KafkaUsers, but not from topics that have moved as a part, and
    tell what was done, and then what is left to do. `kubernetes`: that of the source. Raises CouldNotRun,
    also where the target answers.
    """
    old, new, mirror = settings.source, settings.target.alias, settings.mirror
    if kubernetes is None or settings.fence != "strimzi":
        raise CouldNotRun(
            _TRIED,
            f"cutover.fence is {settings.fence}, and only what the fence wrote into KafkaUsers is known "
            f"without {new}",
            "remove the DENY of Write for User:* from each mirrored topic as the administrator of the source "
            "(`kafka-acls.sh --remove --deny-principal 'User:*' --operation Write --topic TOPIC`), or let "
            "whoever stopped the producers start them",
        )
    seen = refuse_answering(settings, root)
    namespace, cluster = str(old.namespace), str(old.cluster)

    def users() -> list[dict[str, object]]:
        return kafka_with_users(kubernetes, namespace, cluster)[1]

    remove(kubernetes, users, mirror.name, (), mirror.moved.topics)
    stay = f", but for what has moved ({few(mirror.moved.topics)})" if mirror.moved.topics else ""
    yield f"no KafkaUser of {old.alias} has the fence of mirror {mirror.name} any more{stay}"
    yield (
        f"that {new} is lost is your word: seen from here was {seen}. Make sure that nobody writes to {new}: "
        f"{old.alias} never gets it"
    )
    yield (
        f"once {new} is back, before anything else: `region-mirror cutover rollback` undoes the rest there. "
        "Where it says that the mirror was promoted, both sides have records that the other one lacks"
    )
    for one in _stopped(settings, root, kubernetes):
        yield f"start {one}"


def refuse_answering(settings: Settings, root: Path) -> str:
    """Return what was seen of a target that may be lost. Raise CouldNotRun where the KafkaMirrorMaker2 can be
    read, or could be once somebody logs in again: a rollback undoes everything then."""
    try:
        resource = DeployedResource(settings, root).read()
    except (NotLoggedIn, TooManyRequests):
        raise
    except (CouldNotConnect, NotThere) as error:  # a machine that is cut off sees the same
        return f"{error.tried}: {error.happened}"
    old, new = settings.source.alias, settings.target.alias
    way_out = f"run `region-mirror cutover rollback` without {TARGET_IS_LOST}: it undoes everything"
    if phase_of(resource) != REPLICATE:
        way_out = (
            f"the mirror was promoted, so what clients wrote since is on {new} only, and no rollback opens "
            f"{old}: `region-mirror reopen --accept-unmirrored` does"
        )
    raise CouldNotRun(_TRIED, f"the Kubernetes of {new} answers, and has the mirror", way_out)


def _stopped(settings: Settings, root: Path, kubernetes: Kubernetes) -> list[str]:
    """Return how each workload is started that a cutover has stopped at the source. Raises CouldNotRun."""
    with ExitStack() as stack:
        world = World(settings, root, Session(settings, root, stack), kubernetes)
        fleet = Fleet()
        return [
            f"{one}: `kubectl -n {one.namespace} scale {one.kind.lower()} {one.name} --replicas {number}`"
            for role in _ROLES
            for one in fleet.of(world, "source", role)
            if not one.replicas and (number := one.noted(settings.mirror.name))
        ]

"""Takes Write on the mirrored topics from the mirror's own user, so that clients need not wait for Connect.

Connect ends the tasks of a connector some ten seconds after it was told to, with a dead source also later.
A deny rule holds as soon as the User Operator has applied it: from then on no record of the source reaches a
topic of clients, whatever Connect still runs. The last step of a failover removes the rules, once Connect has
confirmed the stop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from manifests.strimzi.standby import deny_write
from mirror.cutover.connectors.change import Patch, change, ownership_patch
from mirror.cutover.fence import kafka_user
from mirror.cutover.step import World
from mirror.problems import CouldNotRead, CouldNotRun, NotThere
from mirror.text.waiting import until
from settings.acls import mirrored_topic_scopes
from settings.model import Settings
from settings.names import Names
from settings.scopes import Scope

KIND = "KafkaUser"
_UNFENCE_SECONDS = 120.0
"""Within this time the User Operator must apply a KafkaUser; its full pass is every 2 minutes."""


def denied(settings: Settings) -> list[dict[str, Any]]:
    """Return the deny rules, one for each scope of mirrored topics on the target. Pure.

    None where a scope also contains a topic of Connect itself (`.*` with the topics' own names): a worker
    that may not write there cannot stop a connector either.
    """
    names, found = Names.of(settings), mirrored_topic_scopes(settings)
    connect = (names.configs_topic, names.offsets_topic, names.status_topic, *names.heartbeats_topics)
    if any(scope.covers(Scope(topic, "literal")) for scope in found for topic in connect):
        return []
    return [deny_write(scope) for scope in found]


def fence(world: World) -> None:
    """Add the rules to the mirror's KafkaUser, where that is possible. Raises CouldNotRun."""
    rules, mirror = denied(world.settings), world.settings.mirror.name
    if not rules:
        return

    def patch(user: Mapping[str, Any]) -> Patch | None:
        missing = kafka_user.lacking(user, rules)
        return kafka_user.denied(user, missing, mirror) if missing else None

    _change(world, patch)


def is_fenced(world: World) -> bool:
    """Tell whether the User Operator has applied the rules. Raises CouldNotRun.

    The ACLs count, and not the annotation: a `pulumi up` or a GitOps controller that reverts the ACLs leaves
    it there.
    """
    rules, user = denied(world.settings), _read(world)
    return bool(rules) and not kafka_user.lacking(user, rules) and not kafka_user.not_applied(user)


def lacks_rules(world: World) -> bool:
    """Tell whether `fence` has something to add to the mirror's KafkaUser; no where nobody may read it.
    Raises CouldNotRun.
    """
    rules = denied(world.settings)
    try:
        return bool(rules) and bool(kafka_user.lacking(_read(world), rules))
    except (NotThere, CouldNotRead):
        return False


def has_rules(world: World) -> bool:
    """Tell whether the mirror's KafkaUser has the rules, applied or not. Raises CouldNotRun.

    Whoever may not read the KafkaUser has added none, and must still be able to complete or roll back.
    """
    try:
        return kafka_user.has_fence(_read(world), world.settings.mirror.name)
    except (NotThere, CouldNotRead):
        return False


def unfence(world: World) -> None:
    """Remove the rules, and wait until the User Operator has applied that. Raises CouldNotRun."""
    if not has_rules(world):
        return
    _change(world, lambda user: kafka_user.unfenced(user, world.settings.mirror.name))
    if reason := until(lambda: kafka_user.not_applied(_read(world)), _UNFENCE_SECONDS):
        raise CouldNotRun(
            f"waiting until the mirror's user {_name(world)} may write to mirrored topics again",
            reason,
            "check the User Operator of the target, then run the same command again",
        )


def _change(world: World, make: Callable[[Mapping[str, Any]], Patch | None]) -> None:
    change(world.target_kubernetes, lambda: _read(world), [make, ownership_patch])


def _read(world: World) -> Mapping[str, Any]:
    return world.target_kubernetes.strimzi(KIND, world.settings.target.namespace, _name(world))


def _name(world: World) -> str:
    return world.names.mirror_user

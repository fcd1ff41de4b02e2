"""Whether the Kafka of the target is lost: what opens a region to clients again does not wait for it.

Silence is seen from where the command runs: a machine that is cut off from the brokers' network hears nothing
of a Kafka that is well. The target's Kubernetes is the second witness: the kubelet asks each broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirror.clients.source_look import look_at_source
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted

_ROLE = "strimzi.io/broker-role"


@dataclass(frozen=True, slots=True)
class SilentKafka:
    """No broker answers here. `text`: what was seen, from here and by its Kubernetes."""

    text: str
    ready: tuple[str, ...] = ()
    """Its pods that are ready nevertheless: brokers run, and only this machine does not reach them."""


def no_answer(world: World) -> str:
    """Return why no broker of the target answers, after 5 seconds at most; empty where one does, also one
    that refuses the login, or where nobody can tell.
    """
    try:
        seen = look_at_source(world.session.deployed.target_access(world.resource()))
    except CouldNotRun:
        return ""
    return seen.text if seen.state == "silent" else ""


def silent(world: World) -> SilentKafka | None:
    """Return what is known of a Kafka that does not answer; None where it does (`no_answer`)."""
    told = no_answer(world)
    if not told:
        return None
    settings = world.settings.target
    # Not those of the entity operator. Before node pools Strimzi gave a broker no label of its role.
    chosen = f"strimzi.io/cluster={settings.cluster},strimzi.io/name={settings.cluster}-kafka"
    told = f"no broker of {settings.alias} answers here ({told})"
    try:
        found = world.target_kubernetes.selected("Pod", settings.namespace, chosen)
    except CouldNotRun as error:
        unknown = f"whether its Kafka pods are ready is not known ({error.tried}: {error.happened})"
        return SilentKafka(f"{told}, and {unknown}")
    pods = [one for one in found if one["metadata"]["labels"].get(_ROLE) != "false"]
    ready = tuple(sorted(str(one["metadata"]["name"]) for one in pods if _is_ready(one)))
    if ready:
        return SilentKafka(f"{told}, but its Kubernetes has Kafka pods that are ready: {few(ready)}", ready)
    if not pods:
        return SilentKafka(f"{told}, and its Kubernetes has no Kafka pod")
    return SilentKafka(
        f"{told}, and its Kubernetes has {counted(len(pods), 'Kafka pod')}, none of them ready"
    )


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)

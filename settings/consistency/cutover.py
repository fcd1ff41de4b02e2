"""Rules for the cutover: the fence has to hold at the source that is there."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.problems import Problem

_PATH = "cutover.fence"


def fence_holds(settings: Settings) -> Iterator[Problem]:
    """KafkaUsers exist on Kubernetes only, and the User Operator deletes the ACLs of others."""
    fence, origin = settings.cutover.fence, settings.source.origin
    if fence == "acls" and origin != "credentials":
        rule = "does not hold at a Strimzi source: its User Operator deletes ACLs that no KafkaUser declares"
        yield Problem(_PATH, fence, rule, "Set it to strimzi or manual")
    if fence == "strimzi" and origin != "kubernetes":
        rule = "changes KafkaUsers, but the source's Kubernetes is unknown"
        yield Problem(_PATH, fence, rule, "Set source.cluster and source.namespace, or set it to manual")


def fence_command_is_used(settings: Settings) -> Iterator[Problem]:
    """A command that is never run would be relied on."""
    if settings.cutover.fence_command and settings.fence != "manual":
        rule = "has no effect unless cutover.fence is manual"
        command = list(settings.cutover.fence_command)
        yield Problem("cutover.fence_command", command, rule, "Set cutover.fence: manual, or remove it")


RULES = (fence_holds, fence_command_is_used)

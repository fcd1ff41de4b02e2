"""Deletes the internal topics of a retired mirror at `pulumi destroy`, after its workers have ended.

The KafkaMirrorMaker2 depends on this resource, so Pulumi deletes the KafkaMirrorMaker2 first; this resource
depends on the users, so the mirror's user still exists when it deletes the topics.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from components.another_target import side_of
from components.deployment_inputs import IDENTITY, deployment_inputs, read_inputs
from components.kubernetes import child_of
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource, say, whole_numbers
from mirror.mm2.identity import Identity
from settings.model import Settings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

_INPUTS = (IDENTITY, "settings", "spec")


class InternalTopicsNotDeletedError(DeploymentStoppedError):
    """The mirror's internal topics could not be deleted yet; the next `pulumi destroy` tries again."""


class InternalTopicsProvider(OwnProvider):
    """Does nothing until it is deleted."""

    kind = "InternalTopics"
    failure = InternalTopicsNotDeletedError

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether other topics would be deleted, or with another login."""
        return any(olds.get(key) != news.get(key) for key in _INPUTS)

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the inputs."""
        return {key: inputs[key] for key in _INPUTS}

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the topics of a mirror that is still retired, by name. Where `pulumi destroy` was told to
        destroy the mirror nevertheless, topics that cannot be deleted remain, and the reason is printed.

        Pulumi also deletes this resource where the stack file is back at `promoted`: then the mirror is still
        there, and its positions are what `recover` and `reverse` read.
        """
        with self._failures_shown():
            settings, resource, _ = read_inputs(whole_numbers(_props))
            if settings.mirror.phase != "retired":
                return
            # Imported here because declaring the resource needs no Kafka client.
            from mirror.cutover.teardown.internal_topics import delete_internal_topics
            from mirror.cutover.teardown.judge import overridden
            from mirror.problems import CouldNotRun

            if _is_there(settings):
                say("internal topics remain: the mirror is still deployed")
                return
            try:
                deleted = delete_internal_topics(settings, resource, Path.cwd())
            except CouldNotRun as error:
                if not overridden(os.environ, settings.mirror.name):
                    raise
                say(f"internal topics remain: {error}")
                return
            say(f"deleted internal topics: {', '.join(deleted) or 'none was there'}")


def _is_there(settings: Settings) -> bool:
    """Whether the KafkaMirrorMaker2 exists. False where Kubernetes does not answer: deletion says so."""
    from mirror.estate.ownership import mirror_maker2_of
    from mirror.problems import CouldNotRun
    from mirror.start.deployed import deployed_objects

    try:
        there = deployed_objects(Identity.of(settings), side_of(settings.target), Path.cwd())
    except CouldNotRun:
        return False
    return mirror_maker2_of(there) is not None


class InternalTopics(pulumi.ComponentResource):
    """Declared for a retired mirror only."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:RetiredTopics", name, {}, opts)
        inputs = deployment_inputs(settings, declaration)
        own_resource(InternalTopicsProvider(), name, inputs, (), child_of(self, opts))
        self.register_outputs({})

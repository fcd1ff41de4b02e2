"""Deletes the topics in which Connect and MM2 kept the state of a mirror: by name, never by a pattern."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import settled
from mirror.clients.connection import Errors, await_metadata
from mirror.clients.group_helper import GroupHelper
from mirror.clients.group_states import is_idle
from mirror.clients.other_groups import described
from mirror.clients.records import Unread
from mirror.estate.deployed import DeployedResource
from mirror.problems import CouldNotRun
from settings.model import Settings
from settings.names import Names, internal_topics

WORKERS_SECONDS = 180.0
"""Kubernetes ends the workers after their resource is deleted; Connect's group then loses its members."""
_PAUSE_SECONDS = 2.0
_REQUEST_SECONDS = 30.0


def delete_internal_topics(settings: Settings, resource: Mapping[str, Any], root: Path) -> list[str]:
    """Delete them as the mirror's user, and return their names. Raises CouldNotRun.

    `resource`: the KafkaMirrorMaker2 as it was declared, for the login. A worker that still runs would create
    the topics again, so this waits until Connect's group has no member.
    """
    access = DeployedResource(settings, root).mirror_user(resource)
    errors = Errors()
    config = {**access.client_config(), "error_cb": errors, "log_level": 0}
    admin = AdminClient({**config, "client.id": "region-mirror-teardown"})
    there = await_metadata(admin, access, errors).topics
    wanted = [one for one in internal_topics(settings) if one in there]
    if wanted:
        with GroupHelper(access) as helper:
            _await_end_of_workers(helper, access, Names.of(settings).group_id)
        _delete(admin, access, wanted)
    return wanted


def _await_end_of_workers(helper: GroupHelper, access: ClusterAccess, group: str) -> None:
    deadline = time.monotonic() + WORKERS_SECONDS
    # The newer description of groups is for consumer groups only; a Connect group would look Dead.
    while (found := described(helper, group)) is not None and not is_idle(found.state):
        if time.monotonic() > deadline:
            raise CouldNotRun(
                f"waiting for the workers of Connect's group {group} on {access.alias} to end",
                f"the group is {found.state} after {WORKERS_SECONDS:.0f} s",
                "check that no pod of the KafkaMirrorMaker2 is left, then run `pulumi destroy` again",
            )
        time.sleep(_PAUSE_SECONDS)


def _delete(admin: AdminClient, access: ClusterAccess, topics: Collection[str]) -> None:
    for topic, future in admin.delete_topics(list(topics), request_timeout=_REQUEST_SECONDS).items():
        answer = settled(future, _REQUEST_SECONDS)
        if isinstance(answer, Unread) and answer.code != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise CouldNotRun(
                f"deleting topic {topic} of {access.alias}",
                answer.reason,
                "delete it by hand, or run `pulumi destroy` again",
            )

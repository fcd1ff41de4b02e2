"""A group that MM2 has silently ceased to translate fails groups-translated, and nothing else.

As in Strimzi #5533: connectors and tasks RUNNING, lag zero, the offset on the target there and safe, and
older from hour to hour. Here somebody has taken the group out of the mirror's pattern behind Pulumi's back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.looks import LOOKS
from tests.lab.support.scratch import ScratchTopic, scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

FIRST, SECOND = 10, 30


def groups_pattern(regions: Regions, name: str) -> tuple[str, list[dict[str, Any]]]:
    """The pattern as it is deployed, and the whole list that a patch has to replace."""
    mirrors = regions.mirror_resource(name)["spec"]["mirrors"]
    return mirrors[0].get("groupsPattern", ""), mirrors


def patched(regions: Regions, name: str, pattern: str) -> None:
    _, mirrors = groups_pattern(regions, name)
    mirrors[0]["groupsPattern"] = pattern
    regions.patch_mirror(name, {"mirrors": mirrors})


@contextmanager
def translated(regions: Regions) -> Iterator[tuple[ScratchTopic, str]]:
    """A topic, and a group that has read all of it and has its offset on the target."""
    east, west = regions.kafka("east"), regions.kafka("west")
    with scratch_topic(regions, records=FIRST) as topic:
        group = f"{topic.topic}-readers"
        kafka.commit(east, group, topic.topic, FIRST)
        try:
            until(
                "the group's translation",
                lambda: kafka.committed(west, group, topic.topic) >= FIRST - 1,
                seconds=180,
            )
            yield topic, group
        finally:
            kafka.delete_group(east, group)
            kafka.delete_group(west, group)


def the_only_failure(
    proven: Stack, regions: Regions, topic: ScratchTopic, group: str, seconds: float
) -> tuple[dict[str, str], dict[str, Any]]:
    """Let the group read on until groups-translated fails, alone: its findings, and the group's facts."""
    topic.produce(*(f"more {number}" for number in range(SECOND - FIRST)))
    topic.mirrored(SECOND)
    kafka.commit(regions.kafka("east"), group, topic.topic, SECOND)
    until(
        "groups-translated alone to fail",
        lambda: proven.failed_checks() == {"groups-translated"},
        seconds=seconds,
        every=5,
    )
    ran = proven.verify("--check", "groups-translated", "--json")
    assert ran.code == 1
    [check] = json.loads(ran.stdout)["checks"]
    found = {one["subject"]: one["message"] for one in check["findings"]}
    return found, check["facts"]["groups"][group][f"{topic.topic}-0"]


def test_a_group_that_is_translated_no_more_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    [settings] = proven.settings()
    name = settings.mirror.name
    before, _ = groups_pattern(regions, name)
    with translated(regions) as (topic, group):
        try:
            patched(regions, name, f"(?!{group}$).*")
            until("a mirror that runs all the same", lambda: not proven.failed_checks(), seconds=240)
            findings, facts = the_only_failure(proven, regions, topic, group, seconds=240)
            message = findings[f"group {group}, {topic.topic}-0"]
            assert message.startswith(f"its translation is stale: MM2's last checkpoint ({FIRST} ->")
            assert facts["state"] == "safe"
        finally:
            patched(regions, name, before)


def test_a_translation_that_is_not_written_into_its_group_fails_exactly_this_check(
    proven: Stack, regions: Regions
) -> None:
    """Checkpoints go on: MM2 writes the groups' offsets in another thread, here without the right to."""
    admin = AdminClient(regions.kafka("west"))
    with translated(regions) as (topic, group):
        denied = (
            ResourceType.GROUP, group, ResourcePatternType.LITERAL, "User:*", "*", AclOperation.READ,
            AclPermissionType.DENY,
        )  # fmt: skip
        try:
            until("a proven mirror", lambda: not proven.failed_checks(), seconds=240)
            # The User Operator removes what it has not set, in the lab every few seconds.
            with regions.frozen("west-operator"):
                for made in admin.create_acls([AclBinding(*denied)]).values():
                    made.result(30)
                findings, facts = the_only_failure(proven, regions, topic, group, seconds=180)
            assert findings.keys() == {f"group {group}, {topic.topic}-0"}
            message = findings[f"group {group}, {topic.topic}-0"]
            assert message.startswith("its offset on the target stays at ")
            assert facts["state"] == "safe"
            assert facts["checkpoint_source_offset"] == SECOND
        finally:
            for gone in admin.delete_acls([AclBindingFilter(*denied)]).values():
                gone.result(30)


def test_offset_syncs_that_end_fail_exactly_this_check(proven: Stack, regions: Regions) -> None:
    """Records and checkpoints go on. The source connector's task writes offset syncs by another producer,
    here without the right to, and only looks at a mirror that goes on can tell.
    """
    [settings] = proven.settings()
    names = Names.of(settings)
    admin = AdminClient(regions.kafka("west"))
    denied = (
        ResourceType.TOPIC, names.offset_syncs_topic, ResourcePatternType.LITERAL,
        f"User:CN={names.mirror_user}", "*", AclOperation.WRITE, AclPermissionType.DENY,
    )  # fmt: skip
    until("a proven mirror", lambda: not proven.failed_checks(), seconds=240)
    try:
        # The User Operator removes what it has not set, in the lab every few seconds.
        with regions.frozen("west-operator"):
            for made in admin.create_acls([AclBinding(*denied)]).values():
                made.result(30)
            until(
                "groups-translated alone to fail",
                lambda: proven.failed_checks() == {"groups-translated"},
                seconds=420,
                every=5,
            )
            found = LOOKS.findings.splitlines()
            assert all("its translation stays at MM2's newest offset sync" in line for line in found), found
    finally:
        for gone in admin.delete_acls([AclBindingFilter(*denied)]).values():
            gone.result(30)
    until("a proven mirror once syncs come again", lambda: not proven.failed_checks(), seconds=120)

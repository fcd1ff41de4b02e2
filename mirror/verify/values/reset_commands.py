"""The commands with which an administrator sets a group's offset on the target, for remedies.

A command that sets a group back comes after a sentence that says so and by how much.
"""

from __future__ import annotations

import shlex

from mirror.verify.remedies import or_else
from mirror.verify.values.group_partition import GroupPartition

_LOGIN = "--bootstrap-server TARGET --command-config LOGIN"
# `ConsumerGroupCommand` prints the error and ends with 0 where it sets nothing (seen with 4.3.1).
_OUTCOME = "its exit code is 0 also where it sets nothing, so look with `region-mirror verify` again"


def set_back(one: GroupPartition, count: str) -> str:
    """How to set a group back: to the right offset, or so that MM2 writes the offset again."""
    rewind = f"rewind the group by {count}, which it reads again if it has read them on the target"
    if one.located is not None:
        return or_else(
            f"the right offset there is {one.located} (`region-mirror offsets export` shows all of them)",
            rewind,
            set_to(one, one.located),
        )
    return or_else(
        "`region-mirror offsets export` shows the group's offsets and changes nothing",
        f"{rewind}, and destroy the group's offsets of all partitions of {one.remote.topic} on the target "
        f"(here {one.translated}); MM2 writes them again within its sync interval",
        f"{_stop(one)}; {_command(one)} --delete-offsets; {_OUTCOME}",
    )


def set_to(one: GroupPartition, offset: int) -> str:
    """The command that sets the group's offset on the target."""
    partition = f"{_command(one)}:{one.remote.partition}"
    return f"{_stop(one)}, then {partition} --reset-offsets --to-offset {offset} --execute; {_OUTCOME}"


def _stop(one: GroupPartition) -> str:
    return f"stop group {one.group} on the target" + ("" if one.members else " (it must have no members)")


def _command(one: GroupPartition) -> str:
    return f"kafka-consumer-groups.sh {_LOGIN} --group {shlex.quote(one.group)} --topic {one.remote.topic}"

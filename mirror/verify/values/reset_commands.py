"""The commands with which an administrator sets a group's offset on the target, for remedies.

A command that sets a group back comes after a sentence that says so and by how much.
"""

from __future__ import annotations

from mirror.verify.values.translation import GroupPartition


def set_back(one: GroupPartition, count: str) -> str:
    """Commands that set a group back: to the right offset, or so that MM2 writes the offset again."""
    warning = f"this rewinds the group by {count}, which it reads again if it has read them on the target"
    if one.located is not None:
        return f"{warning}; the right offset there is {one.located}: {set_to(one, one.located)}"
    return (
        f"{warning}; {_stop(one)}, delete its offsets of all partitions of this topic there "
        f"({_command(one)} --delete-offsets); MM2 writes them again within its sync interval"
    )


def set_to(one: GroupPartition, offset: int) -> str:
    """The command that sets the group's offset on the target."""
    partition = f"{_command(one)}:{one.remote.partition}"
    return f"{_stop(one)}, then {partition} --reset-offsets --to-offset {offset} --execute"


def _stop(one: GroupPartition) -> str:
    return f"stop group {one.group} on the target" + ("" if one.members else " (it must have no members)")


def _command(one: GroupPartition) -> str:
    return f"kafka-consumer-groups.sh --group {one.group} --topic {one.remote.topic}"

"""Every right of the mirror's users: what it is for, what breaks without it. docs/rights.md is made of it.

Each line is held by a test on real clusters (`test_each_right_is_needed`), and the lines are the rights of
`settings.acls` (tests/unit/settings/test_rights_page.py): none more, none less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from settings.model import Settings
from settings.names import Names
from tests.lab.rights.model import Right

User = Literal["mirror", "source", "verifier"]
Key = tuple[User, str, str]

GROUP = "Connect's group"
CONFIGS = "topic of Connect's configs"
OFFSETS = "topic of Connect's offsets"
STATUS = "topic of Connect's statuses"
CHECKPOINTS = "checkpoints topic"
SYNCS = "offset-syncs topic"
LEADER = "transactional id of Connect's leader"
TASKS = "transactional ids of the tasks"
GROUPS = "mirrored groups"
TOPICS = "mirrored topics"

_WHOLE = "connectors-running"
_NO_CHECK = "none: the worker's log only"
_LEFT = "before the first deployment: does it hold what an earlier mirror left?"
_SAFE = "is it compacted?"
_UNSAFE = "internal-topics-safe cannot judge the topic, and fails"
_BLIND = "before the first deployment nobody can tell what is left: it is refused"
_UP = "`pulumi up`, which names it"


@dataclass(frozen=True, slots=True)
class Row:
    """One right of one user."""

    user: User
    resource: str
    operation: str
    purpose: str
    breaks: str
    found: str
    """Which check of `python -m mirror verify` finds it missing."""

    @property
    def key(self) -> Key:
        """What identifies the right."""
        return self.user, self.resource, self.operation

    @property
    def label(self) -> str:
        """A test's name."""
        return f"{self.user}: {self.operation} on {self.resource}"


def resource(right: Right, settings: Settings) -> str:
    """What the resource of a mirror's right is, in the words of this table."""
    names = Names.of(settings)
    known = {
        ("group", names.group_id): GROUP,
        ("topic", names.configs_topic): CONFIGS,
        ("topic", names.offsets_topic): OFFSETS,
        ("topic", names.status_topic): STATUS,
        ("topic", names.checkpoints_topic): CHECKPOINTS,
        ("topic", names.offset_syncs_topic): SYNCS,
        ("transactionalId", f"connect-cluster-{names.group_id}"): LEADER,
        ("transactionalId", f"{names.group_id}-"): TASKS,
    }
    patterns = {"group": GROUPS, "topic": TOPICS}
    return known.get((right.resource_type, right.name)) or patterns[right.resource_type]


def _own_topic(name: str, holds: str, write: str, read: str, seen: tuple[str, str]) -> tuple[Row, ...]:
    """The four rights on a topic of Connect's own."""
    return (
        Row("mirror", name, "Create", "the first worker makes it",
            "no worker comes up: each ends after half a minute, since the topic is not there", _WHOLE),
        Row("mirror", name, "DescribeConfigs", "a worker refuses a topic that is not compacted",
            f"nothing, until somebody made the topic with another cleanup policy: then {holds} are deleted "
            "with time, and the worker goes on (its log says at INFO that it could not look)", _NO_CHECK),
        Row("mirror", name, "Read", f"{holds} are read back", read, seen[1]),
        Row("mirror", name, "Write", f"{holds} are kept", write, seen[0]),
    )  # fmt: skip


ROWS: tuple[Row, ...] = (
    Row("mirror", GROUP, "Read", "workers join the group", "no worker comes up: each ends at once", _WHOLE),
    *_own_topic(CONFIGS, "connectors", "no worker comes up: it cannot write its session key",
                "no worker comes up: it waits for its own writes", (_WHOLE, _WHOLE)),
    *_own_topic(OFFSETS, "the mirror's positions",
                "the source connector's tasks FAIL at their first commit",
                "nothing until a worker starts anew: it waits for the positions and never gets ready",
                (_WHOLE, _WHOLE)),
    *_own_topic(STATUS, "states", "data flows, but the connectors have no status: Strimzi cannot tell "
                "whether they run, and restarts nothing; with the right given back, restart the pods: a "
                "state is written when it changes",
                "data flows, but the connectors have no status: Strimzi cannot tell whether they run, and "
                "restarts nothing", (_WHOLE, _WHOLE)),
    Row("mirror", LEADER, "Write", "exactly-once: the leader alone writes connectors (KIP-618)",
        "no worker gets ready: it claims the right to write again and again", _WHOLE),
    Row("mirror", TASKS, "Write", "exactly-once: each task's transactions (KIP-618)",
        "every task FAILS at its start", _WHOLE),
    Row("mirror", CHECKPOINTS, "Create", "the checkpoint connector makes it",
        "the checkpoint task stays RUNNING and hangs: groups keep the offsets of the first translation",
        "groups-translated"),
    Row("mirror", CHECKPOINTS, "Read", "a restarted task goes on from its checkpoints (KAFKA-15905)",
        "after a restart, groups that are behind the newest offset sync are translated no more", _NO_CHECK),
    Row("mirror", CHECKPOINTS, "Write", "checkpoints are kept", "the checkpoint task FAILS", _WHOLE),
    Row("mirror", SYNCS, "Create", "the source connector makes it (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset, and records come in fits: each sync holds them "
        "up for a minute", "groups-translated"),
    Row("mirror", SYNCS, "Read", "the checkpoint task translates by it (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("mirror", SYNCS, "Write", "which source offset is which on the target (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("mirror", GROUPS, "Read", "translated offsets are committed for the groups",
        "the groups get no offset; all tasks stay RUNNING", "groups-translated"),
    Row("mirror", TOPICS, "Create", "new topics follow", "the topic is not made on the "
        "target; its task stays RUNNING and tries again and again, and what else it copies may come late",
        "topics-present"),
    Row("mirror", TOPICS, "Alter", "new partitions follow", "the target's topic keeps its partitions, and "
        "records of new ones are not mirrored", "topics-present"),
    Row("mirror", TOPICS, "AlterConfigs", "changes of a topic's configuration follow",
        "the target's topic keeps its configuration", "topic-configs-match"),
    Row("mirror", TOPICS, "Read", "committing a group's offset for a topic asks for it",
        "groups get no offset for the topic; all tasks stay RUNNING", "groups-translated"),
    Row("mirror", TOPICS, "Write", "records", "the topic's task FAILS", _WHOLE),
    Row("source", TOPICS, "DescribeConfigs", "topics are made with the source's configuration",
        "no topic is made on the target, whichever topic's right is missing; all tasks stay RUNNING",
        "topics-present"),
    Row("source", TOPICS, "Read", "records",
        "MM2 does not see the topic at all: it is not mirrored, and nothing fails",
        "none: verification looks with the same user; a literal pattern without a topic is reported"),
    Row("source", GROUPS, "Describe", "groups and their offsets are found",
        "MM2 does not see the group at all: it gets no offset on the target, and nothing fails",
        "none: verification looks with the same user"),
    Row("source", SYNCS, "Create", "the source connector makes it (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset, and records come in fits: each sync holds them "
        "up for a minute", "groups-translated"),
    Row("source", SYNCS, "Read", "the checkpoint task translates by it (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("source", SYNCS, "Write", "which source offset is which on the target (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("source", SYNCS, "DescribeConfigs", f"{_SAFE} (location `source`)", _UNSAFE, "itself"),
    Row("verifier", GROUP, "Describe", "before the first deployment: do workers of another mirror run?",
        _BLIND, _UP),
    Row("verifier", CONFIGS, "Describe", _LEFT, _BLIND, _UP),
    Row("verifier", OFFSETS, "Read", "MM2's positions: what should be on the target",
        "lag, tail-matches, groups-translated and source-unbroken cannot be judged, and fail; "
        f"{_BLIND}", f"itself; {_UP}"),
    *(Row("verifier", topic, "DescribeConfigs", _SAFE, _UNSAFE, "itself")
      for topic in (CONFIGS, OFFSETS, STATUS, CHECKPOINTS)),
    Row("verifier", SYNCS, "DescribeConfigs", f"{_SAFE} (location `target`)", _UNSAFE, "itself"),
    Row("verifier", STATUS, "Describe", _LEFT, _BLIND, _UP),
    Row("verifier", CHECKPOINTS, "Read", f"whether MM2 still translates; {_LEFT}",
        f"groups-translated fails; {_BLIND}", f"itself; {_UP}"),
    Row("verifier", SYNCS, "Read", f"what MM2 translates next; {_LEFT} (location `target`)",
        f"groups-translated fails; {_BLIND}", f"itself; {_UP}"),
    Row("verifier", GROUPS, "Describe", "the groups' offsets on the target",
        "groups-translated fails for the group", "itself"),
    Row("verifier", TOPICS, "DescribeConfigs", "are they configured as on the source; do retention or "
        "compaction explain a difference?", "topic-configs-match fails, and tail-matches for a topic that "
        "retention has emptied on the target", "itself"),
    Row("verifier", TOPICS, "Read", "the records themselves",
        f"topics-present fails: it sees no such topic; {_BLIND}", f"itself; {_UP}"),
)  # fmt: skip

BY_KEY = {row.key: row for row in ROWS}

"""Every permission of the mirror's users: its purpose, and the effect if it is missing (docs/rights.md).

A test on real clusters confirms each row (`test_each_right_is_needed`). The rows are exactly the permissions
of `settings.acls` (tests/unit/settings/test_rights_page.py).
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
_LEFT = "before the first deployment: does it contain records of an earlier mirror?"
_SAFE = "is it compacted?"
_UNSAFE = "internal-topics-safe cannot evaluate the topic, and fails"
_BLIND = "the first deployment is refused, because leftovers cannot be detected"
_UP = "`pulumi up`, which names the permission"


@dataclass(frozen=True, slots=True)
class Row:
    """One permission of one user."""

    user: User
    resource: str
    operation: str
    purpose: str
    breaks: str
    found: str
    """The check of `python -m mirror verify` that fails if it is missing."""

    @property
    def key(self) -> Key:
        """The key of the permission."""
        return self.user, self.resource, self.operation

    @property
    def label(self) -> str:
        """The name of the test."""
        return f"{self.user}: {self.operation} on {self.resource}"


def resource(right: Right, settings: Settings) -> str:
    """The name that this table has for the resource of a permission."""
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
    """The four permissions on one of Connect's topics."""
    return (
        Row("mirror", name, "Create", "the first worker creates the topic",
            "no worker starts: each stops after half a minute, because the topic does not exist", _WHOLE),
        Row("mirror", name, "DescribeConfigs", "a worker refuses a topic that is not compacted",
            f"none, unless the topic was created with another cleanup policy: then {holds} are deleted after "
            "some time, and the worker keeps running (its log says at INFO that it could not check)",
            _NO_CHECK),
        Row("mirror", name, "Read", f"workers read {holds}", read, seen[1]),
        Row("mirror", name, "Write", f"workers store {holds}", write, seen[0]),
    )  # fmt: skip


ROWS: tuple[Row, ...] = (
    Row("mirror", GROUP, "Read", "workers join the group", "no worker starts: each stops at once", _WHOLE),
    *_own_topic(CONFIGS, "connectors", "no worker starts: it cannot write its session key",
                "no worker starts: it waits for its own writes", (_WHOLE, _WHOLE)),
    *_own_topic(OFFSETS, "the mirror's positions",
                "the source connector's tasks FAIL at their first commit",
                "none until a worker restarts: it waits for the positions and never becomes ready",
                (_WHOLE, _WHOLE)),
    *_own_topic(STATUS, "states", "records are mirrored, but the connectors have no status: Strimzi does not "
                "know whether they run, and restarts nothing; after the permission is granted again, restart "
                "the pods, because a state is written only when it changes",
                "records are mirrored, but the connectors have no status: Strimzi does not know whether they "
                "run, and restarts nothing", (_WHOLE, _WHOLE)),
    Row("mirror", LEADER, "Write", "exactly-once: only the leader writes connectors (KIP-618)",
        "no worker becomes ready: it repeats its attempt to become the only writer", _WHOLE),
    Row("mirror", TASKS, "Write", "exactly-once: each task's transactions (KIP-618)",
        "every task FAILS when it starts", _WHOLE),
    Row("mirror", CHECKPOINTS, "Create", "the checkpoint connector creates the topic",
        "the checkpoint task stays RUNNING but hangs: groups keep the offsets of the first translation",
        "groups-translated"),
    Row("mirror", CHECKPOINTS, "Read", "a restarted task continues from its checkpoints (KAFKA-15905)",
        "after a restart, groups behind the newest offset sync are no longer translated", _NO_CHECK),
    Row("mirror", CHECKPOINTS, "Write", "the task writes checkpoints", "the checkpoint task FAILS", _WHOLE),
    Row("mirror", SYNCS, "Create", "the source connector creates the topic (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset, and records arrive with pauses: each sync "
        "delays them by a minute", "groups-translated"),
    Row("mirror", SYNCS, "Read", "the checkpoint task reads offset syncs (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("mirror", SYNCS, "Write", "the source connector writes offset syncs (location `target`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("mirror", GROUPS, "Read", "MM2 commits the translated offsets of the groups",
        "the groups get no offset; all tasks stay RUNNING", "groups-translated"),
    Row("mirror", TOPICS, "Create", "new topics are created", "the topic is not created on the "
        "target; its task stays RUNNING and retries, and may delay other topics that it copies",
        "topics-present"),
    Row("mirror", TOPICS, "Alter", "new partitions are created", "the target's topic gets no new "
        "partitions, and their records are not mirrored", "topics-present"),
    Row("mirror", TOPICS, "AlterConfigs", "changes of a topic's configuration are copied",
        "the configuration of the target's topic does not change", "topic-configs-match"),
    Row("mirror", TOPICS, "Read", "committing a group's offset for a topic requires it",
        "groups get no offset for the topic; all tasks stay RUNNING", "groups-translated"),
    Row("mirror", TOPICS, "Write", "MM2 writes records", "the topic's task FAILS", _WHOLE),
    Row("source", TOPICS, "DescribeConfigs", "topics are created with the source's configuration",
        "no topic is created on the target, even if the permission on only one topic is missing; all tasks "
        "stay RUNNING",
        "topics-present"),
    Row("source", TOPICS, "Read", "MM2 reads records",
        "MM2 does not see the topic: the topic is not mirrored, and nothing fails",
        "none: verification uses the same user; a literal pattern without a topic is reported. Where its "
        "KafkaUser can be read, topics-present"),
    Row("source", GROUPS, "Describe", "MM2 reads groups and their offsets",
        "MM2 does not see the group: the group gets no offset on the target, and nothing fails",
        "none: verification uses the same user. Where its KafkaUser can be read, groups-translated"),
    Row("source", SYNCS, "Create", "the source connector creates the topic (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset, and records arrive with pauses: each sync "
        "delays them by a minute", "groups-translated"),
    Row("source", SYNCS, "Read", "the checkpoint task reads offset syncs (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("source", SYNCS, "Write", "the source connector writes offset syncs (location `source`)",
        "all tasks stay RUNNING, but no group gets an offset", "groups-translated"),
    Row("source", SYNCS, "DescribeConfigs", f"{_SAFE} (location `source`)", _UNSAFE, "itself"),
    Row("verifier", GROUP, "Describe",
        "before the first deployment: do workers of another mirror run? Later: does one of this mirror run?",
        _BLIND, _UP),
    Row("verifier", CONFIGS, "Describe", _LEFT, _BLIND, _UP),
    Row("verifier", OFFSETS, "Read", "MM2's positions: which records must be on the target",
        "lag, tail-matches, groups-translated and source-unbroken cannot be evaluated, and fail; "
        f"{_BLIND}", f"itself; {_UP}"),
    *(Row("verifier", topic, "DescribeConfigs", _SAFE, _UNSAFE, "itself")
      for topic in (CONFIGS, OFFSETS, STATUS, CHECKPOINTS)),
    Row("verifier", SYNCS, "DescribeConfigs", f"{_SAFE} (location `target`)", _UNSAFE, "itself"),
    Row("verifier", STATUS, "Describe", _LEFT, _BLIND, _UP),
    Row("verifier", CHECKPOINTS, "Read", f"does MM2 still write checkpoints? {_LEFT}",
        f"groups-translated fails; {_BLIND}", f"itself; {_UP}"),
    Row("verifier", SYNCS, "Read", f"what is MM2's next translation? {_LEFT} (location `target`)",
        f"groups-translated fails; {_BLIND}", f"itself; {_UP}"),
    Row("verifier", GROUPS, "Describe", "the groups' offsets on the target",
        "groups-translated fails for the group", "itself"),
    Row("verifier", TOPICS, "DescribeConfigs", "are they configured as on the source; do retention or "
        "compaction explain a difference?", "topic-configs-match fails; tail-matches fails for a topic from "
        "which retention has deleted all records on the target", "itself"),
    Row("verifier", TOPICS, "Read", "the records themselves",
        f"topics-present fails, because it does not see the topic; {_BLIND}", f"itself; {_UP}"),
)  # fmt: skip

BY_KEY = {row.key: row for row in ROWS}

"""What makes a deployed mirror the same one: Connect's group and topics, leftovers, ownership."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import meta
from settings.rules import kafka, text


@dataclass(frozen=True)
class Identity:
    """Names under which Connect keeps the mirror's positions, and what may change or take them over."""

    group_id: str | None = field(
        default=None,
        metadata=meta(
            "Connect's `group.id`. Absent: the mirror's name. Set it, and the three topics below,"
            " to take over a mirror that was deployed by other means.",
            rule=text.not_blank,
        ),
    )
    configs_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `config.storage.topic`. Absent: `__<name>-config`.", rule=kafka.topic_name),
    )
    offsets_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `offset.storage.topic`. Absent: `__<name>-offset`.", rule=kafka.topic_name),
    )
    status_topic: str | None = field(
        default=None,
        metadata=meta("Connect's `status.storage.topic`. Absent: `__<name>-status`.", rule=kafka.topic_name),
    )
    leftovers: Literal["refuse", "adopt"] = field(
        default="refuse",
        metadata=meta(
            "What to do at the first deployment if internal topics of an earlier mirror with the "
            "same names exist: MM2 would skip the records that the earlier mirror copied. "
            "`refuse` stops the deployment; `adopt` continues from the positions of the earlier "
            "mirror."
        ),
    )
    identity_change: Literal["refuse", "allow"] = field(
        default="refuse",
        metadata=meta(
            "Whether the source's alias, Connect's group and topics, and the replication policy of a "
            "deployed mirror may change. After a change MM2 starts from the beginning and copies "
            "every record again."
        ),
    )
    take_over: str | None = field(
        default=None,
        metadata=meta(
            "For a stack whose state was lost: the recorded owner of the deployed mirror of this "
            "name, as the refusal prints it (`project/stack/id`), or `unrecorded`. This stack then "
            "manages the mirror's objects: `pulumi up` overwrites their fields and records this "
            "stack as their owner, and `pulumi destroy` deletes them. The former stack is refused "
            "from then on. Leave the setting in the stack file: Kubernetes keeps the former stack as a "
            "second manager of each field that did not change, and only a forced apply changes such a "
            "field later.",
            rule=text.owner,
        ),
    )

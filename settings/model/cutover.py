"""Section `cutover`: how `region-mirror cutover` moves producers and consumers to the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings import rules
from settings.model.fields import meta

Fence = Literal["strimzi", "acls", "manual"]


@dataclass(frozen=True, slots=True)
class CutoverSettings:
    """The planned move to the target, `python -m mirror cutover`: see [cutover.md](cutover.md).

    Nothing of it is deployed. The credentials with which the source is fenced are given to the command only,
    or, with `by_up`, to `pulumi up` in the same environment variables.
    """

    fence: Fence | None = field(
        default=None,
        metadata=meta(
            "How producers are kept from writing to the source. `strimzi`: deny rules in its KafkaUsers. "
            "`acls`: DENY ACLs through Kafka's Admin API; Strimzi's User Operator would delete them. "
            "`manual`: `fence_command` or a person stops the producers. Absent: `strimzi` for a source that "
            "is read from its Kubernetes, `acls` with `source.credentials`, `manual` with `source.exported`."
        ),
    )
    by_up: bool = field(
        default=False,
        metadata=meta(
            "Whether `pulumi up` of a stack file with `mirror.phase: promoted` runs the cutover of a mirror "
            "that still replicates, before it changes anything else. False: such an `up` is refused."
        ),
    )
    accept_unfenced: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Users that cannot be fenced, and whose producers you stop yourself; those of "
            "`--accept-unfenced` are added.",
            rule=rules.not_blank,
        ),
    )
    leave_out_groups: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Consumer groups whose offsets are not moved; those of `--leave-out-group` are added.",
            rule=rules.not_blank,
        ),
    )
    fence_command: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Program and arguments that stop the producers, with `fence: manual`. It is run without a shell, "
            "with one more argument: `fence`, or `unfence` for a rollback. It must be idempotent.",
            rule=rules.not_blank,
        ),
    )

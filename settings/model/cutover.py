"""Section `cutover`: how `region-mirror cutover` moves producers and consumers to the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import meta
from settings.rules import kubernetes, text

Fence = Literal["strimzi", "acls", "manual"]
Side = Literal["source", "target"]
Role = Literal["consumer", "producer"]


@dataclass(frozen=True, slots=True)
class WorkloadSettings:
    """Deployments and StatefulSets of one side that a cutover stops (`source`) or starts (`target`)."""

    side: Side = field(
        metadata=meta("`source`: scaled to zero before the promotion. `target`: started after it.")
    )
    role: Role = field(
        metadata=meta(
            "`producer`: stopped before the fence, started last. `consumer`: stopped before the groups are "
            "moved, started first. A workload that does both is a `producer`."
        )
    )
    namespace: str = field(
        metadata=meta("Kubernetes namespace of the workloads.", rule=kubernetes.namespace),
    )
    labels: Mapping[str, str] = field(
        metadata=meta(
            "Labels: every Deployment and StatefulSet of the namespace with all of these labels.",
            key_rule=kubernetes.label_key,
            rule=kubernetes.label_value,
        ),
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=meta(
            "Kubeconfig of their Kubernetes, with the same rules as `source.kubeconfig`. Absent: that of the "
            "side.",
            rule=text.file_path,
        ),
    )
    context: str | None = field(
        default=None,
        metadata=meta(
            "Context in that kubeconfig. Absent: its current context, or that of the side.",
            rule=text.not_blank,
        ),
    )

    @property
    def own_access(self) -> bool:
        """Whether the workloads are read with another kubeconfig or context than the side."""
        return self.kubeconfig is not None or self.context is not None


@dataclass(frozen=True, slots=True)
class BindingSettings:
    """A ConfigMap and Secrets on the target's Kubernetes with the connection to the active region, for
    applications to mount: the source's until the promotion, the target's after it.

    A Secret has the type and keys of Strimzi's Access Operator (Service Binding specification). Only a
    cutover and a failover write them.
    """

    name: str = field(
        metadata=meta(
            "Name of the ConfigMap, and beginning of the names of the Secrets: `<name>-<user>`.",
            rule=kubernetes.resource_name,
        )
    )
    namespace: str | None = field(
        default=None,
        metadata=meta("Their namespace. Absent: `target.namespace`.", rule=kubernetes.namespace),
    )
    users: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Copied users that get a Secret with their credential. Everybody who may read Secrets of that "
            "namespace can log in as them.",
            rule=kubernetes.resource_name,
        ),
    )


@dataclass(frozen=True, slots=True)
class CutoverSettings:
    """The planned move to the target, `region-mirror cutover`: see [cutover.md](cutover.md).

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
            rule=text.not_blank,
        ),
    )
    leave_out_groups: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Consumer groups whose offsets are not moved; those of `--leave-out-group` are added.",
            rule=text.not_blank,
        ),
    )
    fence_command: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Program and arguments that stop the producers, with `fence: manual`. It is run without a shell, "
            "with one more argument: `fence`, or `unfence` for a rollback. It must be idempotent.",
            rule=text.not_blank,
            repeats=True,
        ),
    )
    workloads: tuple[WorkloadSettings, ...] = field(
        default=(),
        metadata=meta(
            "Deployments and StatefulSets that the cutover stops at the source and starts at the target."
        ),
    )
    rollout_seconds: int = field(
        default=300,
        metadata=meta(
            "Seconds that a cutover waits until the workloads of one role have stopped or are available.",
            minimum=10,
            maximum=86_400,
        ),
    )
    switch_command: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Program and arguments that the cutover runs after the promotion, before it starts workloads: "
            "for DNS, gateways, feature flags. It is run without a shell, and must be idempotent: it is run "
            "again if it fails or is interrupted. Its output is shown and kept in the journal.",
            rule=text.not_blank,
            repeats=True,
        ),
    )
    way_back_of: str | None = field(
        default=None,
        metadata=meta(
            "Name of the mirror whose way back this one is; `region-mirror reverse` writes it. That mirror's "
            "cutover has fenced KafkaUsers that are now on the target: after the promotion, this fence is "
            "removed. Absent: none is.",
            rule=kubernetes.resource_name,
        ),
    )
    binding: BindingSettings | None = field(
        default=None,
        metadata=meta("The connection to the active region, for applications to mount. Absent: none."),
    )

    def workloads_of(self, side: Side, role: Role) -> tuple[WorkloadSettings, ...]:
        """Return the entries of one side and role."""
        return tuple(one for one in self.workloads if (one.side, one.role) == (side, role))

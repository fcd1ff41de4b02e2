"""Section `target`: the target cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import listener_ca_secret, listener_public_ca, meta
from settings.rules import kafka, kubernetes, text

TargetAuthentication = Literal["scram-sha-512", "tls"]
"""The mechanisms for which Strimzi's User Operator creates credentials (`KafkaUserAuthentication`)."""
StrimziApiChoice = Literal["auto", "v1", "v1beta2"]


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """The cluster to which records are copied. MirrorMaker 2 runs beside it."""

    alias: str = field(
        metadata=meta(
            "MM2's name for the target cluster. It must differ from the source's alias.", rule=kafka.alias
        )
    )
    cluster: str = field(
        metadata=meta(
            "`metadata.name` of the target's Strimzi `Kafka` resource.", rule=kubernetes.resource_name
        )
    )
    namespace: str = field(
        metadata=meta(
            "Kubernetes namespace of the target's Kafka. All resources are created here.",
            rule=kubernetes.namespace,
        )
    )
    listener: str = field(
        metadata=meta("Listener of the target's `Kafka` resource to which MM2 connects.", rule=kafka.listener)
    )
    ca_secret: str | None = listener_ca_secret()
    public_ca: bool = listener_public_ca()
    kubeconfig: str | None = field(
        default=None,
        metadata=meta(
            "Kubeconfig of the target's Kubernetes, with the same rules as `source.kubeconfig`.",
            rule=text.file_path,
        ),
    )
    context: str | None = field(
        default=None,
        metadata=meta("Context in that kubeconfig. Absent: its current context.", rule=text.not_blank),
    )
    authentication: TargetAuthentication = field(
        default="scram-sha-512",
        metadata=meta(
            "Mechanism by which the mirror's own users log in to the target. It must be the one "
            "that `listener` requires."
        ),
    )
    api_version: StrimziApiChoice = field(
        default="auto",
        metadata=meta(
            "API version of `kafka.strimzi.io` to use: `v1` (Strimzi 0.49 and newer) or `v1beta2`"
            " (older releases, and AMQ Streams 2.x). `auto` uses the newest that the target's "
            "Kubernetes serves."
        ),
    )

    @property
    def place(self) -> tuple[str | None, str | None, str]:
        """Where the mirror's objects are, as far as the stack file shows: kubeconfig, context, namespace."""
        return self.kubeconfig, self.context, self.namespace

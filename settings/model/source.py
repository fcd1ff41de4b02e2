"""Section `source`: the cluster that is copied, and where its credentials are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings import rules
from settings.model.fields import meta
from settings.model.secret import SecretText

SourceAuthentication = Literal["scram-sha-512", "scram-sha-256", "plain", "tls"]
Origin = Literal["kubernetes", "exported", "credentials"]


@dataclass(frozen=True, slots=True)
class ExportedSettings:
    """What the runbook's commands wrote: `oc get secret ... -o yaml > file`.

    Each entry is a path, relative to the project folder, or the file's text itself, encrypted
    (`pulumi config set --secret --path region-mirror:source.exported.user < sourceuser.yaml`). A
    file may hold one Secret or a list of resources. Plain files work too, with a warning: they hold a
    password that anybody with the checkout can read.
    """

    cluster_ca: SecretText = field(
        metadata=meta("The source's `<cluster>-cluster-ca-cert` Secret: every certificate in it is trusted.")
    )
    user: SecretText = field(metadata=meta("The source user's Secret."))
    kafka_users: tuple[SecretText, ...] = field(
        default=(),
        metadata=meta(
            "KafkaUsers and, for those with SCRAM, their Secrets: what `users` copies from. Two exports, "
            "because KafkaUsers lack the label: `oc get kafkauser -o yaml`, and "
            "`oc get secret -l strimzi.io/kind=KafkaUser -o yaml`."
        ),
    )


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """Credentials of a source that is not on Kubernetes (MSK, Confluent Cloud, any Kafka), as Pulumi secrets.

    `pulumi config set --secret --path region-mirror:source.credentials.password`. The mirror's copy of them
    is a Secret beside it.
    """

    ca: SecretText | None = field(
        default=None,
        metadata=meta("PEM certificates of the CA that signed the brokers' certificates."),
    )
    public_ca: bool = field(
        default=False,
        metadata=meta(
            "The brokers' certificates come from a public CA (Confluent Cloud, MSK): trust those that Java "
            "and the system trust, instead of `ca`."
        ),
    )
    password: SecretText | None = field(
        default=None, metadata=meta("Password of `source.user` (SCRAM or PLAIN).")
    )
    certificate: SecretText | None = field(
        default=None, metadata=meta("PEM client certificate, its chain after it (`authentication: tls`).")
    )
    key: SecretText | None = field(
        default=None, metadata=meta("PEM key of `certificate`, PKCS#8, not encrypted.")
    )


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The cluster that is copied. It is only read, unless `mirror.offset_syncs_topic_location` is
    `source`.

    Its credentials come from one of three places: live from its Kubernetes (`cluster` and `namespace`), from
    files that somebody exported there (`exported`), or from Pulumi secrets (`credentials`).
    """

    alias: str = field(metadata=meta("MM2's name for the source cluster.", rule=rules.alias))
    user: str = field(
        metadata=meta(
            "The source's user that MM2 reads with (the runbook's `sourceuser`): a KafkaUser, or what "
            "the cluster knows it as. It needs no write right: `python -m mirror source-user` prints which.",
            rule=rules.user_name,
        )
    )
    cluster: str | None = field(
        default=None,
        metadata=meta(
            "`metadata.name` of the source's Strimzi `Kafka` resource, read live from its Kubernetes.",
            rule=rules.resource_name,
        ),
    )
    namespace: str | None = field(
        default=None,
        metadata=meta(
            "Kubernetes namespace of the source's Kafka, its users and Secrets.", rule=rules.namespace
        ),
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=meta(
            "Kubeconfig of the source's Kubernetes; a relative path starts at the project folder. "
            "Absent: as kubectl does it, `KUBECONFIG`, else `~/.kube/config`, else the pod's own account.",
            rule=rules.not_blank,
        ),
    )
    context: str | None = field(
        default=None,
        metadata=meta("Context in that kubeconfig. Absent: its current context.", rule=rules.not_blank),
    )
    listener: str | None = field(
        default=None,
        metadata=meta(
            "Listener of the `Kafka` resource that MM2 connects to; its status gives the bootstrap servers. "
            "This or `bootstrap_servers` is needed.",
            rule=rules.listener,
        ),
    )
    bootstrap_servers: str | None = field(
        default=None,
        metadata=meta(
            "Bootstrap servers as the target's region reaches them, instead of the listener's status.",
            rule=rules.bootstrap_servers,
        ),
    )
    authentication: SourceAuthentication = field(
        default="scram-sha-512", metadata=meta("How `user` logs in to the source.")
    )
    exported: ExportedSettings | None = field(
        default=None, metadata=meta("Files with the source's CA and user, as the runbook exports them.")
    )
    credentials: CredentialSettings | None = field(
        default=None, metadata=meta("The source's CA and user as Pulumi secrets.")
    )

    @property
    def origin(self) -> Origin:
        """Where the credentials come from."""
        if self.exported is not None:
            return "exported"
        return "kubernetes" if self.credentials is None else "credentials"

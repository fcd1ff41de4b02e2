"""Section `source`: the source cluster, and how the mirror connects to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import listener_ca_secret, listener_public_ca, meta
from settings.model.secret_ref import SecretRefSettings
from settings.model.source_credentials import (
    CredentialSettings,
    ExportedSettings,
    MskIamSettings,
    OAuthSettings,
)
from settings.rules import kafka, kubernetes, login, text

SourceAuthentication = Literal[
    "scram-sha-512", "scram-sha-256", "plain", "oauth", "aws-msk-iam", "tls", "none"
]
Encryption = Literal["tls", "none"]
ANONYMOUS = "ANONYMOUS"
"""The user as which Kafka knows a client that does not log in (`KafkaPrincipal.ANONYMOUS`)."""
_OTHER_LOGIN = "Create a user of the mirror's own, with SCRAM or a client certificate, on another listener"
_UNSUPPORTED = {
    "custom": "Custom authentication is not supported as such. If it is OAuth with a client secret, write "
    f"oauth; if it is IAM of Amazon MSK, write aws-msk-iam. {_OTHER_LOGIN}",
    "tls-external": "Write tls. The user's Secret has to hold tls.crt and tls.key (cert-manager, Vault); or "
    "give both as source.credentials.certificate and .key",
}
"""What to do instead of logins that Strimzi or MSK know, but that are not supported."""
Origin = Literal["kubernetes", "exported", "credentials"]


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The cluster that is mirrored. Nothing is written to it, unless `mirror.offset_syncs_topic_location` is
    `source` or heartbeats are on.

    Its credentials come from one of three places: read from its Kubernetes at each deployment (`cluster` and
    `namespace`), from files that were exported there (`exported`), or from Pulumi secrets or a Secret that
    something else maintains (`credentials`).
    """

    alias: str = field(metadata=meta("MM2's name for the source cluster.", rule=kafka.alias))
    user: str = field(
        metadata=meta(
            "The user as which MM2 reads the source, such as `sourceuser`: the name of a "
            "KafkaUser, or the name with which it logs in. By default it needs no write "
            "permission; `region-mirror source-user` prints the permissions that it needs. With "
            "`authentication: none`: `ANONYMOUS`.",
            rule=login.user_name,
        )
    )
    cluster: str | None = field(
        default=None,
        metadata=meta(
            "`metadata.name` of the source's Strimzi `Kafka` resource, which is read from the "
            "source's Kubernetes.",
            rule=kubernetes.resource_name,
        ),
    )
    namespace: str | None = field(
        default=None,
        metadata=meta(
            "Kubernetes namespace of the source's Kafka, its users and Secrets.", rule=kubernetes.namespace
        ),
    )
    kubeconfig: str | None = field(
        default=None,
        metadata=meta(
            "Kubeconfig of the source's Kubernetes. A relative path starts at the project folder."
            " Absent: as for kubectl, `KUBECONFIG`, else `~/.kube/config`, else the account of "
            "the pod.",
            rule=text.file_path,
        ),
    )
    context: str | None = field(
        default=None,
        metadata=meta("Context in that kubeconfig. Absent: its current context.", rule=text.not_blank),
    )
    listener: str | None = field(
        default=None,
        metadata=meta(
            "Listener of the `Kafka` resource to which MM2 connects; its status gives the "
            "bootstrap servers. Either this or `bootstrap_servers` is required.",
            rule=kafka.listener,
        ),
    )
    bootstrap_servers: str | None = field(
        default=None,
        metadata=meta(
            "Bootstrap servers with addresses that the target's region can reach, instead of "
            "those in the listener's status.",
            rule=kafka.bootstrap_servers,
        ),
    )
    ca_secret: str | None = listener_ca_secret()
    public_ca: bool = listener_public_ca(" With `credentials`, set `source.credentials.public_ca`.")
    encryption: Encryption = field(
        default="tls",
        metadata=meta(
            "Set to `none` if the source has no listener with TLS. Records then cross the network between "
            "the regions unencrypted, which each preview and plan says. With `authentication` SCRAM or "
            "`none` only: other mechanisms would send the password or the token itself.",
        ),
    )
    authentication: SourceAuthentication = field(
        default="scram-sha-512",
        metadata=meta(
            "Mechanism by which `user` logs in to the source. `none`: the source asks for no login.",
            unsupported=_UNSUPPORTED,
        ),
    )
    oauth: OAuthSettings | None = field(
        default=None, metadata=meta("The identity provider of the source, with `authentication: oauth`.")
    )
    msk_iam: MskIamSettings | None = field(
        default=None,
        metadata=meta("The AWS identity for Amazon MSK, with `authentication: aws-msk-iam`."),
    )
    exported: ExportedSettings | None = field(
        default=None,
        metadata=meta("Files with the source's CA and user, as `oc get ... -o yaml` writes them."),
    )
    credentials: CredentialSettings | None = field(
        default=None,
        metadata=meta("The source's CA and user as Pulumi secrets, or in a Secret."),
    )

    @property
    def origin(self) -> Origin:
        """The place that the credentials come from."""
        if self.exported is not None:
            return "exported"
        if self.credentials is not None:
            return "credentials"
        # Without TLS and a login there is nothing to give.
        on_kubernetes = self.cluster is not None or self.encrypted or self.logs_in
        return "kubernetes" if on_kubernetes else "credentials"

    @property
    def encrypted(self) -> bool:
        """Whether the connection to the source has TLS."""
        return self.encryption == "tls"

    @property
    def logs_in(self) -> bool:
        """Whether the source asks for a login."""
        return self.authentication != "none"

    @property
    def has_credential(self) -> bool:
        """Whether a Secret has the credential of the login."""
        return bool(self.credential_settings)

    @property
    def credential_settings(self) -> tuple[str, ...]:
        """The settings of `credentials` that the login needs; none with an AWS identity."""
        if self.authentication in ("none", "aws-msk-iam"):
            return ()
        return ("certificate", "key") if self.authentication == "tls" else ("password",)

    @property
    def secret_ref(self) -> SecretRefSettings | None:
        """The Secret of others with the login; None where this stack creates one."""
        return None if self.credentials is None else self.credentials.secret_ref

    @property
    def trusts_public_cas(self) -> bool:
        """Whether no certificate of a CA is named, because a public CA signed those of the brokers."""
        return self.public_ca or (self.credentials is not None and self.credentials.public_ca)

    @property
    def trusts_a_named_ca(self) -> bool:
        """Whether a Secret has the CA certificates that are trusted."""
        return self.encrypted and not self.trusts_public_cas

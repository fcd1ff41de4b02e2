"""Inside section `source`: the credentials and the logins that need settings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from settings.model.fields import meta
from settings.model.secret import SecretText, always_private, is_content
from settings.model.secret_ref import SecretRefSettings
from settings.rules import login


@dataclass(frozen=True, slots=True)
class ExportedSettings:
    """Files that an administrator of the source exports: `oc get secret ... -o yaml > file`.

    Each value is either the path of a file, relative to the project folder, or the encrypted text of the file
    (`pulumi config set --secret --path region-mirror:source.exported.user < sourceuser.yaml`). A file may
    hold one Secret or a list of resources. A path leads to a warning, because everybody with access to the
    checkout can read the password in the file.
    """

    cluster_ca: SecretText = field(
        metadata=meta(
            "The Secret `<cluster>-cluster-ca-cert` of the source. Every certificate in it is trusted."
        )
    )
    user: SecretText = field(metadata=meta("The Secret of the source user.", private=is_content))
    kafka_users: tuple[SecretText, ...] = field(
        default=(),
        metadata=meta(
            "The KafkaUsers that `users` copies and, for those with SCRAM, their Secrets. Two "
            "exports are needed, because KafkaUsers lack the label: `oc get kafkauser -o yaml`, "
            "and `oc get secret -l strimzi.io/kind=KafkaUser -o yaml`.",
            private=is_content,
        ),
    )


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """Credentials of a source that is not on Kubernetes (MSK, Confluent Cloud, any Kafka): as Pulumi secrets,
    or in a Secret on the target's Kubernetes that something else maintains (`secret_ref`).

    Set a Pulumi secret with `pulumi config set --secret --path region-mirror:source.credentials.<setting>`.
    The mirror reads it from a Secret that is created beside it.
    """

    ca: SecretText | None = field(
        default=None,
        metadata=meta("PEM certificates of the CA that signed the brokers' certificates."),
    )
    public_ca: bool = field(
        default=False,
        metadata=meta(
            "Set to true if a public CA signed the brokers' certificates (Confluent Cloud, MSK): "
            "the CAs that Java and the system trust are used instead of `ca`."
        ),
    )
    password: SecretText | None = field(
        default=None,
        metadata=meta(
            "Password of `source.user` (SCRAM or PLAIN), or the client secret (`authentication: oauth`).",
            private=always_private,
        ),
    )
    certificate: SecretText | None = field(
        default=None, metadata=meta("PEM client certificate, followed by its chain (`authentication: tls`).")
    )
    key: SecretText | None = field(
        default=None,
        metadata=meta(
            "Private key of `certificate` in PEM format (PKCS#8, not encrypted with a passphrase).",
            private=always_private,
        ),
    )
    secret_ref: SecretRefSettings | None = field(
        default=None,
        metadata=meta("A Secret in the target's namespace, instead of `password`, `certificate` and `key`."),
    )


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """Login with a token that the identity provider issues for a client id and a client secret (OAuth 2.0,
    client credentials grant). The client secret is `source.credentials.password`; `source.user` is the name
    that the brokers take from the token.
    """

    token_endpoint: str = field(
        metadata=meta(
            "URL at which the identity provider issues tokens. The mirror's workers and the verification "
            "ask it, and must trust its certificate as one of a public CA.",
            rule=login.token_endpoint,
        )
    )
    client_id: str = field(metadata=meta("Client id of the mirror.", rule=login.user_name))
    scope: str | None = field(
        default=None,
        metadata=meta("Scope of the token. Absent: the provider's default.", rule=login.user_name),
    )
    extensions: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "SASL extensions (KIP-342), such as `logicalCluster` and `identityPoolId` of Confluent Cloud."
        ),
    )


@dataclass(frozen=True, slots=True)
class MskIamSettings:
    """Login with an AWS identity (IAM access control for Amazon MSK). No credential is in the stack file: the
    workers and the verification take it from AWS's default chain, on EKS from the role of their
    ServiceAccount. `source.user` is the name of that role, for messages.

    The workers' image (`workers.image`) has to contain Amazon's library aws-msk-iam-auth, and verification
    needs `pip install 'region-mirror[msk]'`. docs/source-credentials.md says what was not seen.
    """

    region: str = field(
        metadata=meta("AWS region of the MSK cluster, such as `eu-west-1`.", rule=login.aws_region)
    )
    role_arn: str | None = field(
        default=None,
        metadata=meta(
            "ARN of a role that both assume, for a cluster of another account. Absent: the identity itself.",
            rule=login.role_arn,
        ),
    )

"""Section `source.credentials.secret_ref`: a Secret with the source's credential that others maintain."""

from __future__ import annotations

from dataclasses import dataclass, field

from settings.model.fields import meta
from settings.rules import kubernetes


@dataclass(frozen=True, slots=True)
class SecretRefSettings:
    """A Secret in the target's namespace that something else maintains: External Secrets, Vault, Sealed
    Secrets, cert-manager.

    The KafkaMirrorMaker2 names this Secret, and the stack creates none for the source user, so the password
    or the private key is not in Pulumi's state. Each preview reads the Secret and checks it. After a rotation
    Strimzi restarts the workers in its next periodic reconciliation, without `pulumi up`.
    """

    name: str = field(
        metadata=meta("`metadata.name` of the Secret with the credential.", rule=kubernetes.resource_name)
    )
    password_key: str = field(
        default="password",
        metadata=meta("Key of the password of `source.user` (SCRAM or PLAIN).", rule=kubernetes.secret_key),
    )
    certificate_key: str = field(
        default="tls.crt",
        metadata=meta(
            "Key of the PEM client certificate, followed by its chain (`authentication: tls`). "
            "cert-manager writes `tls.crt`, Strimzi's User Operator `user.crt`.",
            rule=kubernetes.secret_key,
        ),
    )
    private_key_key: str = field(
        default="tls.key",
        metadata=meta(
            "Key of the private key of the certificate, in PEM format as PKCS#8 (cert-manager: "
            "`spec.privateKey.encoding: PKCS8`).",
            rule=kubernetes.secret_key,
        ),
    )
    ca_secret: str | None = field(
        default=None,
        metadata=meta(
            "Secret in the same namespace with the CA certificates that signed the brokers' certificates; it "
            "may be the same Secret. Absent: `source.credentials.ca` or `.public_ca` names the trusted CA.",
            rule=kubernetes.resource_name,
        ),
    )
    ca_pattern: str | None = field(
        default=None,
        metadata=meta(
            "Keys of `ca_secret` that hold CA certificates: one key, or a glob pattern. Strimzi trusts "
            "only the first certificate of each key. Absent: `*.crt`, or `ca.crt` if `ca_secret` is `name`.",
            rule=kubernetes.key_pattern,
        ),
    )

    @property
    def trusted_keys(self) -> str:
        """The pattern of the keys of `ca_secret` whose certificates are trusted."""
        return self.ca_pattern or ("ca.crt" if self.ca_secret == self.name else "*.crt")

"""Reads the deployed KafkaMirrorMaker2 and its credentials from the target's Kubernetes.

Verification logs in to the source exactly as MM2 does, with the Secrets that the KafkaMirrorMaker2 names, and
to the target as the verifier. It uses no access that the mirror itself does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from manifests.strimzi.msk_iam import role_of
from manifests.strimzi.resource import MirrorFlow, MirrorMaker2Spec, read_mirror_maker2
from mirror.clients.access import (
    PLAIN,
    SCRAM_MECHANISMS,
    ClusterAccess,
    Credential,
    MskIamCredential,
    NoCredential,
    PlainCredential,
    ScramCredential,
    TlsCredential,
    compares_host_names,
)
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.certificates import common_name, judge_client, judge_trust, parse
from mirror.estate.connection import connect
from mirror.estate.oauth import deployed_login
from mirror.problems import CouldNotRun, Finding, NotThere
from settings.model import Settings
from settings.names import Names

_DEPLOY = (
    "deploy the stack (`pulumi up`) and try again; if it was deleted outside Pulumi, `pulumi up --refresh` "
    "restores it"
)
# Only expired certificates matter here. The check certificates-valid reports an expiry in the future.
_NO_MARGIN = timedelta(0)


@dataclass(frozen=True, slots=True)
class DeployedMirror:
    """How to log in to both clusters, and the KafkaMirrorMaker2 resource."""

    source: ClusterAccess
    target: ClusterAccess
    resource: Mapping[str, Any] = field(repr=False)


class DeployedResource:
    """Reads the deployed KafkaMirrorMaker2; `read` may be called repeatedly."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings = settings
        self.names = Names.of(settings)
        self.kubernetes = connect(settings.target, root)

    def read(self) -> dict[str, Any]:
        """The resource as it is now. Raises NotThere before the first deployment, CouldNotRun."""
        try:
            return self.kubernetes.strimzi(
                "KafkaMirrorMaker2", self.settings.target.namespace, self.names.mirror
            )
        except NotThere as error:
            raise NotThere(error.tried, error.happened, _DEPLOY) from error

    def access(self, resource: Mapping[str, Any]) -> DeployedMirror:
        """How to log in to both clusters. Raises CouldNotRun where the resource or a Secret cannot be
        used.
        """
        secrets = _Secrets(self.kubernetes, self.settings)
        spec = read_mirror_maker2(resource)
        return DeployedMirror(
            self._source_access(secrets, self._source(spec)), self.target_access(resource), resource
        )

    def target_access(self, resource: Mapping[str, Any]) -> ClusterAccess:
        """How the verifier logs in to the target; reads nothing about the source."""
        secrets = _Secrets(self.kubernetes, self.settings)
        spec = read_mirror_maker2(resource)
        return ClusterAccess(
            str(spec.target.get("bootstrapServers", "")),
            secrets.trusted(spec.target),
            secrets.user(self.names.verifier_user, self.settings.target.authentication),
            self.settings.target.alias,
            host_names=compares_host_names(spec.worker),
        )

    def source_access(self, resource: Mapping[str, Any]) -> ClusterAccess:
        """How MM2 logs in to the source; reads nothing about the target."""
        secrets = _Secrets(self.kubernetes, self.settings)
        return self._source_access(secrets, self._source(read_mirror_maker2(resource)))

    def _source_access(self, secrets: _Secrets, flow: MirrorFlow) -> ClusterAccess:
        source = flow.connection
        return ClusterAccess(
            str(source.get("bootstrapServers", "")),
            secrets.trusted(source),
            secrets.credential(source.get("authentication") or {}, self.settings.source.user),
            self.settings.source.alias,
            encrypted=source.get("tls") is not None,
            host_names=compares_host_names(flow.clients),
        )

    def mirror_user(self, resource: Mapping[str, Any]) -> ClusterAccess:
        """How MM2 logs in to the target; for writing start positions and group offsets."""
        secrets = _Secrets(self.kubernetes, self.settings)
        spec = read_mirror_maker2(resource)
        return ClusterAccess(
            str(spec.target.get("bootstrapServers", "")),
            secrets.trusted(spec.target),
            secrets.credential(spec.target.get("authentication") or {}),
            self.settings.target.alias,
            host_names=compares_host_names(spec.worker),
        )

    def _source(self, spec: MirrorMaker2Spec) -> MirrorFlow:
        alias = self.settings.source.alias
        if alias in spec.flows:
            return spec.flows[alias]
        known = ", ".join(spec.flows) or "none"
        raise CouldNotRun(
            f"looking for source {alias} in KafkaMirrorMaker2 {self.names.mirror}",
            f"it mirrors from: {known}",
            _DEPLOY,
        )


def read_deployed(settings: Settings, root: Path) -> DeployedMirror:
    """Read the resource and the credentials once. Raises NotThere before the first deployment,
    CouldNotRun.
    """
    resource = DeployedResource(settings, root)
    return resource.access(resource.read())


class _Secrets:
    """Turns Secrets of the mirror's namespace into credentials. Raises CouldNotRun for one that is
    unusable.
    """

    def __init__(self, kubernetes: Kubernetes, settings: Settings) -> None:
        self._kubernetes = kubernetes
        self._namespace = settings.target.namespace
        self._identity = settings.source.msk_iam
        referred = settings.source.secret_ref
        self._of_others = () if referred is None else (referred.name, referred.ca_secret)

    def _remedy(self, name: str) -> str:
        """The way out for a Secret that is missing or incomplete."""
        if name in self._of_others:
            return "restore it where it is maintained, or correct source.credentials.secret_ref and deploy"
        return _DEPLOY

    def _secret(self, name: str) -> dict[str, bytes]:
        try:
            return self._kubernetes.secret(self._namespace, name)
        except NotThere as error:
            raise NotThere(error.tried, error.happened, self._remedy(name)) from error

    def trusted(self, side: Mapping[str, Any]) -> str:
        """The trusted certificates of one side (`tls.trustedCertificates`), as one PEM text.

        Empty for `tls: {}`: Strimzi then uses the public CAs that Java trusts.
        """
        if not (side.get("tls") or {}).get("trustedCertificates"):
            return ""
        certificates: dict[str, str] = {}
        names = []
        for trust in (side.get("tls") or {}).get("trustedCertificates") or []:
            name = str(trust.get("secretName"))
            names.append(name)
            for key, value in self._secret(name).items():
                if fnmatchcase(key, trust.get("pattern") or trust.get("certificate") or ""):
                    certificates[f"{name}/{key}"] = value.decode(errors="replace")
        where = f"Secret {self._namespace}/{', '.join(names) or '?'}"
        _refuse(judge_trust(certificates, where, margin=_NO_MARGIN))
        return "\n".join(certificates.values())

    def credential(self, authentication: Mapping[str, Any], user: str = "") -> Credential:
        """The credential that the `authentication` of a side names. `user`: the name that the brokers take
        from a token, which the resource does not have.
        """
        kind = authentication.get("type")
        if kind is None:
            return NoCredential()
        if kind == PLAIN or kind in SCRAM_MECHANISMS:
            secret = authentication.get("passwordSecret") or {}
            password = self._value(str(secret.get("secretName")), str(secret.get("password")))
            username = str(authentication.get("username"))
            if kind == PLAIN:
                return PlainCredential(username, password)
            return ScramCredential(username, password, SCRAM_MECHANISMS[str(kind)])
        if kind == "tls":
            pair = authentication.get("certificateAndKey") or {}
            return self._client(
                str(pair.get("secretName")), str(pair.get("certificate")), str(pair.get("key"))
            )
        if (login := deployed_login(authentication)) is not None:
            return login.with_secret(user, self._value(login.secret, login.key))
        identity = self._identity
        if identity is not None and (role := role_of(authentication)) is not None:
            return MskIamCredential(user, identity.region, role)
        raise CouldNotRun(
            "reading the authentication of the mirror",
            f"authentication type {kind!r} is not supported",
            f"use {', '.join(SCRAM_MECHANISMS)}, {PLAIN}, oauth, aws-msk-iam or tls",
        )

    def user(self, name: str, kind: str) -> Credential:
        """The credential in the Secret that the User Operator creates for a KafkaUser."""
        if kind in SCRAM_MECHANISMS:
            return ScramCredential(name, self._value(name, "password"), SCRAM_MECHANISMS[kind])
        return self._client(name, "user.crt", "user.key")

    def _client(self, name: str, certificate: str, key: str) -> TlsCredential:
        certificate_pem, key_pem = self._value(name, certificate), self._value(name, key)
        _refuse(judge_client(certificate_pem, key_pem, f"Secret {self._namespace}/{name}", margin=_NO_MARGIN))
        return TlsCredential(certificate_pem, key_pem, common_name(parse(certificate_pem)[0]))

    def _value(self, name: str, key: str) -> str:
        data = self._secret(name)
        if not data.get(key):
            kept = ", ".join(sorted(data)) or "nothing"
            raise CouldNotRun(
                f"reading {key} of Secret {self._namespace}/{name}",
                f"it has no {key}; it has: {kept}",
                self._remedy(name),
            )
        return data[key].decode(errors="replace").rstrip("\r\n")


def _refuse(findings: list[Finding]) -> None:
    """Raise the findings as one error before a broker is asked, whose own message would be less clear."""
    if findings:
        first = findings[0]
        raise CouldNotRun(f"using {first.subject}", "; ".join(one.message for one in findings), first.remedy)

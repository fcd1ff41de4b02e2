"""All that one stack declares, as plain manifests, before Pulumi has seen any of it.

Here it is decided what exists; the components hand it to Pulumi in the right order. A pure function of the
settings and the estate: the same input always gives the same manifests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests.estate import Estate
from manifests.in_cluster.exporter import exporter
from manifests.in_cluster.verification_job import verification_job
from manifests.last_look import last_look
from manifests.metadata import DECLARED, Manifest
from manifests.monitoring import monitoring
from manifests.strimzi import kafka_user, metrics, secrets
from manifests.strimzi.heartbeats import heartbeats
from manifests.strimzi.mirror_maker2 import mirror_maker2
from manifests.strimzi.oauth import secret_access
from settings.acls import mirror_user_acls, verifier_acls
from settings.model import Settings
from settings.names import Names

CREDENTIALS_VERSION = "region-mirror/credentials-version"
"""Annotation that changes with the credentials a resource refers to.

Strimzi does not watch the Secrets that others make: it would notice a new password only on its next periodic
pass. With `source.credentials.secret_ref` there is none: a rotation must not need `pulumi up`, and nothing
that derives from the credential is in Pulumi's state.
"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The manifests of one mirror. `repr` leaves out the Secrets."""

    source_ca: Manifest | None = field(repr=False)
    """None where the brokers' certificates come from a public CA, or the CA's Secret is not of this stack."""
    source_user: Manifest | None = field(repr=False)
    """None where something else maintains the Secret (`source.credentials.secret_ref`), and where the source
    asks for no login.
    """
    secret_access: tuple[Manifest, ...]
    """The workers' permission to read that Secret, where Strimzi does not give it to them (OAuth)."""
    passwords: Mapping[str, Manifest] = field(repr=False)
    """Keyed by copied user; only SCRAM users have one."""
    mirror_user: Manifest
    verifier_user: Manifest
    copied_users: Mapping[str, Manifest]
    mirror_maker2: Manifest
    metrics: Manifest | None
    """The JMX exporter's rules, where it is used."""
    last_look: Manifest
    """The ConfigMap for the last look that saw the source."""
    heartbeats: tuple[Manifest, ...]
    """KafkaConnect and KafkaConnector, where there shall be heartbeats."""
    verification: tuple[Manifest, ...]
    """What a verification in the target's Kubernetes needs, where it runs there."""
    monitoring: tuple[Manifest, ...]
    """Alerts and dashboard, where they are asked for."""
    exporter: tuple[Manifest, ...]
    """What the exporter in the target's namespace needs, where it shall run there."""
    fingerprint: str
    """Changes when a manifest does on which the mirror depends, a Secret's content included, and tells
    nothing about it."""

    @classmethod
    def of(cls, settings: Settings, estate: Estate) -> Declaration:
        """Render everything."""
        names = Names.of(settings)
        version = _Version(estate)
        api = estate.target.api
        source_ca = secrets.source_ca(settings, estate)
        source_user = secrets.source_user(settings, estate)
        users = estate.source.kafka_users
        passwords = {
            user.name: secrets.password(settings, user.name, user.password)
            for user in users
            if user.password is not None
        }
        copied = {user.name: kafka_user.copy_of(settings, user, api) for user in users}
        for name, secret in passwords.items() if version.keyed else ():
            _annotate(copied[name], version.of(secret))
        mirror = mirror_maker2(settings, estate)
        (rules,) = _marked(_given(metrics.config_map(settings))) or (None,)
        (look,) = _marked((last_look(settings),))
        beats = heartbeats(settings, estate)
        credentials = (*_given(source_ca), *_given(source_user))
        for manifest in (mirror, *beats):
            if credentials and settings.source.secret_ref is None:
                _annotate(manifest, version.of(*credentials))
        mirror_user = kafka_user.own_user(settings, names.mirror_user, mirror_user_acls(settings), api)
        verifier_user = kafka_user.own_user(settings, names.verifier_user, verifier_acls(settings), api)
        return cls(
            source_ca=source_ca,
            source_user=source_user,
            secret_access=secret_access(settings),
            passwords=passwords,
            mirror_user=mirror_user,
            verifier_user=verifier_user,
            copied_users=copied,
            mirror_maker2=mirror,
            metrics=rules,
            last_look=look,
            heartbeats=beats,
            verification=_marked(verification_job(settings, estate)),
            monitoring=_marked(monitoring(settings)),
            exporter=_marked(exporter(settings, estate)),
            # The annotations stand for the Secrets' content.
            fingerprint=_digest(
                [mirror_user, verifier_user, *copied.values(), *_given(rules), *beats, mirror]
            ),
        )

    @property
    def beside_the_mirror(self) -> tuple[Manifest, ...]:
        """Objects for monitoring and verification. They do not change what is mirrored."""
        beside = (*self.monitoring, *self.exporter, *self.verification)
        return (*_given(self.metrics), self.last_look, *beside)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Everything, in the order in which it is made."""
        return (
            *_given(self.source_ca),
            *_given(self.source_user),
            *self.secret_access,
            *self.passwords.values(),
            self.mirror_user,
            self.verifier_user,
            *self.copied_users.values(),
            *_given(self.metrics),
            self.last_look,
            *self.heartbeats,
            *self.monitoring,
            self.mirror_maker2,
            *self.exporter,
            *self.verification,
        )


class _Version:
    """Makes short versions of secret content that do not help to guess it.

    Keyed with the source user's own credential: who cannot read that cannot try passwords against a version.
    A source that asks for no login has none, so passwords then get no version, and the User Operator notices
    a new one in its next periodic reconciliation.
    """

    def __init__(self, estate: Estate) -> None:
        self.keyed = bool(estate.source.user_secret)
        self._key = _canonical(dict(estate.source.user_secret))

    def of(self, *manifests: Manifest) -> str:
        return hmac.new(self._key, _canonical(manifests), hashlib.sha256).hexdigest()[:16]


def _given(manifest: Manifest | None) -> tuple[Manifest, ...]:
    return () if manifest is None else (manifest,)


def _annotate(manifest: Manifest, version: str) -> None:
    manifest["metadata"]["annotations"][CREDENTIALS_VERSION] = version


def _marked(manifests: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
    for manifest in manifests:
        manifest["metadata"]["annotations"][DECLARED] = _digest(manifest)[:16]
    return manifests


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

"""The content of a KafkaMirrorMaker2, independent of the version of Strimzi's API.

`v1` and `v1beta2` have the same values in different fields; this module computes the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.estate import Estate
from manifests.strimzi import connectors, msk_iam, oauth, workers
from manifests.strimzi.login_keys import LoginKeys
from settings import profiles
from settings.filters import group_excludes, topic_excludes, topic_patterns
from settings.model import Settings, SourceAuthentication
from settings.names import Names

CA_KEYS = "*.crt"
"""The keys that are trusted in a Secret with the certificates of a CA."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """MM2's connection to one of the two clusters; both API versions have the same field names."""

    alias: str
    bootstrap_servers: str
    tls: Mapping[str, Any] | None
    """None for a connection without TLS. Without any key Java's public CAs are trusted."""
    authentication: Mapping[str, Any]
    """Empty for a connection without a login."""
    config: Mapping[str, str]
    """For the target: the configuration of the Connect workers. For the source: that of its clients."""

    def fields(self) -> dict[str, Any]:
        """Render the fields that both API versions share, without `config`."""
        return {
            "alias": self.alias,
            "bootstrapServers": self.bootstrap_servers,
            **({} if self.tls is None else {"tls": dict(self.tls)}),
            **({"authentication": dict(self.authentication)} if self.authentication else {}),
        }


@dataclass(frozen=True, slots=True)
class Connector:
    """One of MM2's connectors."""

    tasks_max: int
    state: str
    auto_restart: Mapping[str, Any]
    config: Mapping[str, str]

    def fields(self) -> dict[str, Any]:
        """Render the connector; both API versions have the same field names."""
        return {
            "tasksMax": self.tasks_max,
            "state": self.state,
            "autoRestart": dict(self.auto_restart),
            "config": dict(self.config),
        }


@dataclass(frozen=True, slots=True)
class Connect:
    """The names that the workers of one Connect cluster share; they must never change."""

    group_id: str
    configs_topic: str
    offsets_topic: str
    status_topic: str


@dataclass(frozen=True, slots=True)
class MirrorMaker2:
    """One mirror's KafkaMirrorMaker2."""

    source: Cluster
    target: Cluster
    connect: Connect
    source_connector: Connector
    checkpoint_connector: Connector
    patterns: Mapping[str, str]
    """`topicsPattern`, `topicsExcludePattern`, `groupsPattern`, `groupsExcludePattern`."""
    workers: Mapping[str, Any]
    """The fields of `spec` that configure the pods."""

    @classmethod
    def of(cls, settings: Settings, estate: Estate) -> MirrorMaker2:
        """Compute all values.

        Trusted certificates are always `pattern: "*.crt"`: during the renewal of a CA its Secret contains two
        certificates, and both must be trusted. Only for a public CA no certificate is named, and
        `secret_ref.ca_pattern` may name other keys.
        """
        names, mirror = Names.of(settings), settings.mirror
        return cls(
            source=Cluster(
                settings.source.alias,
                estate.source.bootstrap_servers,
                _source_trust(settings),
                _source_login(settings),
                connectors.source_client_config(settings),
            ),
            target=Cluster(
                settings.target.alias,
                estate.target.bootstrap_servers,
                {} if settings.target.public_ca else _trust(names.target_ca_secret),
                _login(settings.target.authentication, names.mirror_user, names.mirror_user, LoginKeys()),
                connectors.worker_config(settings),
            ),
            connect=Connect(names.group_id, names.configs_topic, names.offsets_topic, names.status_topic),
            source_connector=_connector(
                settings, profiles.tasks_max(settings), connectors.source_connector_config(settings)
            ),
            checkpoint_connector=_connector(
                settings, mirror.checkpoint_tasks_max, connectors.checkpoint_connector_config(settings)
            ),
            patterns={
                "topicsPattern": ",".join(topic_patterns(mirror)),
                "topicsExcludePattern": ",".join(topic_excludes(mirror)),
                "groupsPattern": ",".join(mirror.groups),
                "groupsExcludePattern": ",".join(group_excludes(mirror)),
            },
            workers=workers.fields(settings),
        )


def _connector(settings: Settings, tasks_max: int, config: Mapping[str, str]) -> Connector:
    return Connector(tasks_max, settings.mirror.connector_state, auto_restart(settings), config)


def auto_restart(settings: Settings) -> dict[str, Any]:
    """Render `autoRestart`. Without `maxRestarts` Strimzi restarts without limit."""
    most = settings.mirror.auto_restart_max
    if most is None:
        return {"enabled": True}
    return {"enabled": True, "maxRestarts": most} if most else {"enabled": False}


def _trust(secret: str, pattern: str = CA_KEYS) -> dict[str, Any]:
    return {"trustedCertificates": [{"secretName": secret, "pattern": pattern}]}


def _source_trust(settings: Settings) -> dict[str, Any] | None:
    source, referred = settings.source, settings.source.secret_ref
    if not source.encrypted:
        return None
    pattern = referred.trusted_keys if referred and referred.ca_secret else CA_KEYS
    return {} if source.trusts_public_cas else _trust(Names.of(settings).source_ca_secret, pattern)


def _source_login(settings: Settings) -> dict[str, Any]:
    source = settings.source
    if not source.logs_in:
        return {}
    if source.msk_iam is not None:
        return msk_iam.authentication(source.msk_iam)
    if source.oauth is not None:
        return oauth.authentication(settings, source.oauth)
    keys = LoginKeys.of_source(settings)
    return _login(source.authentication, source.user, Names.of(settings).source_user_secret, keys)


def _login(authentication: SourceAuthentication, user: str, secret: str, keys: LoginKeys) -> dict[str, Any]:
    if authentication == "tls":
        pair = {"secretName": secret, "certificate": keys.certificate, "key": keys.key}
        return {"type": "tls", "certificateAndKey": pair}
    return {
        "type": authentication,
        "username": user,
        "passwordSecret": {"secretName": secret, "password": keys.password},
    }

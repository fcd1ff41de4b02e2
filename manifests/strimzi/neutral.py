"""One KafkaMirrorMaker2, before it is decided in which generation of Strimzi's API it is written.

`v1` and `v1beta2` lay the same values out differently; all that is decided, is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.estate import Estate
from manifests.strimzi import connectors, workers
from settings import profiles
from settings.filters import group_excludes, topic_excludes, topic_patterns
from settings.model import Settings, SourceAuthentication
from settings.names import Names


@dataclass(frozen=True, slots=True)
class Cluster:
    """How MM2 reaches one of the two clusters; the fields are spelled alike in both generations."""

    alias: str
    bootstrap_servers: str
    tls: Mapping[str, Any]
    authentication: Mapping[str, Any]
    config: Mapping[str, str]
    """Of the target: the Connect workers' configuration. Of the source: its clients'."""

    def fields(self) -> dict[str, Any]:
        """Render what both generations have in common, without `config`."""
        return {
            "alias": self.alias,
            "bootstrapServers": self.bootstrap_servers,
            "tls": dict(self.tls),
            "authentication": dict(self.authentication),
        }


@dataclass(frozen=True, slots=True)
class Connector:
    """One of MM2's connectors."""

    tasks_max: int
    state: str
    auto_restart: Mapping[str, Any]
    config: Mapping[str, str]

    def fields(self) -> dict[str, Any]:
        """Render it; both generations spell it alike."""
        return {
            "tasksMax": self.tasks_max,
            "state": self.state,
            "autoRestart": dict(self.auto_restart),
            "config": dict(self.config),
        }


@dataclass(frozen=True, slots=True)
class Connect:
    """What makes the workers one Connect cluster; it must never change."""

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
    """`topicsPattern` and its kin."""
    workers: Mapping[str, Any]
    """Fields of `spec` about the pods."""

    @classmethod
    def of(cls, settings: Settings, estate: Estate) -> MirrorMaker2:
        """Decide everything.

        Trust is always by `pattern: "*.crt"`: while a CA is renewed its Secret holds two certificates, and
        both count. Only a source whose certificates come from a public CA names none.
        """
        names, mirror = Names.of(settings), settings.mirror
        credentials = settings.source.credentials
        public_ca = credentials is not None and credentials.public_ca
        return cls(
            source=Cluster(
                settings.source.alias,
                estate.source.bootstrap_servers,
                {} if public_ca else _trust(names.source_ca_secret),
                _login(settings.source.authentication, settings.source.user, names.source_user_secret),
                connectors.source_client_config(settings),
            ),
            target=Cluster(
                settings.target.alias,
                estate.target.bootstrap_servers,
                _trust(names.target_ca_secret),
                _login(settings.target.authentication, names.mirror_user, names.mirror_user),
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
    return Connector(tasks_max, settings.mirror.state, auto_restart(settings), config)


def auto_restart(settings: Settings) -> dict[str, Any]:
    """Render `autoRestart`. Strimzi restarts without end unless told otherwise."""
    most = settings.mirror.auto_restart_max
    if most is None:
        return {"enabled": True}
    return {"enabled": True, "maxRestarts": most} if most else {"enabled": False}


def _trust(secret: str) -> dict[str, Any]:
    return {"trustedCertificates": [{"secretName": secret, "pattern": "*.crt"}]}


def _login(authentication: SourceAuthentication, user: str, secret: str) -> dict[str, Any]:
    if authentication == "tls":
        return {
            "type": "tls",
            "certificateAndKey": {"secretName": secret, "certificate": "user.crt", "key": "user.key"},
        }
    return {
        "type": authentication,
        "username": user,
        "passwordSecret": {"secretName": secret, "password": "password"},
    }

"""The sections of a stack file from a KafkaMirrorMaker2: what has a setting becomes one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manifests.strimzi.deployed_flow import DEFAULT_POLICY, POLICIES
from manifests.strimzi.moved import moved_of
from manifests.strimzi.resource import (
    CHECKPOINT_CONNECTOR,
    CONNECT_DEFAULTS,
    SOURCE_CONNECTOR,
    MirrorFlow,
    MirrorMaker2Spec,
    read_mirror_maker2,
    split_list,
)
from mirror.importing.life import about_owner, recorded_owner, state_of
from mirror.importing.login import FILL_IN, source_login
from mirror.importing.mm2_properties import DEDICATED
from mirror.importing.workers import workers
from mirror.problems import CouldNotRun
from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPIC_CONFIGS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.model import MovedSettings
from settings.patterns import literal

Sections = dict[str, dict[str, Any]]
SOURCE_NUMBERS = {
    "refresh.topics.interval.seconds": "refresh_topics_interval_seconds",
    "sync.topic.configs.interval.seconds": "sync_topic_configs_interval_seconds",
    "offset.lag.max": "offset_lag_max",
    "replication.factor": "replication_factor",
}
CHECKPOINT_NUMBERS = {
    "refresh.groups.interval.seconds": "refresh_groups_interval_seconds",
    "sync.group.offsets.interval.seconds": "sync_group_offsets_interval_seconds",
    "emit.checkpoints.interval.seconds": "emit_checkpoints_interval_seconds",
}
_OWN_LOGINS = ("scram-sha-512", "tls")
_BOOTSTRAP = re.compile(
    r"(?P<cluster>[a-z0-9.-]+?)-kafka-bootstrap(\.(?P<namespace>[a-z0-9-]+))?[^,]*:(?P<port>\d+)"
)


@dataclass(slots=True)
class Where:
    """The target as the command line names it; empty texts for what it does not name."""

    cluster: str = ""
    namespace: str = ""
    listener: str = ""


@dataclass(slots=True)
class Sketch:
    """The sections of a stack file, and what a person has to do before it can be deployed."""

    sections: Sections
    todo: list[str] = field(default_factory=list)


def sketch(resource: Mapping[str, Any], where: Where) -> Sketch:
    """Return the sections for a resource with one mirror. Raises CouldNotRun."""
    spec = read_mirror_maker2(resource)
    (flow,) = spec.mirrors
    metadata = resource.get("metadata") or {}
    todo = [*about_owner(metadata)]
    deployed = DEDICATED not in (metadata.get("annotations") or {})
    sections: Sections = {
        "source": _source(flow, metadata, todo),
        "target": _target(spec, str(metadata.get("namespace") or ""), where, todo),
        "mirror": _mirror(metadata, spec, flow, moved_of(resource), deployed=deployed),
        "workers": workers(spec.pods),
    }
    return Sketch({name: section for name, section in sections.items() if section}, todo)


def connect_names(spec: MirrorMaker2Spec) -> dict[str, str]:
    """Return Connect's group and topics, with Strimzi's defaults."""
    return {key: str(spec.connect.get(key) or default) for key, default in CONNECT_DEFAULTS.items()}


def _source(flow: MirrorFlow, metadata: Mapping[str, Any], todo: list[str]) -> dict[str, Any]:
    given = flow.connection
    name, namespace = str(metadata.get("name")), str(metadata.get("namespace") or "")
    login = source_login(given, name, namespace, todo)
    section: dict[str, Any] = {
        "alias": flow.alias,
        "bootstrap_servers": str(given.get("bootstrapServers") or ""),
        "user": login.user,
        "authentication": login.authentication,
        "credentials": {},
    }
    if login.oauth is not None:
        section["oauth"] = login.oauth
    if login.msk_iam is not None:
        section["msk_iam"] = login.msk_iam
    if given.get("tls") is None and login.goes_without_tls:
        section["encryption"] = "none"
        section["credentials"] = {"secret_ref": login.reference} if login.reference else {}
    elif given.get("tls") is not None and not login.reference:
        section["credentials"] = _trust_alone(given, todo)
    else:
        section["credentials"] = _trust(given, flow.alias, login.reference, todo)
    return {key: value for key, value in section.items() if key != "credentials" or value}


def _trust_alone(given: Mapping[str, Any], todo: list[str]) -> dict[str, Any]:
    """Return the trust where no Secret has a credential."""
    if "trustedCertificates" not in given["tls"]:
        return {"public_ca": True}
    secrets = [str(one.get("secretName")) for one in given["tls"]["trustedCertificates"]]
    todo.append(f"source.credentials.ca: the PEM certificates of Secret {', '.join(secrets) or FILL_IN}")
    return {"ca": FILL_IN}


def _trust(
    given: Mapping[str, Any], alias: str, reference: dict[str, Any], todo: list[str]
) -> dict[str, Any]:
    tls = given.get("tls")
    if tls is not None and "trustedCertificates" not in tls:
        return {"secret_ref": reference, "public_ca": True}
    trusted = (tls or {}).get("trustedCertificates") or []
    if not trusted:
        what = "source.credentials"
        if tls is None:
            what = "source.bootstrap_servers: use a listener with TLS, which this login needs"
        todo.append(
            f"{what}; secret_ref.ca_secret: a Secret of the target's namespace with the CA of its brokers"
        )
        return {"secret_ref": {**reference, "ca_secret": f"{alias.lower()}-{FILL_IN}-ca"}}
    first = trusted[0]
    secret, pattern = (
        str(first.get("secretName")),
        str(first.get("pattern") or first.get("certificate") or ""),
    )
    default = "ca.crt" if secret == reference["name"] else "*.crt"
    chosen = {"ca_pattern": pattern} if pattern and pattern != default else {}
    return {"secret_ref": {**reference, "ca_secret": secret, **chosen}}


def _target(spec: MirrorMaker2Spec, namespace: str, where: Where, todo: list[str]) -> dict[str, Any]:
    given = spec.target
    alias = str(given.get("alias") or "")
    found = _BOOTSTRAP.match(str(given.get("bootstrapServers") or ""))
    cluster = where.cluster or (found["cluster"] if found else "")
    here = where.namespace or (found["namespace"] if found else None) or namespace
    listener = where.listener or ("tls" if found and found["port"] == "9093" else "")
    for key, value in (("cluster", cluster), ("namespace", here), ("listener", listener)):
        if not value:
            todo.append(f"target.{key}: the resource does not name it (--target-{key})")
    section: dict[str, Any] = {
        "alias": alias,
        "cluster": cluster or FILL_IN,
        "namespace": here or FILL_IN,
        "listener": listener or "tls",
    }
    kind = (given.get("authentication") or {}).get("type")
    if kind in _OWN_LOGINS:
        section["authentication"] = kind
    tls = given.get("tls")
    trusted = (tls or {}).get("trustedCertificates") or []
    if tls is not None and "trustedCertificates" not in tls:
        section["public_ca"] = True
    elif trusted and trusted[0].get("secretName") != f"{section['cluster']}-cluster-ca-cert":
        section["ca_secret"] = str(trusted[0].get("secretName"))
    return section


def _mirror(
    metadata: Mapping[str, Any],
    spec: MirrorMaker2Spec,
    flow: MirrorFlow,
    moved: MovedSettings,
    *,
    deployed: bool,
) -> dict[str, Any]:
    source, checkpoint = flow.config(SOURCE_CONNECTOR), flow.config(CHECKPOINT_CONNECTOR)
    # The source connector names the copies; where it sets nothing, MM2's default counts.
    names = checkpoint if SOURCE_CONNECTOR in flow.undeclared else source
    section: dict[str, Any] = {
        "name": str(metadata.get("name")),
        "topics": list(flow.pattern_list("topicsPattern", (".*",))),
        "topics_exclude": _without(
            flow.pattern_list("topicsExcludePattern"), (*TOPICS_EXCLUDE_DEFAULT, *map(literal, moved.topics))
        ),
        "groups": list(flow.pattern_list("groupsPattern", (".*",))),
        "groups_exclude": _without(
            flow.pattern_list("groupsExcludePattern"), (*GROUPS_EXCLUDE_DEFAULT, *map(literal, moved.groups))
        ),
        "replication_policy": _policy(names),
        "replication_policy_separator": str(names.get("replication.policy.separator", ".")),
        "offset_syncs_topic_location": str(names.get("offset-syncs.topic.location", "source")),
        "exactly_once": str(spec.worker.get("exactly.once.source.support", "")).lower() == "enabled",
        "tasks_max": flow.connectors[SOURCE_CONNECTOR].get("tasksMax") or 1,
        "checkpoint_tasks_max": flow.connectors[CHECKPOINT_CONNECTOR].get("tasksMax") or 1,
        "topic_configs_exclude": _without(
            split_list(source.get("config.properties.exclude")), TOPIC_CONFIGS_EXCLUDE_DEFAULT
        ),
        **_numbers(source, SOURCE_NUMBERS),
        **_numbers(checkpoint, CHECKPOINT_NUMBERS),
        **state_of(metadata, spec, flow),
    }
    if moved:
        section["moved"] = {"topics": list(moved.topics), "groups": list(moved.groups)}
    restart = flow.connectors[SOURCE_CONNECTOR].get("autoRestart")
    if restart is not None and restart.get("enabled") is False:
        section["auto_restart_max"] = 0
    elif restart is not None and restart.get("maxRestarts") is not None:
        section["auto_restart_max"] = restart["maxRestarts"]
    if deployed:
        names = connect_names(spec)
        keys = ("group_id", "configs_topic", "offsets_topic", "status_topic")
        section |= dict(zip(keys, names.values(), strict=True))
        section |= {"leftovers": "adopt", "take_over": recorded_owner(metadata)}
    defaults = {
        "topics_exclude": [], "groups": [".*"], "groups_exclude": [], "replication_policy_separator": ".",
        "topic_configs_exclude": [], "checkpoint_tasks_max": 1,
    }  # fmt: skip
    return {key: value for key, value in section.items() if defaults.get(key) != value}


def _without(given: tuple[str, ...], defaults: tuple[str, ...]) -> list[str]:
    return [one for one in dict.fromkeys(given) if one not in defaults]


def _policy(config: Mapping[str, Any]) -> str:
    given = str(config.get("replication.policy.class", DEFAULT_POLICY))
    if given not in POLICIES:
        happened = f"replication.policy.class {given} names topics in a way that region-mirror does not know"
        way_out = "import is not possible: with another policy MM2 would copy every record into other topics"
        raise CouldNotRun("importing the replication policy", happened, way_out)
    return POLICIES[given]


def _numbers(config: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, int]:
    """Return the settings of the numbers that a configuration has; others are reported as differences."""
    found = {}
    for key, setting in settings.items():
        text = str(config.get(key, "")).strip()
        if re.fullmatch(r"-?\d+", text):
            found[setting] = int(text)
    return found

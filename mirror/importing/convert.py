"""Converts a KafkaMirrorMaker2 into a stack file, and renders it back to name every difference. Pure.

The rules for settings are those of `settings`: a value that they refuse is left out of the stack file, and
the rule becomes the reason of a difference.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from manifests.estate import Estate, SourceEstate, StrimziApi, TargetEstate
from manifests.strimzi.mirror_maker2 import mirror_maker2
from manifests.strimzi.resource import (
    CHECKPOINT_CONNECTOR,
    CONNECT_PROPERTIES,
    CONNECTOR_FIELDS,
    PATTERNS,
    SOURCE_CONNECTOR,
    MirrorMaker2Spec,
    read_mirror_maker2,
    split_list,
)
from mirror.importing.differences import differences
from mirror.importing.imported import Imported
from mirror.importing.mm2_properties import DEDICATED
from mirror.importing.reasons import Dropped
from mirror.importing.sections import Sections, Where, connect_names, sketch
from mirror.importing.unread import unread
from mirror.problems import CouldNotRun
from settings.load import load
from settings.model import Settings
from settings.problems import Problem, SettingsError
from settings.profiles import ConfigOwner, kafka_default, read_by_another

_OWNERS: dict[str, ConfigOwner] = {
    "source_connector": "source",
    "checkpoint_connector": "checkpoint",
    "worker": "worker",
}
_CONFIG = "mirror.config."
_WITH_A_SETTING = frozenset({"config.properties.exclude"})
"""Properties that became a setting, and are rendered with more than the mirror has."""
_KEPT = frozenset({"name", "topics", "topics_exclude", "groups", "groups_exclude", "replication_policy"})
"""Settings of `mirror` that are never left out: another value would mirror something else."""
_SEPARATOR = "replication_policy_separator"
"""With policy `default`, part of the name of every copy: another one would copy every record again."""


def convert(resource: Mapping[str, Any], where: Where, origin: str) -> Imported:
    """Convert a resource with one mirror. `origin`: where it comes from, for people. Raises CouldNotRun."""
    theirs = normalized(resource)
    made = sketch(theirs, where)
    sections, dropped = made.sections, dict[str, Dropped]()
    settings = _loaded(sections, dropped)
    config = _raw(read_mirror_maker2(theirs), _rendered_spec(settings, theirs))
    if config:
        sections["mirror"]["config"] = config
        settings = _loaded(sections, dropped)
    sections["mirror"].pop("config", None)
    if kept := {section: given for section, given in config.items() if given}:
        sections["mirror"]["config"] = kept
    found = differences(settings, theirs, rendered(settings, theirs), dropped)
    return Imported(settings.mirror.name, origin, sections, (*unread(resource), *found), tuple(made.todo))


def rendered(settings: Settings, theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Render the settings for the clusters of the resource."""
    spec = read_mirror_maker2(theirs)
    api: StrimziApi = "v1" if str(theirs.get("apiVersion", "")).endswith("/v1") else "v1beta2"
    source = SourceEstate(settings.source.bootstrap_servers or "", {"ca.crt": ""}, {"password": ""})
    target = TargetEstate(str(spec.target.get("bootstrapServers") or ""), {}, api)
    return mirror_maker2(settings, Estate(source, target))


def normalized(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource with the newer one of two spellings that mean the same, and with Strimzi's defaults
    for Connect's names.
    """
    found: dict[str, Any] = copy.deepcopy(dict(resource))
    spec = found.get("spec") or {}
    for mirror in spec.get("mirrors") or []:
        _normalize_mirror(mirror)
    names = connect_names(read_mirror_maker2(resource))
    for cluster in spec.get("clusters") or []:
        if cluster.get("alias") == spec.get("connectCluster"):
            properties = (CONNECT_PROPERTIES[key] for key in names)
            cluster["config"] = {
                **(cluster.get("config") or {}),
                **dict(zip(properties, names.values(), strict=True)),
            }
    clusters = [spec.get("target"), *(one.get("source") for one in spec.get("mirrors") or [])]
    deployed = DEDICATED not in ((found.get("metadata") or {}).get("annotations") or {})
    for cluster in (*clusters, *(spec.get("clusters") or [])):
        tls = (cluster or {}).get("tls") or {}
        for trusted in tls.get("trustedCertificates") or []:
            if "certificate" in trusted:
                trusted["pattern"] = trusted.pop("certificate")
        # Strimzi documents an empty list for the public CAs that Java brings; that of dedicated mode stands
        # for a truststore.
        if deployed and not tls.get("trustedCertificates"):
            tls.pop("trustedCertificates", None)
    return found


def _normalize_mirror(mirror: dict[str, Any]) -> None:
    for kind in ("topics", "groups"):
        former = mirror.pop(f"{kind}BlacklistPattern", None)
        if former is not None:
            mirror.setdefault(f"{kind}ExcludePattern", former)
    for pattern in PATTERNS:
        if pattern in mirror:
            mirror[pattern] = ",".join(split_list(mirror[pattern]))
    for field in CONNECTOR_FIELDS.values():
        connector = mirror.get(field) or {}
        if connector.pop("pause", None):
            connector.setdefault("state", "paused")


def _rendered_spec(settings: Settings, theirs: Mapping[str, Any]) -> MirrorMaker2Spec:
    return read_mirror_maker2(rendered(settings, theirs))


def _raw(theirs: MirrorMaker2Spec, ours: MirrorMaker2Spec) -> dict[str, dict[str, str]]:
    """Return the properties that are not rendered alike, by section of `mirror.config`. A value that is
    Kafka's default is left out where nothing else is rendered.
    """
    (flow,), (own,) = theirs.mirrors, ours.mirrors
    sections = {
        "source_connector": (flow.config(SOURCE_CONNECTOR), own.config(SOURCE_CONNECTOR)),
        "checkpoint_connector": (flow.config(CHECKPOINT_CONNECTOR), own.config(CHECKPOINT_CONNECTOR)),
        "worker": (theirs.worker, ours.worker),
        "source_client": (flow.clients, own.clients),
    }
    found: dict[str, dict[str, str]] = {}
    for section, (given, base) in sections.items():
        for key, value in sorted(given.items()):
            text = _text(value)
            owner = _OWNERS.get(section)
            if owner and read_by_another(owner, key):
                continue  # it has no effect here: `differences` names it
            default = kafka_default(owner, key) if owner else None
            if key not in _WITH_A_SETTING and text != _text(base.get(key, default)):
                found.setdefault(section, {})[key] = text
    return found


def _loaded(sections: Sections, dropped: dict[str, Dropped]) -> Settings:
    """Load the sections, without the settings that a rule refuses. Those are added to `dropped`."""
    while True:
        try:
            return load(sections)
        except SettingsError as error:
            refused = [problem for problem in error.problems if _drop(sections, problem, dropped)]
            if not refused:
                happened = f"its stack file would not be valid: {error}"
                way_out = "change the resource first, or write the stack file by hand (docs/import.md)"
                raise CouldNotRun("importing the mirror", happened, way_out) from None


def _drop(sections: Sections, problem: Problem, dropped: dict[str, Dropped]) -> bool:
    """Leave out the setting of a problem. False where it must not be left out."""
    path, why = problem.path, f"{problem.rule}. {problem.remedy}"
    if path.startswith(_CONFIG):
        section, _, key = path.removeprefix(_CONFIG).partition(".")
        given: dict[str, str] = sections["mirror"].get("config", {}).get(section, {})
        if key in given:
            dropped[path] = Dropped(given.pop(key), why)
            return True
        return False
    section, _, rest = path.partition(".")
    key = rest.split(".")[0].split("[")[0]
    kept = key in _KEPT or (key == _SEPARATOR and sections["mirror"]["replication_policy"] == "default")
    if section not in ("mirror", "workers") or kept or key not in sections.get(section, {}):
        return False
    dropped[f"{section}.{key}"] = Dropped(str(sections[section].pop(key)), why)
    return True


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

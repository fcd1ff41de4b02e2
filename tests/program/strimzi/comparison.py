"""Compares two KafkaMirrorMaker2 by what they mean: property by property, names replaced by their roles, what
is left out filled with Kafka's own default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from manifests.estate import Estate
from manifests.strimzi.mirror_maker2 import mirror_maker2
from settings.load import load_stack
from settings.model import Settings
from settings.profiles import ConfigOwner, kafka_default
from settings.stack_file import parse_stack_file
from tests.program.sample import estate
from tests.program.strimzi.cases import Case

ABSENT = ""
_CONFIGS: dict[str, ConfigOwner] = {
    "target.config.": "worker",
    "sourceConnector.config.": "source",
    "checkpointConnector.config.": "checkpoint",
}
_PATTERNS = {
    "topicsPattern": "topics",
    "topicsExcludePattern": "topics.exclude",
    "groupsPattern": "groups",
    "groupsExcludePattern": "groups.exclude",
}
_NAME_IN_EXAMPLES = "my-mirror-maker-2"
_SOURCE_CONNECTOR = "sourceConnector."


@dataclass(frozen=True, order=True)
class Difference:
    """One property that differs; a side without it shows what Kafka does then, or nothing."""

    path: str
    theirs: str
    ours: str


def differences(case: Case) -> tuple[tuple[Difference, ...], ...]:
    """Return what differs, for each mirror of the case."""
    theirs = [dict(spec, mirrors=[mirror]) for spec in case.examples for mirror in spec["mirrors"]]
    mirrors = list(load_stack(parse_stack_file(case.stack)))
    assert len(mirrors) == len(theirs), case.title
    return tuple(_of(example, settings) for example, settings in zip(theirs, mirrors, strict=True))


def _of(example: dict[str, Any], settings: Settings) -> tuple[Difference, ...]:
    ours = mirror_maker2(settings, _estate(settings))["spec"]
    (source,) = (mirror["source"]["alias"] for mirror in ours["mirrors"])
    roles = {source: "<source>", ours["target"]["alias"]: "<target>"}
    left = _properties(example, {_NAME_IN_EXAMPLES: "<mirror>", **roles})
    right = _properties(ours, {settings.mirror.name: "<mirror>", _NAME_IN_EXAMPLES: "<mirror>", **roles})
    found = []
    if not any(path.startswith(_SOURCE_CONNECTOR) for path in left):
        right = {path: value for path, value in right.items() if not path.startswith(_SOURCE_CONNECTOR)}
        found.append(Difference("sourceConnector", ABSENT, "as in the other cases"))
    for path in sorted(set(left) | set(right)):
        default = _default(path) or ABSENT
        one, other = left.get(path, default), right.get(path, default)
        if one != other:
            kafkas = path not in left and default
            found.append(Difference(path, f"Kafka's {default}" if kafkas else one, other))
    return tuple(found)


def _estate(settings: Settings) -> Estate:
    """The clusters of Strimzi's examples, on their TLS listeners."""
    found = estate(settings, bootstrap_servers=f"{settings.source.alias}-kafka-bootstrap:9093")
    target = replace(found.target, bootstrap_servers=f"{settings.target.alias}-kafka-bootstrap:9093")
    return replace(found, target=target)


def _default(path: str) -> str | None:
    for prefix, where in _CONFIGS.items():
        if path.startswith(prefix):
            return kafka_default(where, path.removeprefix(prefix))
    if path in _PATTERNS:
        where = "checkpoint" if path.startswith("groups") else "source"
        return kafka_default(where, _PATTERNS[path])
    return {"sourceConnector.state": "running", "checkpointConnector.state": "running"}.get(path)


def _properties(spec: dict[str, Any], roles: dict[str, str]) -> dict[str, str]:
    (mirror,) = spec["mirrors"]
    flat = {key: value for key, value in spec.items() if key != "mirrors"} | mirror
    found = {}
    for path, value in _leaves("", flat):
        text = value
        for name, role in sorted(roles.items(), key=lambda pair: -len(pair[0])):
            text = re.sub(rf"(?<![a-z0-9]){name}(?![a-z0-9])", role, text)
        found[path] = text
    return found


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if path.endswith(".tls"):
        yield path, ", ".join(f"{c['pattern']} of {c['secretName']}" for c in value["trustedCertificates"])
    elif path.endswith(".authentication"):
        secret = (value.get("certificateAndKey") or value.get("passwordSecret"))["secretName"]
        yield path, f"{value['type']}, Secret {secret}"
    elif path == "logging":
        kinds = [text for key, text in value["loggers"].items() if key.endswith(".type")]
        yield (
            path,
            f"{value['type']}, {', '.join(kinds)} on {value['loggers']['logger.mirrorsourcetask.name']}",
        )
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, part)
    else:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)

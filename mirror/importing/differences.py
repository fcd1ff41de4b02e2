"""The differences between an existing KafkaMirrorMaker2 and the one that its stack file renders. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from manifests.strimzi.resource import (
    CONNECTOR_FIELDS,
    ConnectorName,
    MirrorFlow,
    MirrorMaker2Spec,
    read_mirror_maker2,
)
from mirror.importing.oauth import oauth_login
from mirror.importing.reasons import OWNERS, SEPARATOR, Dropped, reason_of, why_other
from mirror.importing.sections import CHECKPOINT_NUMBERS, SOURCE_NUMBERS
from mirror.plan.differences import OTHERS, shown_value, spec_differences
from mirror.plan.explain.rows import explain_mirror
from mirror.plan.planned import PropertyChange
from settings.model import Settings
from settings.profiles import ConfigOwner, kafka_default

Kind = Literal["not kept", "changed", "added"]
"""Not kept: the mirror has it and the stack file does not. Changed: both have it. Added: it has Kafka's or
Strimzi's default in the mirror, and another value in the stack file.
"""
_PATHS = {"workers": "worker", "source connector": "source_connector", "source clients": "source_client"} | {
    "checkpoint connector": "checkpoint_connector"
}
_SETTINGS = {("source connector", key): setting for key, setting in SOURCE_NUMBERS.items()} | {
    ("checkpoint connector", key): setting for key, setting in CHECKPOINT_NUMBERS.items()
}
_SETTINGS |= dict.fromkeys(
    (("source connector", SEPARATOR), ("checkpoint connector", SEPARATOR)), "replication_policy_separator"
)
_OF_PODS = {"jvmOptions": "jvm_options", "logging": "loggers"}
_PATTERNS: dict[str, tuple[ConfigOwner, str]] = {
    "topicsPattern": ("source", "topics"),
    "topicsExcludePattern": ("source", "topics.exclude"),
    "groupsPattern": ("checkpoint", "groups"),
    "groupsExcludePattern": ("checkpoint", "groups.exclude"),
}
_OAUTH_FORM = (
    "Strimzi 1.0 removed the type oauth, and Kafka's own login needs no library. It asks the same endpoint "
    "for the same client and scope"
)
_OAUTH_FIELD = "source.oauth has no setting for it"
_NOT_DECLARED = {
    "source connector": "the resource has no source connector, so it copies no record; the stack file's does",
    "checkpoint connector": "the resource translates no offsets of groups; the stack file's mirror does",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or property. `theirs` is None where the mirror does not set it, `ours` where the stack file
    does not.
    """

    kind: Kind
    where: str
    key: str
    theirs: str | None
    ours: str | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def differences(
    settings: Settings, theirs: Mapping[str, Any], ours: Mapping[str, Any], dropped: Mapping[str, Dropped]
) -> Iterator[Difference]:
    """Compare two resources with one mirror each, field by field. Secrets are not shown."""
    reasons: dict[tuple[str, str], str] = {
        (row.section, row.key): row.reason for row in explain_mirror(settings).rows
    }
    left, right = read_mirror_maker2(theirs), read_mirror_maker2(ours)
    (flow,) = left.mirrors
    yield from _logins(flow, right.mirrors[0])
    left, right = _comparable(left), _comparable(right)
    yield from (_undeclared(name) for name in sorted(flow.undeclared))
    told = set[str]()
    for one in spec_differences(left, right):
        change = one.change
        if change.where in (*flow.undeclared, OTHERS) or _same_by_default(change, settings):
            continue  # `unread` names the other fields
        # A setting says more of its value than the rule that refuses the property beside it.
        paths = _setting(change), f"mirror.config.{_PATHS.get(change.where)}.{change.key}"
        told |= {*paths}
        refused = next((dropped[path] for path in paths if path in dropped), None)
        yield _difference(change, why_other(change, refused) or reasons.get((change.where, change.key)))
    yield from _states(flow.connectors, settings)
    for path, one_dropped in dropped.items():
        if path not in told:
            section, key = _where(path)
            value = shown_value(key, one_dropped.value)
            yield Difference("not kept", section, key, value, None, one_dropped.why)


def _logins(flow: MirrorFlow, own: MirrorFlow) -> Iterator[Difference]:
    """Name the form of an OAuth login, and its fields that have no counterpart."""
    theirs, ours = (oauth_login(one.connection.get("authentication") or {}) for one in (flow, own))
    if theirs is None:
        return
    form = None if ours is None else ours.form
    if theirs.form != form:
        yield Difference("changed", "source", "authentication", theirs.form, form, _OAUTH_FORM)
    for key, value in sorted(theirs.unused.items()):
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        shown = shown_value(key, text)
        yield Difference("not kept", "source", f"authentication.{key}", shown, None, _OAUTH_FIELD)


def _comparable(spec: MirrorMaker2Spec) -> MirrorMaker2Spec:
    """Replace an OAuth login by what it means, so that its forms can be compared."""
    (flow,) = spec.mirrors
    login = oauth_login(flow.connection.get("authentication") or {})
    if login is None:
        return spec
    connection = {**flow.connection, "authentication": login.comparable}
    return replace(spec, mirrors=(replace(flow, connection=connection),))


def _setting(change: PropertyChange) -> str:
    """Return the setting of a property or of a field about the pods."""
    if change.where == "pods":
        field = change.key.split(".")[0]
        return f"workers.{_OF_PODS.get(field, field)}"
    return f"mirror.{_SETTINGS.get((change.where, change.key))}"


def _difference(change: PropertyChange, why: str | None) -> Difference:
    kind: Kind = "changed"
    if change.before is None:
        kind = "added"
    elif change.after is None:
        kind = "not kept"
    return Difference(kind, change.where, change.key, change.before, change.after, why or reason_of(change))


def _same_by_default(change: PropertyChange, settings: Settings) -> bool:
    """Whether the side that does not set the property has Kafka's or Strimzi's default for it."""
    if change.before is not None and change.after is not None:
        return False  # both differ, though their beginnings, which are shown, may be equal
    default = None
    if change.where in OWNERS:
        owner = OWNERS[change.where]
        default = kafka_default(owner, change.key, exactly_once=settings.mirror.exactly_once)
        default = {"tasksMax": "1"}.get(change.key, default)
    elif change.where == "patterns":
        default = kafka_default(*_PATTERNS[change.key])
    elif (change.where, change.key) == ("pods", "replicas"):
        default = "3"
    return default is not None and default in (change.before, change.after)


def _undeclared(name: ConnectorName) -> Difference:
    return Difference("added", name, CONNECTOR_FIELDS[name], None, "declared", _NOT_DECLARED[name])


def _states(
    connectors: Mapping[ConnectorName, Mapping[str, Any]], settings: Settings
) -> Iterator[Difference]:
    """Name a connector's state that is not the one of the stack file, which has one for both."""
    ours = settings.mirror.connector_state
    for name, connector in connectors.items():
        theirs = str(connector.get("state") or "running")
        if theirs != ours:
            why = "mirror.state is for both connectors"
            yield Difference("changed", name, "state", theirs, ours, why)


def _where(path: str) -> tuple[str, str]:
    for where, section in _PATHS.items():
        beginning = f"mirror.config.{section}."
        if path.startswith(beginning):
            return where, path.removeprefix(beginning)
    section, _, key = path.partition(".")
    return section, key

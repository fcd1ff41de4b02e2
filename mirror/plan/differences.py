"""Differences between two KafkaMirrorMaker2, with the restart that Strimzi makes for each. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec
from mirror.plan.planned import PropertyChange, Restart
from mirror.text.numbers import whole_number
from settings.model.secret import contains_secret, is_secret_pair, looks_secret

_ALSO_HIDDEN = re.compile("keystore|private", re.IGNORECASE)
_NAMES_ONLY = frozenset({"secretName", "passwordSecret", "certificateAndKey", "trustedCertificates"})
"""Fields that look secret but hold only names of Secrets and of their keys."""
HIDDEN = "(hidden)"
_SHOWN = 80  # characters of a value
OTHERS = "mirror"
"""Where the fields are that region-mirror does not declare, such as `heartbeatConnector`."""
_ENCRYPTION = {True: "tls", False: "none"}
"""The values of `source.encryption`."""

_QUIET_PODS = frozenset({"replicas", "logging"})
"""`spec` fields that restart nothing: running pods reload log4j2.properties, and only the workers' properties
are part of the pods' hash (KafkaMirrorMaker2AssemblyOperator).
"""
_QUIET_TEMPLATE = frozenset({"podDisruptionBudget"})


@dataclass(frozen=True, slots=True)
class SpecDifference:
    """One changed value, and the restart that Strimzi makes for it."""

    change: PropertyChange
    restart: Restart


def spec_differences(old: MirrorMaker2Spec, new: MirrorMaker2Spec) -> Iterator[SpecDifference]:
    """Compare everything except the connectors' state, in a fixed order.

    Changes that roll the pods (Strimzi 1.2.0): their template, resources, JVM, version, image; the workers'
    properties (`strimzi.io/configuration-hash`: all of `target`); credentials and trust of every cluster
    (`strimzi.io/auth-hash`); and an added or removed source (`KAFKA_MIRRORMAKER_2_CLUSTERS`). Any other
    change of a connector is a PUT of its configuration: Connect restarts the connector and its tasks.
    """
    for key, before, after in _flat(old.pods, new.pods):
        yield _difference("pods", key, before, after, _rolls(key))
    yield from _encryption("target", old.target, new.target, "pods")
    for key, before, after in _flat(old.target, new.target):
        yield _difference("target", key, before, after, "pods")
    for key, before, after in _flat(old.connect, new.connect):
        yield _difference("Connect", key, before, after, "pods")
    for key, before, after in _pairs(old.worker, new.worker):
        yield _difference("workers", key, before, after, "pods")
    for alias in sorted({*old.flows, *new.flows}):
        yield from _flow(alias, old.flows.get(alias), new.flows.get(alias))


def heartbeat_differences(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[PropertyChange]:
    """Compare the resources that write heartbeats, by `<kind> <name>`; they never restart the mirror."""
    for name in sorted({*old, *new}):
        if name not in old:
            yield PropertyChange("heartbeats", name, None, "declared")
        elif name not in new:
            yield PropertyChange("heartbeats", name, "deployed", None)
        else:
            there, wanted = old[name].get("spec") or {}, new[name].get("spec") or {}
            for key, before, after in _flat(there, wanted):
                yield PropertyChange(
                    "heartbeats", f"{name} {key}", shown_value(key, before), shown_value(key, after)
                )


def _flow(alias: str, old: MirrorFlow | None, new: MirrorFlow | None) -> Iterator[SpecDifference]:
    if old is None or new is None:
        before, after = (None, "mirrored") if old is None else ("mirrored", None)
        yield _difference("source", alias, before, after, "pods")
        return
    yield from _encryption("source", old.connection, new.connection, "connectors")
    for key, before, after in _flat(old.connection, new.connection):
        restart: Restart = "pods" if key.startswith(("tls", "authentication")) else "connectors"
        yield _difference("source", key, before, after, restart)
    for key, before, after in _pairs(old.clients, new.clients):
        yield _difference("source clients", key, before, after, "connectors")
    for key, before, after in _pairs(old.patterns, new.patterns):
        yield _difference("patterns", key, before, after, "connectors")
    for name in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR):
        one, other = old.connectors[name], new.connectors[name]
        for key, before, after in _pairs(old.config(name), new.config(name)):
            yield _difference(name, key, before, after, "connectors")
        for key, before, after in _flat(_rest(one), _rest(other)):
            restart = "nothing" if key.startswith("autoRestart") else "connectors"
            yield _difference(name, key, before, after, restart)
    # A list of `mirrors` has one owner: what the stack file does not have is removed with the rest.
    for key in sorted({*old.others, *new.others}):
        before, after = old.others.get(key), new.others.get(key)
        if before != after:
            yield _difference(OTHERS, key, before, after, "nothing")


def _encryption(
    where: str, old: Mapping[str, Any], new: Mapping[str, Any], restart: Restart
) -> Iterator[SpecDifference]:
    """Compare whether there is TLS. `tls: {}` is TLS and no `tls` is none: `_flat` sees no difference."""
    before, after = (_ENCRYPTION[one.get("tls") is not None] for one in (old, new))
    if (old and new) and before != after:
        yield _difference(where, "encryption", before, after, restart)


def _rest(connector: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in connector.items() if key not in ("config", "state")}


def _rolls(key: str) -> Restart:
    first, _, rest = key.partition(".")
    quiet = first in _QUIET_PODS or (first == "template" and rest.split(".")[0] in _QUIET_TEMPLATE)
    return "nothing" if quiet else "pods"


def _difference(where: str, key: str, before: Any, after: Any, restart: Restart) -> SpecDifference:
    return SpecDifference(
        PropertyChange(where, key, shown_value(key, before), shown_value(key, after)), restart
    )


def shown_value(key: str, value: Any) -> str | None:
    """Return a value for display: at most 80 characters, and `(hidden)` if key or value may hold a secret."""
    if value is None:
        return None
    last = key.rsplit(".", 1)[-1]
    named = any(part in _NAMES_ONLY for part in key.split("."))
    if (looks_secret(key) or _ALSO_HIDDEN.search(key)) and not named and last != "type":
        return HIDDEN
    if _holds_secret(_structure(value)):
        return HIDDEN
    text = value if isinstance(value, str) else json.dumps(whole_number(value), sort_keys=True)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _holds_secret(value: Any) -> bool:
    """Tell whether a text, or a text in a list or mapping, is likely secret. Unlike `contains_secret`, this
    does not count the names of Secrets, which a plan shows.
    """
    if isinstance(value, Mapping):
        return is_secret_pair(value) or any(
            (looks_secret(key) and isinstance(part, str) and key not in _NAMES_ONLY) or _holds_secret(part)
            for key, part in value.items()
        )
    if isinstance(value, list | tuple):
        return any(_holds_secret(part) for part in value)
    return contains_secret(value)


def _structure(value: Any) -> Any:
    """Return the list or mapping of which a text is the JSON; any other value as it is."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Compare two flat mappings as text: Kubernetes keeps numbers, and to Kafka 1 and "1" are equal."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if _text(before) != _text(after):
            yield key, before, after


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(whole_number(value))


def _flat(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Compare nested mappings key by key; a list is one value."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        numbers = any(isinstance(one, int | float) for one in (before, after))  # 0 and false are values
        if before == after or (not before and not after and not numbers):
            continue
        here = f"{path}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _flat(before, after, f"{here}.")
        elif isinstance(before, Mapping) and after is None:
            yield from _flat(before, {}, f"{here}.")
        elif isinstance(after, Mapping) and before is None:
            yield from _flat({}, after, f"{here}.")
        else:
            yield here, before, after

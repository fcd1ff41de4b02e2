"""Reads the KafkaUsers to copy, and their Secrets, from the source's Kubernetes in few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mirror.clients.kubernetes import Kubernetes
from mirror.estate.fenced_user import spec_without_fence
from mirror.estate.findings import Notes
from mirror.estate.origin import Content, SourceUser, labels_of, named
from mirror.problems import CouldNotRead
from settings.model import Settings

FEW = 20
"""Up to so many KafkaUsers are read one by one, which needs only permissions for single names. More are
listed, where listing is permitted. KafkaUsers contain no credential."""
_AT_ONCE = 16
T = TypeVar("T")


def read_users(side: Kubernetes, settings: Settings, notes: Notes) -> list[SourceUser]:
    """The users of `users.copy` in that order, then those of `users.selector` sorted by name."""
    copy, selector = settings.users.copy, settings.users.selector
    if not copy and not selector:
        return []
    namespace, cluster = settings.source.namespace or "", settings.source.cluster or ""
    ours = {"strimzi.io/cluster": cluster}
    found: dict[str, Mapping[str, Any]] = {}
    if selector:
        listed = notes.attempt(lambda: side.strimzi_list("KafkaUser", namespace, {**ours, **selector}))
        found.update(sorted((named(one), one) for one in listed or []))
        if listed == []:
            shown = ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
            notes.warn(f"users.selector ({shown}) matches no KafkaUser of {namespace}/{cluster}")
    selected = tuple(found)
    missing = [name for name in copy if name not in found]
    if len(missing) > FEW:
        listed = _allowed(lambda: side.strimzi_list("KafkaUser", namespace))
        wanted = set(missing)
        found.update((named(one), one) for one in listed if named(one) in wanted)
        missing = [name for name in missing if name not in found]
    found.update(_each(missing, lambda name: side.strimzi("KafkaUser", namespace, name), notes))
    chosen = [name for name in dict.fromkeys((*copy, *selected)) if name in found]
    secret_of = {
        name: str((found[name].get("status") or {}).get("secret") or name)
        for name in chosen
        if _authentication(found[name]) == "scram-sha-512"
    }
    # The User Operator copies a KafkaUser's labels to its Secret, so a list by `selector` contains the
    # credentials of the selected users only. All others are read by name.
    labels = {"strimzi.io/kind": "KafkaUser", **ours, **selector}
    of_selected = {secret_of[name] for name in selected if name in secret_of}
    secrets = _secrets(side, namespace, set(secret_of.values()), of_selected, labels, notes)
    return [
        SourceUser(
            name,
            spec_without_fence(found[name]),
            labels_of(found[name]),
            secrets.get(secret_of.get(name, "")),
        )
        for name in chosen
    ]


def _secrets(
    side: Kubernetes,
    namespace: str,
    names: set[str],
    labelled: set[str],
    labels: Mapping[str, str],
    notes: Notes,
) -> dict[str, Content]:
    """Read the named Secrets: more than a few `labelled` ones in one list, all others by name."""
    data: dict[str, dict[str, bytes]] = {}
    if len(labelled) > FEW:
        listed = _allowed(lambda: side.secrets(namespace, labels).items())
        data.update((name, content) for name, content in listed if name in names)
    missing = sorted(names - set(data))
    data.update(_each(missing, lambda name: side.secret(namespace, name), notes))
    return {name: Content(f"Secret {namespace}/{name}", content) for name, content in data.items()}


def _allowed(read: Callable[[], Iterable[T]]) -> list[T]:
    """The listed objects; none where listing is forbidden, and each object is then read by its name."""
    try:
        return list(read())
    except CouldNotRead:
        return []


def _each(names: Iterable[str], read: Callable[[str], T], notes: Notes) -> dict[str, T]:
    """Read several objects in parallel. Problems are noted in the order of the names."""
    private: dict[str, Notes] = {name: Notes() for name in names}

    def attempt(name: str) -> T | None:
        return private[name].attempt(lambda: read(name))

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        results = list(pool.map(attempt, private))
    for one in private.values():
        notes.include(one)
    return {name: result for name, result in zip(private, results, strict=True) if result is not None}


def _authentication(resource: Mapping[str, Any]) -> str | None:
    kind = ((resource.get("spec") or {}).get("authentication") or {}).get("type")
    return None if kind is None else str(kind)

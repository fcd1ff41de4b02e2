"""Tells whether two mirrors can have a topic in common, by a conservative proof over the scopes of patterns.

The answer "no" is certain. The answer "yes" may be wrong for patterns other than names and prefixes; such
patterns can be replaced by names or prefixes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from settings import replication_policy
from settings.filters import patterns_match
from settings.model import ReplicationPolicy
from settings.scopes import EVERYTHING, Scope, scopes


@dataclass(frozen=True, slots=True)
class Written:
    """Topics on a target: all of them are in `scopes`, none is in `never`. `prefixed`: each name begins with
    the source's alias.
    """

    scopes: tuple[Scope, ...]
    never: tuple[Scope, ...]
    prefixed: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """The data of one mirror that matter to other mirrors. They are plain, so that a mirror found on
    Kubernetes can be described too.

    `source` and `target` are aliases. `source_cluster` and `target_cluster` identify the clusters; any text
    that differs for different clusters is allowed, and the alias is the default.
    """

    name: str
    source: str
    target: str
    policy: ReplicationPolicy
    topics: tuple[str, ...]
    topics_exclude: tuple[str, ...] = ()
    separator: str = "."
    source_cluster: str = ""
    target_cluster: str = ""

    @property
    def origin(self) -> str:
        """The cluster that is read."""
        return self.source_cluster or self.source

    @property
    def destination(self) -> str:
        """The cluster that is written to."""
        return self.target_cluster or self.target

    def takes(self, topic: str) -> bool:
        """Tell whether a topic of the source is mirrored, as far as the patterns say."""
        return patterns_match(
            self.topics, self.topics_exclude, self.separator, topic
        ) and not replication_policy.is_cycle(self.policy, self.separator, self.source, self.target, topic)

    def makes(self, topic: str) -> bool:
        """Tell whether a topic of the target may be one of the mirror's copies."""
        if self.policy == "identity" and not topic.endswith(replication_policy.HEARTBEATS):
            return self.takes(topic)
        return topic.startswith(self._prefix) and self.takes(topic.removeprefix(self._prefix))

    def read(self) -> tuple[Scope, ...]:
        """Return scopes that contain all topics that are read."""
        return scopes(self.topics)

    def never_read(self) -> tuple[Scope, ...]:
        """Return scopes without any topic that is read: exclusions that are a name, or a prefix and `.*`."""
        return tuple(_whole_scopes(self.topics_exclude))

    def written(self) -> tuple[Written, ...]:
        """Return scopes that contain all topics that are written on the target."""
        renamed = Written(
            tuple(map(self._renamed, self.read())),
            tuple(map(self._renamed, self.never_read())),
            prefixed=True,
        )
        if self.policy == "default":
            return (renamed,)
        # Identity renames topics too: those whose name ends with `heartbeats`.
        return Written(self.read(), self.never_read()), renamed

    @property
    def _prefix(self) -> str:
        return f"{self.source}{self.separator}"

    def _renamed(self, scope: Scope) -> Scope:
        if scope == EVERYTHING:
            return Scope(self._prefix, "prefix")
        return Scope(f"{self._prefix}{scope.name}", scope.pattern_type)


def flows_on(one: Flow, other: Flow) -> str | None:
    """Describe the topics that one mirror writes and the other one may read; None if there certainly are
    none.

    Only names are compared: the caller knows whether the clusters are the same.
    """
    for part in one.written():
        if part.prefixed and _sees(one, other):
            continue
        for scope in _common(part.scopes, other.read(), (*part.never, *other.never_read())):
            if not _is_name(scope) or (one.makes(scope.name) and other.takes(scope.name)):
                return _said(scope)
    return None


def both_write(one: Flow, other: Flow) -> str | None:
    """Describe the topics of the target that both mirrors may write; None if there certainly are none."""
    for part, others in itertools.product(one.written(), other.written()):
        for scope in _common(part.scopes, others.scopes, (*part.never, *others.never)):
            if not _is_name(scope) or (one.makes(scope.name) and other.makes(scope.name)):
                return _said(scope)
    return None


def written_within(one: Flow, scope: Scope) -> tuple[Scope, ...]:
    """Return scopes of the target that contain all topics of a scope that the mirror writes; none is wider
    than `scope`. Topics that identity renames (`heartbeats`) count only where `scope` is their name.
    """
    if _is_name(scope):
        return (scope,) if one.makes(scope.name) else ()
    part = one.written()[0]
    found = dict.fromkeys(_common(part.scopes, (scope,), part.never))
    return tuple(narrow for narrow in found if not _is_name(narrow) or one.makes(narrow.name))


def _sees(one: Flow, other: Flow) -> bool:
    """Tell whether `MirrorSourceConnector.isCycle` of the second mirror recognises the prefix of the first.

    The identity policy writes and recognises a prefix only for topics whose names end with `heartbeats`.
    """
    return (
        other.target == one.source
        and other.separator == one.separator
        and one.separator not in one.source
        and (other.policy == "default" or one.policy == "identity")
    )


def _common(some: tuple[Scope, ...], others: tuple[Scope, ...], never: tuple[Scope, ...]) -> Iterator[Scope]:
    """Find scopes that contain the topics in both, without those that never occur."""
    for one in some:
        for other in others:
            if one.covers(other):
                narrow = other
            elif other.covers(one):
                narrow = one
            else:
                continue
            if not any(left_out.covers(narrow) for left_out in never):
                yield narrow


def _whole_scopes(patterns: tuple[str, ...]) -> Iterator[Scope]:
    """Find the scopes that patterns match as a whole, not only in part."""
    for pattern in patterns:
        stem = pattern.removesuffix(".*")
        if pattern == ".*":
            yield EVERYTHING
        elif not set("|$") & set(pattern) and not stem.endswith("\\"):
            for scope in filter(_is_name, scopes((stem,))):
                yield Scope(scope.name, "literal" if stem == pattern else "prefix")


def _is_name(scope: Scope) -> bool:
    return scope.pattern_type == "literal" and scope != EVERYTHING


def _said(scope: Scope) -> str:
    if scope == EVERYTHING:
        return "any topic"
    return (
        f"topics that begin with {scope.name!r}"
        if scope.pattern_type == "prefix"
        else f"topic {scope.name!r}"
    )

"""Whether two mirrors can have a topic in common: a conservative proof over the scopes of their patterns.

"Disjoint" is certain. "Overlapping" may be wrong where patterns are more than names and prefixes; the way out
is then a pattern that is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from settings import replication_policy
from settings.filters import TOPICS_EXCLUDE_DEFAULT
from settings.model import ReplicationPolicy
from settings.patterns import EVERYTHING, Scope, matches, scopes


@dataclass(frozen=True, slots=True)
class Written:
    """Topics on a target: they lie in `scopes`, and none of them in `never`. `prefixed`: each carries the
    source's alias.
    """

    scopes: tuple[Scope, ...]
    never: tuple[Scope, ...]
    prefixed: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One mirror, as far as it matters to others: plain data, so that a mirror found on Kubernetes fits too.

    `source` and `target` are aliases. Two flows meet where `source_cluster` and `target_cluster` are equal;
    any text that tells clusters apart will do, by default the alias.
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
        left_out = (*TOPICS_EXCLUDE_DEFAULT, *self.topics_exclude)
        return (
            matches(self.topics, topic)
            and not matches(left_out, topic)
            and not replication_policy.is_internal(self.separator, topic)
            and not replication_policy.is_cycle(self.policy, self.separator, self.source, self.target, topic)
        )

    def makes(self, topic: str) -> bool:
        """Tell whether a topic of the target may be one of the mirror's copies."""
        if self.policy == "identity" and not topic.endswith(replication_policy.HEARTBEATS):
            return self.takes(topic)
        return topic.startswith(self._prefix) and self.takes(topic.removeprefix(self._prefix))

    def read(self) -> tuple[Scope, ...]:
        """Return scopes that hold all topics that are read."""
        return scopes(self.topics)

    def never_read(self) -> tuple[Scope, ...]:
        """Return scopes of which no topic is read: exclusions that are a name or a prefix and `.*`."""
        return tuple(_whole_scopes(self.topics_exclude))

    def written(self) -> tuple[Written, ...]:
        """Return what holds all topics that are written on the target."""
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
    """Say which of the topics that one mirror writes the other one may read on; None when certainly none.

    Judges names alone: that the clusters are the same is the caller's to know.
    """
    for part in one.written():
        if part.prefixed and _sees(one, other):
            continue
        for scope in _common(part.scopes, other.read(), (*part.never, *other.never_read())):
            if not _is_name(scope) or (one.makes(scope.name) and other.takes(scope.name)):
                return _said(scope)
    return None


def both_write(one: Flow, other: Flow) -> str | None:
    """Say which topics of the target both mirrors may write; None when certainly none."""
    for part, others in itertools.product(one.written(), other.written()):
        for scope in _common(part.scopes, others.scopes, (*part.never, *others.never)):
            if not _is_name(scope) or (one.makes(scope.name) and other.makes(scope.name)):
                return _said(scope)
    return None


def _sees(one: Flow, other: Flow) -> bool:
    """Whether `MirrorSourceConnector.isCycle` of the second mirror sees the first one's prefix.

    Identity reads the prefix only of what ends with `heartbeats`; it writes no other topics with a prefix.
    """
    return (
        other.target == one.source
        and other.separator == one.separator
        and one.separator not in one.source
        and (other.policy == "default" or one.policy == "identity")
    )


def _common(some: tuple[Scope, ...], others: tuple[Scope, ...], never: tuple[Scope, ...]) -> Iterator[Scope]:
    """Find scopes that hold all that lies in both, but nothing that never occurs."""
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
        elif "|" not in pattern and not stem.endswith("\\"):
            (scope,) = scopes((stem,))
            if _is_name(scope):
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

"""A look whose parts were read already, for the tests of verify()."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mirror.clients.records import Topic
from mirror.clients.topics import Topics
from mirror.problems import CouldNotConnect
from mirror.verify.reading import parts
from mirror.verify.reading.held_back import held_back
from mirror.verify.reading.look import Look, Part, Session, resource, topics
from mirror.verify.reading.refused_topics import MissingTopic, missing_topics
from mirror.verify.reading.source_permissions import SourcePermissions, source_permissions
from mirror.verify.register import reads_of
from mirror.verify.report import CheckResult
from mirror.verify.run import judge
from tests.unit.support.made_up import NOW, settings

STACK = settings()


REFUSED = CouldNotConnect("connecting", "refused", "wait")


ORDERS = {"orders": Topic("orders", 2, 1)}


BOTH = Topics(ORDERS, ORDERS, {"orders": "orders"})


NOTHING_MORE: dict[Part[Any], Any] = {
    resource: {},
    parts.committed: parts.Committed({}),
    parts.lags: [],
    held_back: {},
    parts.tails: [],
    parts.groups: parts.Groups(),
}


FIVE = ("connectors-running", "topics-present", "lag", "tail-matches", "groups-translated")


def look(seen: Topics, *names: str, **read: Any) -> Look:
    """A look that has read already: these topics, and what is told of the parts by their functions' names."""
    one = Look(Session(STACK, Path(), ExitStack()), reads_of(names or FIVE), NOW)
    one.give(topics, seen)
    one.give(source_permissions, SourcePermissions((), ()))
    missing: Mapping[str, MissingTopic] = {
        topic: MissingTopic() for topic in seen.matched if topic not in seen.target
    }
    one.give(missing_topics, missing)
    for part, nothing in NOTHING_MORE.items():
        one.give(part, read.get(part.__name__, nothing))
    return one


def judged(seen: Topics, *names: str, **read: Any) -> dict[str, CheckResult]:
    return {one.name: one for one in judge(look(seen, *names, **read), names or FIVE)}

"""ACLs of two mirrored topics on a source in memory."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

import pytest

from mirror.clients.acls import Acl
from mirror.cutover.fence import acls as fence_by_acls
from mirror.cutover.step import Options, World
from tests.unit.support.made_up import settings

TOPICS = ["orders", "payments"]


ALLOWS = frozenset(Acl("TOPIC", topic, "LITERAL", "User:ann", "*", "WRITE", "ALLOW") for topic in TOPICS)


class FakeAcls:
    def __init__(self, there: Iterable[Acl]) -> None:
        self.there = set(there)
        self.settings: dict[str, str | None] = {}
        """What the brokers tell of their settings."""

    def of_topics(self) -> frozenset[Acl]:
        return frozenset(self.there)

    def create(self, acls: Iterable[Acl]) -> None:
        self.there |= set(acls)

    def delete(self, acls: Iterable[Acl]) -> None:
        self.there -= set(acls)

    def broker_settings(self, names: Iterable[str]) -> dict[str, str | None]:
        return {name: value for name, value in self.settings.items() if name in set(names)}


def source_with_acls(monkeypatch: pytest.MonkeyPatch) -> FakeAcls:
    """The source that the fence asks; each mirrored topic has an ALLOW."""
    there = FakeAcls(ALLOWS)
    monkeypatch.setattr(fence_by_acls, "admin_acls", lambda world: there if world.options else None)
    monkeypatch.setattr(fence_by_acls, "fenced_topics", lambda world: TOPICS if world.options else None)
    return there


WORLD = cast(World, SimpleNamespace(options=Options(), source_admin=None, settings=settings()))

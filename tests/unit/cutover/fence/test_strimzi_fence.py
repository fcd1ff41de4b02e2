"""The fence of a Strimzi source, against a Kubernetes in memory whose User Operator applies at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover.fence import strimzi
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.step import Options, World
from mirror.problems import CouldNotRun
from tests.unit.cutover.fence.test_kafka_users import acl, user
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal


class Applying(MemoryApi):
    """Its User Operator applies each KafkaUser at once; `conflicts`: that many writes come too late."""

    def __init__(self) -> None:
        super().__init__()
        self.conflicts = 0

    def request(self, method: str, path: str, what: str, **given: Any) -> dict[str, Any]:
        if method == "PATCH" and self.conflicts:
            self.conflicts -= 1
            given["body"] = {**given["body"], "metadata": {"resourceVersion": "0"}}
        return super().request(method, path, what, **given)

    def _store(self, method: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
        made = super()._store(method, path, content)
        generation = made["metadata"]["generation"]
        self.objects[path]["status"] = {
            "observedGeneration": generation,
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        return made


class Scene:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.api = Applying()
        self.topics = ["orders", "payments"]
        self.api.put(
            self.api.strimzi_path("Kafka", "kafka", "east"),
            {"metadata": {"name": "east"}, "spec": {"kafka": {"authorization": {"type": "simple"}}}},
        )
        self.add(user(acl("orders", "Write"), name="ann"))
        self.add(user(acl("*", "All"), name="bob"))
        self.add(user(acl("orders", "Read"), name="reader"))
        monkeypatch.setattr(strimzi, "fenced_topics", lambda world: list(self.topics))
        self.world = cast(
            World,
            SimpleNamespace(
                settings=settings(),
                source_kubernetes=self.api,
                source_admin=None,
                options=Options(),
            ),
        )
        self.before = self.specs()

    def add(self, given: dict[str, Any]) -> None:
        given["metadata"]["labels"] = {"strimzi.io/cluster": "east"}
        self.api.put(self.api.strimzi_path("KafkaUser", "kafka", given["metadata"]["name"]), given)

    def specs(self) -> dict[str, Any]:
        found = self.api.strimzi_list("KafkaUser", "kafka")
        return {
            one["metadata"]["name"]: (one["spec"], one["metadata"].get("annotations") or {}) for one in found
        }


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_it_fences_the_users_that_write_and_puts_them_back(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    assert fence.look(scene.world).state == "todo"
    fence.do(scene.world, journal)
    done = fence.look(scene.world)
    assert (done.state, done.text) == ("done", "2 KafkaUsers fenced, 2 topics")
    assert scene.specs()["reader"] == scene.before["reader"]
    assert journal.content[("fence", "kafka-users")] == {"ann": ["orders"], "bob": ["orders", "payments"]}
    fence.undo(scene.world, journal)
    assert scene.specs() == scene.before
    assert journal.content == {}


def test_doing_it_again_changes_nothing(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    fence.do(scene.world, journal)
    writes = len(scene.api.writes)
    fence.do(scene.world, journal)
    assert len(scene.api.writes) == writes


def test_a_topic_that_is_new_is_fenced_too(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    fence.do(scene.world, journal)
    scene.topics.append("payments-2")
    assert fence.look(scene.world).evidence["writers"] == {"bob": ["payments-2"]}
    fence.do(scene.world, journal)
    assert fence.look(scene.world).state == "done"
    fence.undo(scene.world, journal)
    assert scene.specs() == scene.before


def test_without_its_journal_it_still_puts_everything_back(scene: Scene) -> None:
    StrimziFence().do(scene.world, MemoryJournal())
    StrimziFence().undo(scene.world, MemoryJournal())
    assert scene.specs() == scene.before


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    scene.api.conflicts = 1
    fence.do(scene.world, journal)
    assert fence.look(scene.world).remaining == 1
    fence.do(scene.world, journal)
    assert fence.look(scene.world).state == "done"
    scene.api.conflicts = 1
    fence.undo(scene.world, journal)
    assert scene.specs() == scene.before


def test_users_that_are_changed_all_the_time_stay_fenced_with_a_message(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    fence.do(scene.world, journal)
    scene.api.conflicts = 1_000
    with pytest.raises(CouldNotRun, match="removing the fence from ann, bob"):
        fence.undo(scene.world, journal)


def test_a_cluster_without_authorization_cannot_be_fenced(scene: Scene) -> None:
    scene.api.put(scene.api.strimzi_path("Kafka", "kafka", "east"), {"spec": {"kafka": {}}})
    verdict = StrimziFence().look(scene.world)
    assert verdict.state == "blocked"
    assert "everybody may write" in verdict.text
    assert "cutover.fence: manual" in verdict.remedy

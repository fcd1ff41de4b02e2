"""A mirror over a Kubernetes API in memory, and what was seen of its dead source."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.strimzi.kafka_user import own_user
from mirror.clients.source_look import SourceSeen, SourceState
from mirror.cutover.failover.loss import Loss, loss
from mirror.cutover.failover.placement import Known
from mirror.cutover.failover.scene import FailoverOptions, Scene
from mirror.cutover.step import Verdict, World
from mirror.last_look.record import LastLook
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotRun
from settings.acls import mirror_user_acls
from settings.names import Names
from tests.unit.support.made_up import NOW, settings
from tests.unit.support.memory_api import PLURALS, MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

NAMES = Names.of(settings())


class FakeScene:
    """What was seen of the source and of the target."""

    def __init__(self, source: SourceState = "silent", **options: bool) -> None:
        self.options = FailoverOptions(**options)
        self.seen = SourceSeen(source, "text", 0.5)
        self.placed: Any = None
        self.first_kept = False
        self.final: Loss | None = None
        self.final_groups: Any = None
        self.rehearsal, self.last_look_problem = False, ""
        self.known = Known({}, {}, {}, OffsetSyncStore())
        self.dirty = 0

    def source(self) -> SourceSeen:
        return self.seen

    def target(self) -> Any:
        return SimpleNamespace(known=self.known, checkpoints_unread="")

    def last_look(self) -> LastLook | None:
        return None

    def changed(self) -> None:
        self.dirty += 1

    def loss(self) -> Loss:
        return loss(NOW, {}, None)

    def ends(self, limit: int) -> Any:
        raise CouldNotRun("reading the ends", "no Kafka here", "none")

    def checkpoints(self) -> Any:
        raise CouldNotRun("reading the checkpoints", "no Kafka here", "none")


class Mirror(MemoryApi):
    """A KafkaMirrorMaker2 whose operator obeys at once, unless it is `dead`."""

    def __init__(self) -> None:
        super().__init__()
        self.operator_dead = False
        self.late: tuple[str, ...] = ()
        """Connectors without a task whose own thread still waits for the source."""
        self.busy = False
        """Whether Connect has not ended the tasks yet."""
        self.user_operator_dead = False
        user = own_user(settings(), NAMES.mirror_user, mirror_user_acls(settings()))
        self.put(self.user_path, user)
        self.put(
            self.mirror_path,
            {
                "kind": "KafkaMirrorMaker2",
                "metadata": {"name": NAMES.mirror, "namespace": "kafka", "annotations": {}},
                "spec": {
                    "mirrors": [
                        {
                            "source": {"alias": "east"},
                            "sourceConnector": {"state": "running"},
                            "checkpointConnector": {"state": "running"},
                        }
                    ]
                },
            },
        )
        self.obey()

    @property
    def mirror_path(self) -> str:
        return self.strimzi_path("KafkaMirrorMaker2", "kafka", NAMES.mirror)

    @property
    def user_path(self) -> str:
        return self.strimzi_path("KafkaUser", "kafka", NAMES.mirror_user)

    @property
    def denied(self) -> list[str]:
        """The topics and prefixes that the mirror's own user may not write to."""
        acls = self.objects[self.user_path]["spec"]["authorization"]["acls"]
        return [acl["resource"]["name"] for acl in acls if acl.get("type") == "deny"]

    def request(self, method: str, path: str, what: str, **more: Any) -> dict[str, Any]:
        answer = super().request(method, path, what, **more)
        if method == "PATCH" and not self.operator_dead:
            self.obey()
        return answer

    def obey(self) -> None:
        there = self.objects[self.mirror_path]
        [mirror] = there["spec"]["mirrors"]
        states = {
            NAMES.source_connector: mirror["sourceConnector"]["state"],
            NAMES.checkpoint_connector: mirror["checkpointConnector"]["state"],
        }
        there["status"] = {
            "observedGeneration": there["metadata"]["generation"],
            "connectors": [
                {
                    "name": name,
                    "connector": {"state": "RUNNING" if name in self.late else state.upper()},
                    "tasks": [] if state == "stopped" and not self.busy else [{"state": "RUNNING"}],
                }
                for name, state in states.items()
            ],
        }
        user = self.objects[self.user_path]
        if not self.user_operator_dead:
            ready = {"type": "Ready", "status": "True"}
            user["status"] = {"observedGeneration": user["metadata"]["generation"], "conditions": [ready]}

    @property
    def states(self) -> list[str]:
        [mirror] = self.objects[self.mirror_path]["spec"]["mirrors"]
        return [mirror["sourceConnector"]["state"], mirror["checkpointConnector"]["state"]]

    @property
    def annotations(self) -> dict[str, str]:
        return dict(self.objects[self.mirror_path]["metadata"]["annotations"])


def quick_mirror(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """A mirror whose steps wait for nothing."""
    monkeypatch.setitem(PLURALS, "KafkaMirrorMaker2", "kafkamirrormaker2s")
    monkeypatch.setattr("mirror.cutover.connectors.change._PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("mirror.cutover.failover.stop_mirror.SETTLE_SECONDS", 0.05)
    monkeypatch.setattr("mirror.cutover.steps.promote.SETTLE_SECONDS", 0.05)
    return Mirror()


def no_kafka(resource: object) -> Any:
    raise CouldNotRun("connecting", "no Kafka here", "none")


def world(api: Mirror) -> World:
    read = SimpleNamespace(
        kubernetes=api,
        read=lambda: api.strimzi("KafkaMirrorMaker2", "kafka", NAMES.mirror),
        target_access=no_kafka,
    )
    session = SimpleNamespace(deployed=read, names=NAMES, opened=None)
    return World(settings(), Path(), cast(Any, session))


def scene(source: SourceState = "silent", **options: bool) -> tuple[Scene, FakeScene]:
    made = FakeScene(source, **options)
    return cast(Scene, made), made


def walk(step: Any, api: Mirror, journal: MemoryJournal) -> Verdict:
    verdict: Verdict = step.look(world(api))
    if verdict.state == "todo":
        step.do(world(api), journal)
        verdict = step.look(world(api))
    return verdict

"""A failover takes Write from the mirror's own user, and gives it back once the mirror has stopped."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover.failover import fence_mirror
from mirror.cutover.failover.steps import PromoteWithoutSource
from mirror.cutover.failover.stop_mirror import ConfirmStop, StopMirror
from mirror.estate.fenced_user import annotation
from mirror.problems import CouldNotRead, CouldNotRun
from tests.unit.support.dead_source import NAMES, Mirror, quick_mirror, scene, walk, world
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    monkeypatch.setattr("mirror.cutover.failover.fence_mirror._UNFENCE_SECONDS", 0.05)
    monkeypatch.setattr("mirror.text.waiting._POLL_SECONDS", 0.01)
    made = quick_mirror(monkeypatch)
    made.busy = True
    return made


def test_clients_do_not_wait_for_tasks_of_a_mirror_that_may_not_write(api: Mirror) -> None:
    seen, _ = scene("silent")
    stopped = walk(StopMirror(seen), api, MemoryJournal())
    assert stopped.state == "done"
    assert stopped.text.startswith("the mirror may not write to its topics any more")
    assert api.states == ["stopped", "stopped"], "declared before the ACLs change"
    assert api.denied == ["orders", "payments", "east.payments"]
    assert walk(PromoteWithoutSource(seen), api, MemoryJournal()).state == "done"


def test_the_user_may_write_again_once_connect_has_confirmed_the_stop(api: Mirror) -> None:
    seen, _ = scene("silent")
    before = api.objects[api.user_path]["spec"]
    walk(StopMirror(seen), api, MemoryJournal())
    walk(PromoteWithoutSource(seen), api, MemoryJournal())
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "todo"
    assert api.denied, "a task may still run"
    api.busy = False
    api.obey()
    late = ConfirmStop(seen).look(world(api))
    assert late.state == "todo", "nothing is confirmed without the rules' removal"
    assert "may not write to mirrored topics yet" in late.text
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "done"
    assert api.objects[api.user_path]["spec"] == before
    assert annotation(NAMES.mirror) not in api.objects[api.user_path]["metadata"]["annotations"]


def test_killed_before_the_rules_the_next_run_adds_them(api: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = scene("silent")

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as first_run:
        first_run.setattr(fence_mirror, "fence", killed)
        with pytest.raises(KeyboardInterrupt):
            StopMirror(seen).do(world(api), MemoryJournal())
    assert api.states == ["stopped", "stopped"]
    assert api.denied == []
    again = StopMirror(seen).look(world(api))
    assert again.state == "todo"
    assert f"KafkaUser {NAMES.mirror_user} loses Write on mirrored topics" in again.text
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "done"
    assert api.denied == ["orders", "payments", "east.payments"]


def test_rules_that_nobody_applies_stop_nothing(api: Mirror) -> None:
    """The User Operator of the target does not run: then Connect has to end the tasks, as without ACLs."""
    api.user_operator_dead = True
    seen, _ = scene("silent")
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "waiting"
    api.busy = False
    api.obey()
    assert StopMirror(seen).look(world(api)).state == "done"


def test_a_user_that_may_not_be_changed_is_no_reason_not_to_fail_over(api: Mirror) -> None:
    api.forbidden.add(api.user_path)
    seen, _ = scene("silent")
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "todo", "each turn tries again"
    del api.objects[api.user_path]
    api.busy = False
    for name in (NAMES.source_connector, NAMES.checkpoint_connector):
        [one] = [one for one in api.objects[api.mirror_path]["status"]["connectors"] if one["name"] == name]
        one["tasks"] = []
    assert StopMirror(seen).look(world(api)).state == "done"
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "done"


def test_without_the_permission_to_read_the_user_everything_goes_as_without_rules(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = api.request

    def refused(method: str, path: str, what: str, **more: Any) -> dict[str, Any]:
        if path == api.user_path:
            raise CouldNotRead(f"reading {what}", "forbidden", "grant `get`")
        return asked(method, path, what, **more)

    monkeypatch.setattr(api, "request", refused)
    seen, _ = scene("silent")
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "waiting"
    api.busy = False
    api.obey()
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "done"
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "done"
    StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]


@pytest.mark.parametrize("source", ["partly", "healthy", "unknown"])
def test_a_source_that_answers_is_mirrored_until_connect_has_stopped(api: Mirror, source: str) -> None:
    """Groups go on at such a source, and ACLs for topics do not stop their translation."""
    seen, _ = scene(source)  # type: ignore[arg-type]
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "waiting"
    assert api.denied == []


def test_a_rollback_gives_write_back_before_a_task_starts(api: Mirror) -> None:
    seen, _ = scene("silent")
    before = api.objects[api.user_path]["spec"]
    walk(StopMirror(seen), api, MemoryJournal())
    api.user_operator_dead = True
    with pytest.raises(CouldNotRun, match="may write to mirrored topics again"):
        StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["stopped", "stopped"], "a task without Write fails"
    api.user_operator_dead = False
    api.obey()
    StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]
    assert api.objects[api.user_path]["spec"] == before


def test_an_annotation_without_the_rules_is_no_proof(api: Mirror) -> None:
    """A `pulumi up` has applied the ACLs of the stack again, and left the annotation."""
    seen, _ = scene("silent")
    before = api.objects[api.user_path]["spec"]
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "done"
    api.put(api.user_path, {**api.objects[api.user_path], "spec": before})
    api.obey()
    assert annotation(NAMES.mirror) in api.objects[api.user_path]["metadata"]["annotations"]
    assert StopMirror(seen).look(world(api)).state == "todo", "the mirror may write again"
    fence_mirror.fence(world(api))
    assert StopMirror(seen).look(world(api)).state == "done"
    fence_mirror.unfence(world(api))
    assert api.objects[api.user_path]["spec"] == before


def test_it_says_what_the_mirrors_user_loses_and_keeps(api: Mirror) -> None:
    seen, _ = scene("silent")
    assert (
        f"KafkaUser {NAMES.mirror_user} loses Write on mirrored topics"
        in StopMirror(seen).look(world(api)).text
    )
    walk(StopMirror(seen), api, MemoryJournal())
    accepted, _ = scene("silent", accept_unconfirmed_stop=True)
    verdict = ConfirmStop(accepted).look(world(api))
    assert verdict.state == "done"
    assert f"KafkaUser {NAMES.mirror_user} keeps its deny rules" in verdict.text


def test_rules_are_added_once(api: Mirror) -> None:
    for _ in range(3):
        fence_mirror.fence(world(api))
    assert len(api.denied) == len(fence_mirror.denied(settings())) == len(set(api.denied))


def test_connects_own_topics_stay_writable() -> None:
    """A worker that may not write its configuration and status cannot stop a connector."""
    everything = settings(topics=[".*"], replication_policy="identity")
    assert fence_mirror.denied(everything) == []
    prefixed = settings(topics=[".*"], replication_policy="default")
    assert [one["resource"]["name"] for one in fence_mirror.denied(prefixed)] == ["east."]

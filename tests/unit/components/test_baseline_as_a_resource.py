"""The baseline as a resource: taken once, extended when something entered, quiet otherwise."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dill
import pytest
from pulumi.dynamic import CreateResult

import components.baseline as module
from components.baseline import BaselineProvider, NoBaselineError
from components.own_resource import DRIFT_VARIABLE
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotConnect, CouldNotRead
from mirror.start.baseline import AnotherCluster
from mirror.verify.baseline import Baseline, TopicThen, decode
from settings.load import dump
from tests.unit.settings.sample import settings

FIRST = Baseline("2026-11-01T00:00:00+00:00", "c", {"orders": TopicThen("id-1", 1, (0,))})
REFUSED = CouldNotConnect("connecting", "no answer in time", "check the network")


def props(**changes: Any) -> dict[str, Any]:
    declared = settings(**changes)
    return {
        "identity": Identity.of(declared).as_text(),
        "settings": dump(declared),
        "spec": {"target": {}},
        "__provider": "p",
    }


@dataclass
class Source:
    """Stands in for the source: `now` is what it would be taken as."""

    now: Baseline = FIRST
    error: Exception | None = None
    looks: list[str] = field(default_factory=list)

    def lacks_something(self, known: Baseline) -> bool:
        self._look("diff")
        return known.lacks({name: one.partitions for name, one in self.now.topics.items()})

    def take(self, known: Baseline | None) -> Baseline:
        self._look("take")
        return known.extended(self.now) if known else self.now

    def _look(self, why: str) -> None:
        self.looks.append(why)
        if self.error:
            raise self.error


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    made = Source()
    monkeypatch.setattr(module, "_taking", lambda _: made)
    yield made
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def kept(outs: dict[str, Any] | None) -> Baseline:
    assert outs is not None
    return decode(base64.b64decode(outs["content"]))


def outs_of(result: CreateResult) -> dict[str, Any]:
    assert result.outs is not None
    return result.outs


def created() -> dict[str, Any]:
    return outs_of(BaselineProvider().create(props()))


def test_it_is_taken_at_the_first_deployment(source: Source) -> None:
    outs = created()
    assert kept(outs) == FIRST
    assert (
        outs["about"]
        == "1 topics with 1 partitions and 0 groups of cluster c, begun 2026-11-01T00:00:00+00:00"
    )
    assert outs.keys() == {"identity", "content", "about"}


def test_a_promoted_mirror_is_taken_over_without_its_source(source: Source) -> None:
    """Pulumi's state was lost with the region: `mirror.take_over` failed at the baseline."""
    source.error = REFUSED
    with pytest.raises(NoBaselineError):
        created()
    outs = outs_of(BaselineProvider().create(props(mirror__phase="promoted")))
    assert (outs["content"], outs["about"]) == ("", "not taken: no answer in time")


def test_nothing_entered_changes_nothing(source: Source) -> None:
    outs = created()
    assert BaselineProvider().diff("id", outs, props(workers__replicas=5)).changes is False


def test_a_topic_that_entered_is_added_and_the_rest_stays(source: Source) -> None:
    outs = created()
    source.now = Baseline(
        "later", "c", {"orders": TopicThen("id-2", 1, (9,)), "new": TopicThen("n", 1, (1,))}
    )
    assert BaselineProvider().diff("id", outs, props()).changes is True
    updated = kept(BaselineProvider().update("id", outs, props()).outs)
    assert updated.topics == {"orders": TopicThen("id-1", 1, (0,)), "new": TopicThen("n", 1, (1,))}
    assert updated.taken == FIRST.taken


def test_a_new_topic_of_the_source_is_no_drift(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every nightly run failed after a topic was created, until somebody deployed for another reason."""
    outs = created()
    source.now = Baseline("x", "c", {**FIRST.topics, "returns": TopicThen("id-2", 1, (0,))})
    assert BaselineProvider().diff("id", outs, props()).changes is True
    monkeypatch.setenv(DRIFT_VARIABLE, "true")
    assert BaselineProvider().diff("id", outs, props()).changes is False
    anew = props(mirror__name="west-again")
    assert BaselineProvider().diff("id", outs, anew).changes is True


def test_a_preview_without_a_way_to_the_source_changes_nothing(source: Source) -> None:
    outs = created()
    source.error = REFUSED
    assert BaselineProvider().diff("id", outs, props()).changes is False


def test_another_cluster_of_the_source_fails_the_preview(source: Source) -> None:
    outs = created()
    source.error = AnotherCluster("comparing", "it is another cluster", "set it back")
    for act in (BaselineProvider().diff, BaselineProvider().update):
        with pytest.raises(NoBaselineError, match="it is another cluster"):
            act("id", outs, props())


def test_another_identity_has_a_baseline_of_its_own(source: Source) -> None:
    outs = created()
    source.now = Baseline("later", "c", {"orders": TopicThen("id-2", 1, (9,))})
    news = props(mirror__offsets_topic="__other-offset")
    assert BaselineProvider().diff("id", outs, news).changes is True
    assert kept(BaselineProvider().update("id", outs, news).outs) == source.now


@pytest.mark.parametrize("error", [REFUSED, CouldNotRead("asking", "refused", "x")])
def test_a_source_that_cannot_be_read_stops_the_deployment(source: Source, error: Exception) -> None:
    source.error = error
    with pytest.raises(NoBaselineError) as failed:
        BaselineProvider().create(props())
    assert failed.value.__suppress_context__


def test_who_verifies_nothing_from_here_goes_on_and_takes_it_when_there_is_a_way(source: Source) -> None:
    source.error = REFUSED
    declared = props(verification__enabled=False)
    outs = outs_of(BaselineProvider().create(declared))
    assert (outs["content"], outs["about"]) == ("", "not taken: no answer in time")
    assert module._kept(outs["content"]) == {}
    assert BaselineProvider().diff("id", outs, declared).changes is False
    source.error = None
    assert BaselineProvider().diff("id", outs, declared).changes is True
    assert kept(BaselineProvider().update("id", outs, declared).outs) == FIRST


def test_a_way_that_is_lost_later_keeps_what_there_is(source: Source) -> None:
    outs = created()
    source.error = REFUSED
    again = BaselineProvider().update("id", outs, props(verification__enabled=False)).outs
    assert kept(again) == FIRST


def test_the_state_keeps_a_reference_and_no_code() -> None:
    assert BaselineProvider.serialize_as_secret_always is False
    pickled = dill.dumps(BaselineProvider())
    assert b"components.baseline" in pickled
    assert len(pickled) < 200

"""The declared phase against the one of the world: what a deployment must refuse."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from mirror.cutover.phase import already_promoted
from mirror.mm2.phase import contradiction, cuts_over, move_in_progress, phase_of


def resource(**annotations: str) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}}


PROMOTED = {"metadata": {"annotations": {PHASE: "promoted", PROMOTED_AT: "2026-11-28T20:00:00Z"}}}
STARTED = {"metadata": {"annotations": {STATES_BEFORE: '{"checkpoint connector": "running"}'}}}


def test_no_deployment_starts_a_promoted_mirror_again() -> None:
    text = contradiction("east-to-west", "replicate", PROMOTED) or ""
    assert text.startswith(
        "mirror east-to-west was promoted at 2026-11-28T20:00:00Z, but the stack file says"
    )
    assert text.endswith("Set `mirror.phase: promoted` in the stack file.")
    retired = {"metadata": {"annotations": {PHASE: "retired"}}}
    assert "Set `mirror.phase: retired`" in (contradiction("m", "replicate", retired) or "")


def test_no_deployment_reverts_a_cutover_that_is_in_progress() -> None:
    assert move_in_progress(STARTED) == "cutover"
    assert "cutover rollback" in (contradiction("m", "replicate", STARTED) or "")


def test_a_failover_that_is_in_progress_is_called_so() -> None:
    both = '{"source connector": "running", "checkpoint connector": "running"}'
    begun = resource(**{STATES_BEFORE: both})
    text = contradiction("m", "replicate", begun) or ""
    assert "a failover is in progress" in text
    assert "region-mirror failover rollback" in text
    # The stack file that the runbook asks for after the promotion, too early; also where up runs cutovers.
    for by_up in (False, True):
        text = contradiction("m", "promoted", begun, by_up=by_up) or ""
        assert "a failover is in progress" in text
        assert "Complete it with `region-mirror failover`" in text
    assert "Complete it with `region-mirror cutover`" in (contradiction("m", "promoted", STARTED) or "")


@pytest.mark.parametrize("declared", ["promoted", "retired"])
def test_a_stack_file_does_not_promote(declared: str) -> None:
    text = contradiction("m", declared, resource()) or ""
    assert "has not been promoted" in text
    assert "region-mirror cutover" in text
    assert "no such mirror is deployed" in (contradiction("m", declared, None) or "")


def test_a_stack_file_promotes_only_where_it_asks_for_the_cutover() -> None:
    for there in (resource(), STARTED):
        assert contradiction("m", "promoted", there, by_up=True) is None
        assert cuts_over("promoted", there, by_up=True)
        assert not cuts_over("promoted", there, by_up=False)
        assert "has not been promoted" in (contradiction("m", "retired", there, by_up=True) or "")
    assert not cuts_over("promoted", PROMOTED, by_up=True)
    assert "was promoted" in (contradiction("m", "replicate", PROMOTED, by_up=True) or "")
    assert "no such mirror is deployed" in (contradiction("m", "promoted", None, by_up=True) or "")


def test_what_agrees_is_deployed() -> None:
    assert contradiction("m", "replicate", None) is None
    assert contradiction("m", "replicate", resource()) is None
    assert contradiction("m", "promoted", PROMOTED) is None
    assert contradiction("m", "retired", PROMOTED) is None


def test_after_the_promotion_no_earlier_step_acts() -> None:
    verdict = already_promoted(PROMOTED)
    assert verdict is not None
    assert (verdict.state, verdict.text) == ("done", "the mirror is promoted since 2026-11-28T20:00:00Z")
    assert already_promoted(STARTED) is None
    assert phase_of({}) == "replicate"

"""The dynamic provider: when it verifies again, how it fails, what it keeps."""

from __future__ import annotations

import base64
import json
import sys
import traceback
import types
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dill
import pytest

from components.attempt import AttemptProvider
from components.own_resource import DRIFT_VARIABLE
from components.verification import MirrorNotProvenError, VerificationProvider
from mirror.problems import CouldNotRun, Finding
from mirror.verify.report import CheckResult, Report
from settings.load import dump
from tests.unit.settings.sample import settings

PROPS: dict[str, Any] = {"settings": dump(settings()), "fingerprint": "f1", "__provider": "p"}
PASSED = CheckResult("lag", True, "0 records behind")
FAILED = CheckResult("topics-present", False, "1 of 2", (Finding("orders", "is not there", "wait"),))


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stands in for mirror.verify.run: returns or raises what a test puts in `result`, notes how it was
    called.
    """
    seen: dict[str, Any] = {"result": (PASSED,)}

    def verify(given: Any, **arguments: Any) -> Report:
        seen["settings"], seen["arguments"] = given, arguments
        if isinstance(seen["result"], Exception):
            raise seen["result"]
        return Report("m", "east", "west", datetime(2026, 1, 1, tzinfo=UTC), 1.0, seen["result"])

    fake = types.ModuleType("mirror.verify.run")
    fake.verify = verify  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mirror.verify.run", fake)
    yield seen
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def test_a_proven_mirror_is_recorded_with_its_summary(verified: dict[str, Any]) -> None:
    result = VerificationProvider().create(PROPS)
    assert result.id == "east-to-west"
    assert result.outs is not None
    assert result.outs["summary"] == {"lag": "0 records behind"}
    assert result.outs["verified_at"] == "2026-01-01T00:00:00+00:00"
    assert result.outs["fingerprint"] == "f1"


def test_the_settings_are_those_of_the_stack(verified: dict[str, Any]) -> None:
    as_pulumi_sends_them = json.loads(json.dumps(PROPS), parse_int=float)
    VerificationProvider().update("id", {}, as_pulumi_sends_them)
    assert verified["settings"] == settings()
    assert verified["arguments"]["deadline_seconds"] == 300.0


def test_a_change_that_failed_and_was_taken_back_is_verified(verified: dict[str, Any]) -> None:
    """It is what was proven before: it passed unverified, whatever the failed deployment had left."""
    first, changed = {"mirror": "m", "declared": "one"}, {"mirror": "m", "declared": "two"}
    counts = AttemptProvider()
    one = counts.create(first).outs or {}
    proof = VerificationProvider().create({**PROPS, "attempt": one["count"]}).outs or {}
    assert VerificationProvider().diff("id", proof, {**PROPS, "attempt": 1.0}).changes is False
    assert counts.diff("id", one, first).changes is False
    two = counts.update("id", one, changed).outs or {}  # its verification failed: the proof stays
    assert counts.diff("id", two, first).changes is True
    three = counts.update("id", two, first).outs or {}
    assert [each["count"] for each in (one, two, three)] == [1, 2, 3]
    assert VerificationProvider().diff("id", proof, {**PROPS, "attempt": three["count"]}).changes is True


def test_a_mirror_that_is_not_proven_fails_with_its_findings(verified: dict[str, Any]) -> None:
    verified["result"] = (PASSED, FAILED)
    with pytest.raises(MirrorNotProvenError) as failed:
        VerificationProvider().create(PROPS)
    message = str(failed.value)
    assert "passed  lag: 0 records behind" in message
    assert "FAILED  topics-present: 1 of 2" in message
    assert "orders: is not there" in message
    assert "-> wait" in message
    assert "The next `pulumi up` verifies again" in message


def test_a_verification_that_could_not_run_fails_with_its_reason(verified: dict[str, Any]) -> None:
    verified["result"] = CouldNotRun("reading west", "no answer", "start it")
    with pytest.raises(MirrorNotProvenError, match=r"reading west: no answer\n  Way out: start it") as failed:
        VerificationProvider().update("id", PROPS, PROPS)
    assert failed.value.__suppress_context__


def test_many_findings_are_counted_and_not_all_repeated(verified: dict[str, Any]) -> None:
    findings = tuple(Finding(f"orders-{number}", "is not there", "wait") for number in range(40))
    verified["result"] = (CheckResult("topics-present", False, "0 of 40", findings),)
    with pytest.raises(MirrorNotProvenError) as failed:
        VerificationProvider().create(PROPS)
    assert str(failed.value).count("is not there") == 5
    assert "and 35 more: region-mirror verify" in str(failed.value)


def test_the_message_begins_without_the_name_of_a_module(verified: dict[str, Any]) -> None:
    verified["result"] = (FAILED,)
    with pytest.raises(MirrorNotProvenError) as failed:
        VerificationProvider().create(PROPS)
    shown = traceback.format_exception_only(failed.value)[0]
    assert shown.startswith("MirrorNotProvenError: east -> west is deployed but not proven")


def test_people_see_what_is_waited_for(verified: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    VerificationProvider().create(PROPS)
    look = verified["arguments"]["progress"]
    when = datetime(2026, 1, 1, tzinfo=UTC)
    for checks in ((FAILED,), (FAILED,), (PASSED, FAILED), (PASSED,)):
        look(Report("m", "east", "west", when, 1.0, checks))
    assert capsys.readouterr().out.splitlines() == ["waiting for topics-present", "proven"]


def test_nothing_changed_is_no_change() -> None:
    assert (
        VerificationProvider()
        .diff("id", {**PROPS, "summary": {"lag": "5"}, "verified_at": "x"}, PROPS)
        .changes
        is False
    )


@pytest.mark.parametrize("change", [{"fingerprint": "f2"}, {"settings": dump(settings(workers__replicas=3))}])
def test_any_change_verifies_again(change: dict[str, Any]) -> None:
    result = VerificationProvider().diff("id", PROPS, {**PROPS, **change})
    assert result.changes is True
    assert not result.replaces


def test_what_was_restored_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi up --refresh` restored a deleted KafkaMirrorMaker2, and ended green without a verification."""
    verified, restored = {**PROPS, "deployed": "5f3c/2"}, {**PROPS, "deployed": "7a10/1"}
    assert VerificationProvider().diff("id", verified, verified).changes is False
    assert VerificationProvider().diff("id", verified, restored).changes is True
    # A cutover that was rolled back leaves another generation of the same spec.
    monkeypatch.setenv(DRIFT_VARIABLE, "true")
    assert VerificationProvider().diff("id", verified, restored).changes is False


def test_a_look_for_drift_is_no_reason_to_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    """`always` made every nightly run fail: `--expect-no-changes`."""
    monkeypatch.setenv(DRIFT_VARIABLE, "true")
    always = {**PROPS, "settings": dump(settings(verification__always=True))}
    assert VerificationProvider().diff("id", always, always).changes is False
    assert VerificationProvider().diff("id", always, {**always, "fingerprint": "f2"}).changes is True


def test_always_verifies_where_nothing_has_changed() -> None:
    always = {**PROPS, "settings": dump(settings(verification__always=True))}
    assert VerificationProvider().diff("id", always, always).changes is True
    assert VerificationProvider().diff("id", always, PROPS).changes is True


def test_destroy_has_nothing_to_undo(verified: dict[str, Any]) -> None:
    VerificationProvider().delete("id", PROPS)
    assert "settings" not in verified


def test_the_state_keeps_a_reference_and_no_code() -> None:
    kept = dill.dumps(VerificationProvider())
    assert len(kept) < 200
    assert b"components.verification" in kept
    assert VerificationProvider.serialize_as_secret_always is False
    assert base64.b64encode(kept)

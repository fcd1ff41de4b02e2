"""The proof before the promotion, and the promotion itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from mirror.clients.records import TopicPartition
from mirror.cutover.proof.judge import Proof, judge
from mirror.cutover.proof.tails import LastRecords
from mirror.cutover.step import Verdict
from mirror.cutover.steps.promote import promotion
from mirror.problems import Finding
from mirror.verify.checks import users_work
from mirror.verify.report import CheckResult
from tests.unit.support.made_up import ORDERS, window

CHECKPOINTS = "east->west.MirrorCheckpointConnector"
SOURCE = "east->west.MirrorSourceConnector"
GROUPS = Verdict("done", "2 groups on the target: 2 exact")


def check(name: str, *subjects: str) -> CheckResult:
    return CheckResult.of(name, "summary", [Finding(one, "it is wrong", "mend it") for one in subjects])


def told(*checks: CheckResult, source: str = "abc", target: str = "abc", groups: Verdict = GROUPS) -> Verdict:
    tails = [LastRecords(ORDERS, window(source), window(target), True, True)]
    return judge(Proof(checks, CHECKPOINTS, tails, ["compacted"], groups))


def test_a_lost_record_blocks_the_promotion() -> None:
    verdict = told(check("lag"), target="ab")
    assert verdict.state == "blocked"
    assert verdict.text.startswith(
        "the last records of 1 partition differ (orders-0: the last record differs"
    )
    assert "region-mirror audit" in verdict.remedy


def test_a_failing_check_is_named_with_its_findings() -> None:
    verdict = told(check("lag", "orders-0"), check("tail-matches"))
    assert (verdict.state, verdict.remedy) == ("waiting", "mend it")
    assert verdict.text == "not proven: 1 of 2 checks fail (lag: orders-0: it is wrong)"


def test_a_group_that_left_its_place_keeps_the_mirror_unproven() -> None:
    moving = Verdict("todo", "1 group to set", remaining=1)
    assert told(check("lag"), groups=moving).state == "waiting"
    blocked = Verdict("blocked", "billing has members on the target", "stop them")
    assert (told(groups=blocked).state, told(groups=blocked).remedy) == ("blocked", "stop them")


def test_only_the_connector_that_the_cutover_stopped_is_excused() -> None:
    assert told(check("connectors-running", CHECKPOINTS)).state == "done"
    assert told(check("connectors-running", CHECKPOINTS, SOURCE)).state == "waiting"
    assert told(check("lag", CHECKPOINTS)).state == "waiting"


def test_a_copied_user_that_differs_from_the_source_keeps_the_mirror_unproven() -> None:
    """Until the promotion users-work itself expects that copied users may only read."""
    differs = Finding("user billing", "+ Write on topic orders", users_work.COPY_AGAIN)
    users = CheckResult.of(users_work.NAME, "summary", [differs])
    assert judge(Proof([users], CHECKPOINTS, [], [], GROUPS)).state == "waiting"


def test_what_is_proven_is_counted() -> None:
    verdict = told(check("lag"), check("connectors-running"))
    assert verdict.text == (
        "PROVEN: 2 checks pass; the last 3 records of 1 partition are the same on both sides, in number and "
        "order; 2 groups on the target: 2 exact"
    )
    assert verdict.evidence["compacted_topics"] == ["compacted"]


def test_the_evidence_has_every_check_and_difference() -> None:
    checks, groups = (
        (check("lag", "orders-0"), check("tail-matches")),
        Verdict("done", "1 group", remaining=3),
    )
    evidence = {
        "checks": {
            "lag": {"passed": False, "summary": "summary"},
            "tail-matches": {"passed": True, "summary": "summary"},
        },
        "equal_records": 3,
        "compared_partitions": 1,
        "compacted_topics": ["compacted"],
        "differences": {},
        "groups": "1 group",
    }
    failing = told(*checks, groups=groups)
    assert (failing.evidence, failing.remaining) == (evidence, 1)
    waits = told(*checks, groups=replace(groups, state="todo"))
    assert waits.text == "groups are not where they were moved to: 1 group"
    assert waits.remedy == "stop the clients that use the groups, and run the command again"
    assert (waits.evidence, waits.remaining) == (evidence, 3)
    differs = told(*checks, groups=groups, target="abX")
    reason = "the last record differs: source offset 2, target offset 2"
    assert differs.evidence == {**evidence, "equal_records": 0, "differences": {"orders-0": reason}}
    assert (differs.state, differs.remaining) == ("blocked", 1)
    proven = told(groups=groups)
    assert (proven.evidence["groups"], proven.remaining) == ("1 group", 0)


def test_findings_and_differences_are_told_one_after_the_other() -> None:
    failing = told(check("lag", "orders-0", "orders-1"))
    assert failing.text.endswith("(lag: orders-0: it is wrong; lag: orders-1: it is wrong)")
    unread = CheckResult("lag", False, "could not be judged")
    assert (told(unread).state, told(unread).remedy) == ("waiting", "")
    tails = [
        LastRecords(TopicPartition("orders", number), window("a"), window("b"), True, True)
        for number in range(2)
    ]
    verdict = judge(Proof([], CHECKPOINTS, tails, [], GROUPS))
    differs = "the last record differs: source offset 0, target offset 0"
    assert verdict.text == (
        f"the last records of 2 partitions differ (orders-0: {differs}; orders-1: {differs})"
    )


def test_the_check_of_a_connector_that_was_stopped_on_purpose_says_what_is_left() -> None:
    def summary(*subjects: str) -> object:
        return told(check("connectors-running", *subjects)).evidence["checks"]["connectors-running"]

    assert summary(CHECKPOINTS) == {
        "passed": True,
        "summary": "the source connector and its tasks are RUNNING",
    }
    assert summary(CHECKPOINTS, SOURCE) == {"passed": False, "summary": "summary"}
    excused = told(check("connectors-running", CHECKPOINTS, SOURCE))
    assert CHECKPOINTS not in excused.text


def resource(state: str, **annotations: str) -> dict[str, Any]:
    connector = {"state": state}
    return {
        "metadata": {"resourceVersion": "3", "annotations": annotations},
        "spec": {
            "mirrors": [
                {"source": {"alias": "east"}, "sourceConnector": connector, "checkpointConnector": connector}
            ]
        },
    }


def test_the_promotion_stops_both_connectors_and_marks_the_mirror_in_one_change() -> None:
    patch = promotion(resource("running", **{STATES_BEFORE: "{}"}), "east", "now") or {}
    (mirror,) = patch["spec"]["mirrors"]
    assert mirror["sourceConnector"] == mirror["checkpointConnector"] == {"state": "stopped"}
    assert patch["metadata"]["annotations"] == {PROMOTED_AT: "now", PHASE: "promoted", STATES_BEFORE: None}


def test_a_promotion_keeps_its_time_and_a_later_phase() -> None:
    there = resource("stopped", **{PHASE: "retired", PROMOTED_AT: "before"})
    assert promotion(there, "east", "now") is None
    patch = promotion(resource("running", **{PHASE: "promoted", PROMOTED_AT: "before"}), "east", "now") or {}
    assert "annotations" not in patch["metadata"]
    assert patch["spec"]["mirrors"][0]["sourceConnector"] == {"state": "stopped"}

"""The policy file: severities, waivers with reason and date, and one clear message for each problem."""

from __future__ import annotations

from datetime import date

import pytest

from policy.examples import MIRROR, sound
from policy.problems import PolicyError
from tests.unit.policy.made_up import config, documents, ids, report

WIDE = documents(**{"prod-west": sound(((*MIRROR, "topicsPattern"), ".*"))})
WAIVER = """
waivers:
- {{rule: topics-named, subject: "{subject}", reason: "everything moves", expires: {day}}}
"""


def test_an_error_fails_and_a_warning_does_not() -> None:
    assert not report(*WIDE, rule="topics-named").passed
    lower = report(*WIDE, policy="rules: {topics-named: warning}", rule="topics-named")
    assert lower.passed
    assert len(lower.warnings) == 1


@pytest.mark.parametrize("off", ["off", '"off"'])
def test_a_rule_can_be_off(off: str) -> None:
    found = report(*WIDE, policy=f"rules: {{topics-named: {off}}}", rule="topics-named")
    assert (found.findings, found.rules) == ((), 0)


@pytest.mark.parametrize("subject", ["*", "prod-*", "kafka/east-to-west", "prod-west/kafka/*"])
def test_a_waiver_accepts_a_violation_until_its_date(subject: str) -> None:
    found = report(*WIDE, policy=WAIVER.format(subject=subject, day="2026-11-01"), rule="topics-named")
    assert found.passed
    assert [one.rule.id for one in found.waived] == ["topics-named"]


def test_a_waiver_of_another_subject_accepts_nothing_and_is_noted() -> None:
    found = report(*WIDE, policy=WAIVER.format(subject="dev-*", day="2027-01-01"), rule="topics-named")
    assert ids(found) == ["topics-named"]
    assert found.notes == (
        "a waiver covers nothing, remove it: topics-named for dev-* until 2027-01-01: everything moves",
    )


def test_a_waiver_of_another_stack_is_not_called_superfluous() -> None:
    """Each comment of a pull request that concerns one stack advised to remove the waivers of all others."""
    beside = documents(**{"dev-west": sound(((*MIRROR, "topicsPattern"), ".*"))})
    for subject in ("dev-*", "*", "dev-west/kafka/*"):
        policy = WAIVER.format(subject=subject, day="2027-01-01")
        assert report(*documents(**{"prod-west": sound()}), policy=policy, beside=beside).notes == ()
    unknown = WAIVER.format(subject="test-*", day="2027-01-01")
    assert len(report(*WIDE, policy=unknown, beside=beside).notes) == 1


def test_a_waiver_of_a_rule_that_was_not_asked_for_is_not_called_superfluous() -> None:
    policy = WAIVER.format(subject="*", day="2027-01-01")
    assert report(*WIDE, policy=policy, rule="no-circle").notes == ()


def test_an_expired_waiver_counts_no_longer_and_says_so() -> None:
    found = report(*WIDE, policy=WAIVER.format(subject="*", day="2026-10-31"), rule="topics-named")
    (one,) = found.findings
    assert not found.passed
    assert "Its waiver expired on 2026-10-31 (reason: everything moves)" in one.message
    assert one.to_json()["waiver"] == {
        "reason": "everything moves",
        "expires": "2026-10-31",
        "expired": True,
    }


def test_a_longer_waiver_counts_before_one_that_expired() -> None:
    policy = WAIVER.format(subject="*", day="2026-10-31") + WAIVER.format(
        subject="prod-west", day="2027-01-01"
    ).replace("\nwaivers:", "")
    assert report(*WIDE, policy=policy, rule="topics-named").passed


def test_some_rules_are_for_production_only() -> None:
    assert ids(report(*WIDE, policy="production: [other-*]", rule="topics-named")) == []
    assert ids(report(*WIDE, policy="production: [prod-*]", rule="topics-named")) == ["topics-named"]


@pytest.mark.parametrize("day", ["2027-01-05", '"2027-01-05"', "2027-01-05T12:00:00Z"])
def test_a_date_is_read_with_quotes_and_without(day: str) -> None:
    found = config(f"waivers: [{{rule: topics-named, reason: everything moves, expires: {day}}}]")
    assert [one.expires for one in found.waivers] == [date(2027, 1, 5)]


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        config(
            """
            ruls: {}
            rules: {topic-named: error, no-circle: fatal}
            production: prod
            certificate_margin_days: soon
            clusters: {east: east}
            waivers:
            - {rule: topics-named, expires: 2027-01-01}
            - {rule: topics-nmaed, reason: x, expires: next year, who: me}
            """
        )
    assert caught.value.problems == (
        "'ruls' in the file is not known: did you mean rules?. Known: rules, production, "
        "certificate_margin_days, compare_with, clusters, environments, waivers",
        "'topic-named' in rules is not known: did you mean topics-named?",
        "rules.no-circle = 'fatal' must be one of error, warning, off",
        "production must be a list of texts",
        "certificate_margin_days = 'soon' must be a number of days, 0 or more",
        "clusters.east must be a list of texts",
        "waivers[0].reason must be a sentence that says why the violation is accepted",
        "'who' in waivers[1] is not known. Known: rule, subject, reason, expires",
        "waivers[1].rule = 'topics-nmaed' is not a rule: did you mean topics-named?",
        "waivers[1].expires = 'next year' must be a date like 2027-03-31",
    )


@pytest.mark.parametrize("text", ["- a", "a: [", "rules: 1"])
def test_what_is_no_policy_file_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        config(text)


def test_an_empty_file_changes_nothing() -> None:
    assert config("# nothing yet\n") == config("")


def test_a_key_that_is_there_twice_is_refused() -> None:
    """Of two, YAML's reader uses the last one: a rule that was made an error would be a warning again."""
    with pytest.raises(PolicyError, match="'rules' is there twice"):
        config("rules: {topics-named: error}\nwaivers: []\nrules: {no-circle: error}")
    with pytest.raises(PolicyError, match="'topics-named' is there twice"):
        config('rules: {topics-named: error, topics-named: "off"}')

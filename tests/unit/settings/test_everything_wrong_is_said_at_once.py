"""What does not go together is said beside what is wrong by itself, as far as it can be judged."""

from __future__ import annotations

from typing import Any

import pytest

from settings.draft import Draft, NotSound
from settings.load import load, load_stack
from settings.model import SourceSettings
from settings.problems import Problem, SettingsError
from tests.unit.settings.sample import raw


def refused(sections: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as error:
        load_stack(sections)
    return error.value.problems


def test_equal_aliases_are_said_although_replicas_are_wrong() -> None:
    problems = refused(raw(target__alias="east", workers__replicas="two", mirror__state="off"))
    assert [problem.path for problem in problems] == ["mirror.state", "workers.replicas", "target.alias"]


def test_a_rule_that_needs_a_broken_value_is_left_out() -> None:
    (problem,) = refused(raw(source__alias="not an alias", target__alias="not an alias!"))[1:]
    assert problem.path == "target.alias"
    assert "letters, digits" in problem.rule


def test_a_broken_section_leaves_rules_of_the_others_alone() -> None:
    problems = refused({**raw(source__listener=None), "mirror": "text"})
    assert [problem.path for problem in problems] == ["mirror", "source.listener"]


def test_a_missing_section_leaves_rules_of_the_others_alone() -> None:
    sections = raw(source__cluster=None)
    del sections["target"]
    assert [problem.path for problem in refused(sections)] == ["target", "source.cluster"]


def test_what_a_misspelt_key_stands_for_is_not_called_missing() -> None:
    (problem,) = refused(raw(source__listener=None, source__listner="scram"))
    assert problem.remedy == "Did you mean listener?"


def test_a_broken_nested_value_leaves_the_section_readable() -> None:
    credentials = {"public_ca": "yes", "password": {"secure": "v1:x"}}
    sections = raw(source__credentials=credentials, source__cluster=None, source__namespace=None)
    assert [problem.path for problem in refused(sections)] == [
        "source.credentials.public_ca",
        "source.bootstrap_servers",
        "source.kubeconfig",
        "source.listener",
        "users.copy",
    ]


def test_reading_what_is_broken_in_a_draft_says_which() -> None:
    draft = Draft(SourceSettings, {"exported": None, "credentials": None, "cluster": "east"})
    assert draft.origin == "kubernetes"
    with pytest.raises(NotSound, match=r"SourceSettings\.alias"):
        _ = draft.alias
    with pytest.raises(NotSound):
        _ = Draft(SourceSettings, {"exported": None}).origin


@pytest.mark.parametrize("sections", [{}, {"mirror": []}, {"users": {"copy": [{}]}}, {"source": {5: 5}}])
def test_a_rule_never_fails_on_what_is_broken(sections: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        load(sections)

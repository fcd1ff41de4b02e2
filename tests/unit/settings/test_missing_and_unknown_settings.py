"""What is not there and what is there but means nothing."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw


def refused(raw_settings: dict[str, object]) -> dict[str, str]:
    with pytest.raises(SettingsError) as error:
        load(raw_settings)
    return {problem.path: f"{problem.rule}. {problem.remedy}" for problem in error.value.problems}


def test_nothing_at_all_names_the_needed_sections() -> None:
    problems = refused({})
    assert set(problems) == {"source", "target", "mirror"}
    assert "name, topics" in problems["mirror"]


def test_a_missing_setting_says_what_it_is() -> None:
    assert "find the source on Kubernetes" in refused(raw(source__cluster=None))["source.cluster"]


@pytest.mark.parametrize("nothing", [None, {}])
def test_users_and_verification_may_be_left_out(nothing: object) -> None:
    settings = load({**raw(), "users": nothing, "verification": nothing})
    assert settings.users.copy == ()
    assert settings.verification.enabled


def test_null_is_the_same_as_absent() -> None:
    sections = raw()
    sections["source"]["context"] = None
    sections["workers"]["replicas"] = None
    assert load(sections) == load(raw())


def test_a_misspelt_setting_is_guessed() -> None:
    assert (
        "Did you mean replication_factor?"
        in refused(raw(mirror__replication_facter=3))["mirror.replication_facter"]
    )


def test_camel_case_is_guessed() -> None:
    assert "Did you mean tasks_max?" in refused(raw(mirror__tasksMax=3))["mirror.tasksMax"]


def test_a_misspelt_section_is_guessed() -> None:
    assert "Did you mean verification?" in refused({**raw(), "verificaton": {}})["verificaton"]


def test_what_resembles_nothing_gets_the_list() -> None:
    assert "Known settings: enabled" in refused(raw(verification__zzz=1))["verification.zzz"]


def test_acl_synchronisation_is_not_offered() -> None:
    assert "mirror.sync_topic_acls_enabled" in refused(raw(mirror__sync_topic_acls_enabled=True))


@pytest.mark.parametrize("section", ["text", ["list"], 5, True])
def test_a_section_has_to_be_a_mapping(section: object) -> None:
    assert "must be a mapping" in refused({**raw(), "mirror": section})["mirror"]


def test_all_problems_are_said_at_once() -> None:
    problems = refused(
        raw(
            source__alias="a b", source__user=None, mirror__topics=["("], mirror__state="off", users__copy=[1]
        )
    )
    assert list(problems) == [
        "source.alias",
        "source.user",
        "mirror.topics[0]",
        "mirror.state",
        "users.copy[0]",
    ]

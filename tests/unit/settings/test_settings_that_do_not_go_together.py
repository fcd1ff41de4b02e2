"""Settings that are sound by themselves, but not with each other."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw, settings


def refused(**changes: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load(raw(**changes))
    return [str(problem) for problem in error.value.problems]


def test_both_clusters_need_an_alias_of_their_own() -> None:
    (problem,) = refused(target__alias="east")
    assert problem.startswith("target.alias = 'east': must differ from source.alias")


def test_the_source_needs_an_address() -> None:
    (problem,) = refused(source__listener=None)
    assert problem.startswith("source.listener: is missing, and so is source.bootstrap_servers")


def test_bootstrap_servers_stand_in_for_the_listener() -> None:
    given = settings(source__listener=None, source__bootstrap_servers="a.example.com:9094,b.example.com:9094")
    assert given.source.bootstrap_servers == "a.example.com:9094,b.example.com:9094"


def test_an_alias_with_the_separator_is_refused_where_topics_carry_it() -> None:
    (problem,) = refused(mirror__replication_policy="default", source__alias="us.east")
    assert "MM2 could not determine the source of a topic" in problem


def test_an_alias_with_the_separator_is_fine_where_topics_keep_their_names() -> None:
    assert settings(source__alias="us.east").source.alias == "us.east"


@pytest.mark.parametrize("user", ["east-to-west", "east-to-west-verifier"])
def test_a_copied_user_may_not_be_one_of_the_mirrors_own(user: str) -> None:
    (problem,) = refused(users__copy=["orders-consumer", user])
    assert problem.startswith(f"users.copy[1] = '{user}'")
    assert "Choose another mirror.name" in problem


@pytest.mark.parametrize(
    "user",
    ["east-to-west-east-user", "east-to-west-east-cluster-ca-cert", "west-cluster-ca-cert"],
)
def test_a_copied_users_secret_may_not_be_one_of_the_mirrors_own(user: str) -> None:
    (problem,) = refused(users__copy=[user])
    assert "its Secret would be" in problem


def test_a_copied_users_secret_may_not_be_anothers_password() -> None:
    (problem,) = refused(users__copy=["ann", "east-to-west-ann-password"])
    assert "ann's password" in problem


def test_the_name_of_a_users_password_has_to_stay_legal() -> None:
    (problem,) = refused(users__copy=["u" * 240])
    assert "too long" in problem


def test_acls_do_not_fence_a_source_with_a_user_operator() -> None:
    (problem,) = refused(cutover__fence="acls")
    assert "User Operator deletes ACLs that no KafkaUser declares" in problem


@pytest.mark.parametrize("fence", [None, "strimzi"])
def test_a_fence_command_that_is_never_run_is_refused(fence: str | None) -> None:
    (problem,) = refused(cutover__fence=fence, cutover__fence_command=["stop-producers"])
    assert "has no effect unless cutover.fence is manual" in problem


def test_the_fence_is_what_the_origin_of_the_source_allows() -> None:
    assert settings().fence == "strimzi"
    assert settings(cutover__fence="manual", cutover__fence_command=["stop"]).fence == "manual"

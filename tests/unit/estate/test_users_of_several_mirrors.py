"""Two mirrors of one stack must not copy one user into one namespace, however each chooses its users."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.estate import CopiedUser, Estate
from manifests.metadata import Owner
from mirror.estate import all_mirrors
from mirror.estate.all_mirrors import read_estates
from mirror.estate.findings import EstateError
from settings.model import Settings
from tests.program.sample import SCRAM_USER, estate
from tests.unit.settings.sample import settings


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The users that each mirror's selector finds, by the mirror's name."""
    users: dict[str, list[str]] = {}

    def read_estate(one: Settings, root: Path, owner: Owner | None) -> Estate:
        found = tuple(CopiedUser(name, SCRAM_USER, "s3cret") for name in users[one.mirror.name])
        return estate(one, kafka_users=found)

    monkeypatch.setattr(all_mirrors, "read_estate", read_estate)
    return users


def of(mirror: str, **target: str) -> Settings:
    return settings(mirror__name=mirror, **{f"target__{key}": value for key, value in target.items()})


def test_a_user_that_two_selectors_find_is_refused_by_name(chosen: dict[str, list[str]]) -> None:
    chosen.update({"one": ["ann", "bob"], "two": ["bob", "cid"]})
    with pytest.raises(EstateError) as error:
        read_estates([of("one"), of("two")], Path())
    [finding] = error.value.findings
    assert finding.subject == "KafkaUser kafka/bob on west"
    assert "mirrors one and two would both copy this user" in finding.message
    assert "users.selector of two" in finding.remedy


def test_so_it_is_where_the_namespace_has_two_kafka_clusters(chosen: dict[str, list[str]]) -> None:
    chosen.update({"one": ["ann"], "two": ["ann"]})
    with pytest.raises(EstateError):
        read_estates([of("one"), of("two", alias="west-b", cluster="west-b")], Path())


def test_other_namespaces_and_other_users_are_fine(chosen: dict[str, list[str]]) -> None:
    chosen.update({"one": ["ann"], "two": ["ann"], "three": ["bob"]})
    other = of("two", namespace="other", alias="west-b")
    assert len(read_estates([of("one"), other, of("three")], Path())) == 3
    assert len(read_estates([of("one"), of("two", context="another", alias="west-b")], Path())) == 2


@pytest.mark.parametrize("target", [{"namespace": "other"}, {"context": "another"}])
def test_one_alias_is_one_cluster(chosen: dict[str, list[str]], target: dict[str, str]) -> None:
    """Pulumi ended with `Duplicate resource URN`: its name of a user is made of the target's alias."""
    chosen.update({"one": ["ann"], "two": ["ann"]})
    with pytest.raises(EstateError, match="mirrors one and two would both copy this user") as error:
        read_estates([of("one"), of("two", **target)], Path())
    [finding] = error.value.findings
    assert "overwrite" not in finding.message, "it is another place"
    assert finding.remedy.endswith("give the newer mirror another target.alias")

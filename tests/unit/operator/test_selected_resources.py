"""Which events of KafkaUsers and Secrets concern the User Operator: UserController's informers (1.2.0)."""

import pytest

from lab.operator.user.selection import Selection

OWN, OTHER = {"strimzi.io/cluster": "west", "more": "1"}, {"strimzi.io/cluster": "east"}


@pytest.fixture
def selection() -> Selection:
    return Selection({"strimzi.io/cluster": "west"})


@pytest.mark.parametrize("labels", [None, {}, OTHER])
def test_a_resource_without_the_label_concerns_nobody(
    selection: Selection, labels: dict[str, str] | None
) -> None:
    assert not selection.concerns("kafka", "u", labels)
    assert not selection.concerns("kafka", "u", labels, deleted=True)


@pytest.mark.parametrize("labels", [None, {}, OTHER])
def test_a_label_that_is_lost_counts_once(selection: Selection, labels: dict[str, str] | None) -> None:
    assert selection.concerns("kafka", "u", OWN)
    assert selection.concerns("kafka", "u", labels)
    assert not selection.concerns("kafka", "u", labels)


def test_a_label_that_comes_back(selection: Selection) -> None:
    for _ in range(2):
        assert selection.concerns("kafka", "u", OWN)
        assert selection.concerns("kafka", "u", {})
    assert selection.concerns("kafka", "u", OWN)


def test_a_deletion_concerns_it_and_is_the_last_event(selection: Selection) -> None:
    assert selection.concerns("kafka", "u", OWN)
    assert selection.concerns("kafka", "u", OWN, deleted=True)
    assert not selection.concerns("kafka", "u", {})


def test_names_are_those_of_a_namespace(selection: Selection) -> None:
    assert selection.concerns("kafka", "u", OWN)
    assert not selection.concerns("elsewhere", "u", {})

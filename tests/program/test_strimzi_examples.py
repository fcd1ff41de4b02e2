"""Strimzi's documented cases, each a stack file: rendered to an equivalent KafkaMirrorMaker2, and where it is
not, docs/strimzi-examples.md says why.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.strimzi.mirror_maker2 import mirror_maker2
from settings.load import load_stack
from settings.stack_file import parse_stack_file
from tests.program.crd import problems
from tests.program.sample import estate
from tests.program.strimzi.cases import CASES, Case
from tests.program.strimzi.comparison import differences
from tests.program.strimzi.page import WHY, page

PAGE = Path(__file__).parents[2] / "docs" / "strimzi-examples.md"

each_case = pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])


@each_case
def test_the_example_itself_is_what_the_crd_knows(case: Case) -> None:
    # What was written down of it, at least, is a KafkaMirrorMaker2.
    for spec in case.examples:
        resource = {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaMirrorMaker2", "spec": spec}
        assert problems(resource) == []


@each_case
def test_ours_is_what_the_crd_knows(case: Case) -> None:
    for settings in load_stack(parse_stack_file(case.stack)):
        assert problems(mirror_maker2(settings, estate(settings))) == []


@each_case
def test_every_difference_has_a_reason(case: Case) -> None:
    for mirror in differences(case):
        assert not [one for one in mirror if one.path not in WHY]


def test_every_reason_has_a_difference() -> None:
    found = {one.path for case in CASES for mirror in differences(case) for one in mirror}
    assert set(WHY) == found


@each_case
def test_what_makes_it_the_same_mirror_is_the_same(case: Case) -> None:
    # Nothing of this may ever need a reason.
    same = ("version", "replicas", "tasksMax", "topicsPattern", "groupsPattern", "alias", "replication")
    for mirror in differences(case):
        paths = [one.path for one in mirror if one.path != HEARTBEATS]
        assert not [path for path in paths if any(part in path.split(".") for part in same)]


HEARTBEATS = "sourceConnector.config.heartbeats.replication.enabled"


def test_the_page_tells_them_all(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "look, then pytest tests/program --update-golden"

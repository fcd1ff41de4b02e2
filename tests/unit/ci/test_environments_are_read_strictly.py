"""environments.yaml places every stack once; no text of it can become an expression of a workflow."""

from __future__ import annotations

import pytest

from mirror.ci.environments import Environment, EnvironmentsError, parse_environments, proposal

STACKS = ["staging", "prod-west", "example"]
GOOD = """
environments:
  - {name: staging, stacks: [staging]}
  - {name: production, stacks: [prod-west]}
not_deployed: [example]
"""


def problems(text: str, stacks: list[str] = STACKS) -> str:
    with pytest.raises(EnvironmentsError) as caught:
        parse_environments(text, stacks)
    return "\n".join(caught.value.problems)


def test_the_order_is_that_of_the_file() -> None:
    found = parse_environments(GOOD, STACKS)
    assert found.environments == (
        Environment("staging", ("staging",)),
        Environment("production", ("prod-west",)),
    )
    assert list(found.stacks.items()) == [("staging", "staging"), ("prod-west", "production")]
    assert (found.branch, found.runner) == ("main", "ubuntu-latest")


def test_all_problems_at_once() -> None:
    found = problems(
        "environments:\n  - {name: a, stacks: [prod-west, nothing]}\n  - {name: a, stacks: [prod-west]}\n"
        "colour: red\nbranch: 'a b'\n"
    )
    assert "`colour` is not a known key" in found
    assert "environment a is listed twice" in found
    assert "stack prod-west is listed twice" in found
    assert "stack nothing has no stack file" in found
    assert "stack staging has a stack file, but is neither in an environment nor in `not_deployed`" in found
    assert "`branch` is 'a b'" in found


@pytest.mark.parametrize(
    "text", ["", "[]", "environments: []", "environments: {}", "environments: [1]", "a: ["]
)
def test_what_is_no_such_file(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize(
    "hostile", ["${{ secrets.X }}", "a\nb", "a: b", "$(id)", "`id`", "-x", "a'b", 'a"b', "a b", "@runner@"]
)
def test_no_text_becomes_code(hostile: str) -> None:
    for key in ("branch", "runner", "check_runner", "nightly", "pulumi_organization", "pulumi_preview_team"):
        assert key in problems(f"{GOOD}\n{key}: {hostile!r}\n")
    assert "name" in problems(f"environments: [{{name: {hostile!r}, stacks: [staging]}}]", ["staging"])


def test_the_proposal_is_a_file() -> None:
    assert list(parse_environments(proposal(STACKS), STACKS).stacks) == STACKS


def test_a_key_that_is_there_twice_is_refused() -> None:
    assert "'not_deployed' is there twice" in problems(f"{GOOD}not_deployed: [example]\n")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("staging", "staging-preview", "staging-preview"),
        ("prod-move", "prod", "prod-move"),
        ("Production", "production", "production"),
        ("production", "comments", "comments"),
    ],
)
def test_no_two_environments_share_one_of_the_forge(one: str, other: str, shared: str) -> None:
    """Previews of one had the credentials with which the other deploys."""
    order = f"environments: [{{name: {one}, stacks: [a]}}, {{name: {other}, stacks: [b]}}]"
    assert f"environment {other} would share {shared}, its secrets" in problems(order, ["a", "b"])


@pytest.mark.parametrize("nightly", ["99 3 * * *", "0 17 3 * * *", "---------", "1,,2 * * * *"])
def test_a_time_that_there_is_not_is_refused(nightly: str) -> None:
    """GitHub refuses such a workflow as a whole: nothing would look for drift."""
    assert "`nightly` " in problems(f"{GOOD}nightly: '{nightly}'\n")
    assert parse_environments(f"{GOOD}nightly: '0,30 1-5 * * 1-5'\n", STACKS).nightly == "0,30 1-5 * * 1-5"

"""However much changes, a plan stays short, whole in what it counts, and always the same."""

from __future__ import annotations

from functools import cache

from mirror.plan.planned import Plan, SourceLook
from mirror.plan.render import MARKDOWN_LINES, SUMMARY_LINES, markdown, outputs, summary_lines
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import settings

MANY = SourceLook(
    {f"topic-{number:04d}-{'x' * 200}": (3, 5) for number in range(2000)},
    tuple(f"group-{number:04d}" for number in range(2000)),
)


@cache
def huge() -> Plan:
    new = settings(
        mirror__topics=["topic.*"],
        mirror__config={"source_connector": {"errors.tolerance": "all", "refresh.topics.enabled": "false"}},
        mirror__allow_data_loss=["errors-tolerance", "new-topics-mirrored"],
        mirror__profile="wan",
        workers__replicas=5,
        workers__resources={"limits": {"memory": "2Gi", "cpu": "1"}},
        users__copy=[f"user-{number}" for number in range(1000)],
    )
    return plan(new, settings(), look=MANY)


def test_markdown_is_at_most_a_comment() -> None:
    text = markdown(huge())
    assert len(text.splitlines()) <= MARKDOWN_LINES
    assert len(text) < 65_000
    assert "and 1,9" in text, "what is left out is counted"
    assert "2,000 topics on east match the patterns; 2,000 added" in text


def test_the_previews_lines_are_few() -> None:
    lines = summary_lines(huge())
    assert 5 < len(lines) <= SUMMARY_LINES
    assert max(map(len, lines)) <= 200


def test_a_small_plan_is_told_whole() -> None:
    text = markdown(plan(settings(mirror__topics=["orders", "invoices"]), settings()))
    assert "more" not in text
    assert "`+` invoices (1 partition, up to 7 records to copy)" in text
    assert "`-` payments (2 partitions)\n" in text


def test_nothing_is_said_in_a_few_words() -> None:
    lines = summary_lines(plan(settings(), settings()))
    assert lines[0] == "mirror east-to-west (east -> west): No changes."
    assert len(lines) == 3, "what is matched is said all the same"


def test_permitted_data_loss_is_said_everywhere() -> None:
    found = huge()
    for text in (markdown(found), "\n".join(summary_lines(found)), str(outputs(found))):
        assert "errors-tolerance: mirror.config." in text
        assert "new-topics-mirrored: mirror.config." in text


def test_names_are_not_read_as_markup() -> None:
    text = markdown(plan(settings(mirror__topics_exclude=["__x.*"]), settings()))
    assert "\\_\\_x.\\*" in text


def test_the_same_input_gives_the_same_plan() -> None:
    assert markdown(huge.__wrapped__()) == markdown(huge())


def test_outputs_stay_while_nothing_changes() -> None:
    given = settings()
    assert outputs(plan(given, given)) == {"topics": 2, "groups": 2}

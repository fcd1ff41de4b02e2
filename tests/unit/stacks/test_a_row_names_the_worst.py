"""What a row of `stacks` says: the worst finding first, and unknown never as fine."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from manifests.metadata import PHASE
from mirror.plan.planned import Plan, PropertyChange, UserChange
from mirror.problems import Finding
from mirror.stacks.drift import drift_of
from mirror.stacks.pulumi_state import times
from mirror.stacks.render import markdown, page, render
from mirror.stacks.rows import Live, MirrorRow, Overview, StackRow
from tests.unit.plan.made_up import deployed
from tests.unit.plan.made_up import plan as made_up_plan
from tests.unit.settings.sample import settings

TASK = Finding("task 0", "it is FAILED", "restart it")
CIRCLE = Finding("no-circle", "orders would be copied in a circle", "use prefixes")
FINE = Live(deployed=True, verified="2026-11-01T00:00:00+00:00", drift=())


def row(live: Live | None = FINE, *together: Finding, **changes: object) -> MirrorRow:
    return MirrorRow("prod-west", settings(**changes), live, together)


@pytest.mark.parametrize(
    ("live", "word"),
    [
        (FINE, "ok"),
        (None, "declared"),
        (Live(deployed=False), "not deployed"),
        (Live(), "unknown"),
        (Live(unread=("no answer",)), "unknown"),
        (Live(deployed=True, unread=("drift: forbidden",)), "unknown"),
        (Live(deployed=True, findings=(TASK,), unread=("drift: forbidden",)), "found"),
        (Live(deployed=True, drift=("1 KafkaUser",)), "found"),
        (Live(deployed=False, verified="2026-11-01T00:00:00+00:00"), "found"),
    ],
)
def test_a_word(live: Live | None, word: str) -> None:
    assert row(live).word == word


def test_what_does_not_run_comes_before_a_circle_and_drift() -> None:
    found = row(Live(deployed=True, drift=("1 KafkaUser",), findings=(TASK,)), CIRCLE)
    assert [one.subject for one in found.findings] == ["task 0", "no-circle", "drift"]
    assert found.worst == "task 0: it is FAILED"
    assert found.worst_name == "task 0 and 2 more"


def test_a_phase_is_shown_with_a_state_that_is_not_running() -> None:
    assert row().state == "replicate"
    assert row(mirror__state="paused").state == "replicate, paused"
    assert row(mirror__phase="promoted").state == "promoted"


def test_drift_is_what_a_plan_changes() -> None:
    changes = (PropertyChange("sourceConnector", "tasks.max", "1", "2"), PropertyChange("a", "b", None, "1"))
    plan = Plan("m", "east", "west", False, properties=changes, users=(UserChange("app", "copied", "goes"),))
    assert drift_of(plan) == ("sourceConnector: tasks.max and 1 more", "1 KafkaUser")
    assert drift_of(Plan("m", "east", "west", False)) == ()
    assert drift_of(Plan("m", "east", "west", True, users=plan.users)) == ()


def test_times_come_from_the_verifications_in_pulumis_state() -> None:
    def resource(kind: str, name: str, **outputs: Any) -> dict[str, Any]:
        general = "pulumi-python:dynamic:Resource"
        urn = f"urn:pulumi:lab::region-mirror::region-mirror:index:RegionMirror${kind}${general}::{name}"
        settings = {"settings": {"mirror": {"name": name}}}
        return {"urn": urn, "type": general, "inputs": settings, "outputs": outputs}

    proof = "region-mirror:index:MirrorVerification"
    exported = {
        "deployment": {
            "resources": [
                resource(proof, "one", verified_at="2026-11-01T00:00:00+00:00"),
                resource(proof, "never"),
                resource("region-mirror:index:Other", "other", verified_at="2026-11-02T00:00:00+00:00"),
                {"urn": f"urn:pulumi:lab::region-mirror::{proof}::one"},
            ]
        }
    }
    assert times(exported) == {"one": "2026-11-01T00:00:00+00:00"}
    assert times({}) == {}


def overview(*rows: MirrorRow, problem: str = "") -> Overview:
    broken = (StackRow("broken", problem=problem),) if problem else ()
    return Overview("team", (*broken, StackRow("prod-west", rows)), False)


def test_the_json_is_this() -> None:
    found = overview(row(FINE, CIRCLE), problem="no YAML").to_json()
    assert (found["passed"], found["offline"], found["project"]) == (False, False, "team")
    broken, stack = found["stacks"]
    assert broken == {"stack": "broken", "problem": "no YAML", "mirrors": []}
    (mirror,) = stack["mirrors"]
    assert set(mirror) == {
        "mirror", "source", "target", "policy", "topics", "phase", "state", "verdict", "deployed", "version",
        "verified", "drift", "worst", "findings", "unread",
    }  # fmt: skip
    assert (mirror["verdict"], mirror["drift"]) == ("found", [])


def test_what_others_wrote_stays_text() -> None:
    evil = Finding("<script>", "a|b `x` \x1b]0; @everybody", "-")
    made = overview(row(FINE, evil))
    assert "<script>" not in page(made)
    assert "&lt;script&gt;" in page(made)
    assert "\x1b" not in page(made) + markdown(made)
    assert "a\\|b" in markdown(made)


def test_every_row_has_a_cell_for_each_column() -> None:
    made = overview(row(), row(None), row(Live()), problem="no YAML")
    assert len({line.count("|") for line in markdown(made).splitlines() if line.startswith("|")}) == 1


def test_a_secret_that_somebody_deleted_is_drift() -> None:
    """Pulumi compares with its state, in which it still exists: no plan changes anything."""
    there = deployed(settings())
    gone = dict(list(there.secrets.items())[1:])
    plan = made_up_plan(settings(), settings(), secrets=gone)
    assert drift_of(plan) == ("1 Secret deleted outside Pulumi",)
    assert drift_of(made_up_plan(settings(), settings())) == ()


def test_a_stack_file_that_contradicts_the_deployed_phase_is_drift() -> None:
    """The mirror was promoted by a command, and nobody wrote it into the stack file."""
    resource = deployed(settings()).mirror_maker2 or {}
    metadata = resource["metadata"]
    promoted = {**metadata, "annotations": {**metadata.get("annotations", {}), PHASE: "promoted"}}
    plan = made_up_plan(settings(), settings(), mirror_maker2={**resource, "metadata": promoted})
    [said] = drift_of(plan)
    assert said.startswith("`pulumi up` is refused: mirror east-to-west was promoted, but the stack file")


@pytest.mark.parametrize("width", [80, 110, 160])
def test_no_width_of_a_terminal_folds_a_name(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    name = "from-the-eastern-region-to-the-west"
    rows = [StackRow("production-in-the-west", (row(mirror__name=name),)), StackRow("broken", (), "no YAML")]
    render(Overview("region-mirror", tuple(rows), offline=True), Console(width=width))
    lines = capsys.readouterr().out.splitlines()
    if width < 100:
        assert any(line.startswith("ok  prod-west/") for line in lines)
        assert "    regions: east -> west" in lines
        assert "    worst finding: no YAML" in lines
        assert not [line for line in lines if "topics" in line and "phase" in line]
    for text in (name, "east -> west", "replicate", "no YAML"):
        assert any(text in line for line in lines), text

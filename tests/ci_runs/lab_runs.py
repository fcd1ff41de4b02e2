"""Runs against a lab: a topic that is added, a merge that is not proven, a drift, and what they cost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lightkube.core.exceptions import ApiError
from lightkube.types import PatchType

from lab.layout import NAMESPACE
from tests.ci_runs.lab_of_runs import Backend
from tests.ci_runs.log import outcome, seconds_to_comment
from tests.ci_runs.pages import expect, page
from tests.ci_runs.repository import CHECKOUT
from tests.ci_runs.runs import PRODUCTION, Scene
from tests.ci_runs.stacks import ADDED_TOPIC, MIRRORS
from tests.lab.support.lab import KafkaMirrorMaker2

ROUNDS, ROUNDS_OF_TEN = 3, 1
NEVER_PROVEN = """region-mirror:verification:
    deadline_seconds: 0
  region-mirror:users:"""
"""What follows in the stack file after the two spaces of its indentation: one look, right after the
deployment. A worker takes longer to start; within ten seconds a calm machine has proven the mirror."""
ADD_A_TOPIC = ("- audit-log\n", f"- audit-log\n    - {ADDED_TOPIC}\n")


@dataclass(frozen=True)
class LabScene:
    """The scene, and the lab to which its pipelines deploy."""

    scene: Scene
    backend: Backend

    def page(self, name: str, text: str) -> None:
        """Keep what a run wrote."""
        page(name, text, lab=str(self.backend.lab.root))

    def deployed(self, mirror: str) -> bool:
        """Whether a mirror's resource exists."""
        try:
            self.backend.regions.mirror_resource(mirror)
        except ApiError as error:
            if error.status.code != 404:
                raise
            return False
        return True


def a_merge_that_is_not_proven(lab: LabScene) -> None:
    """Staging is deployed and proven; production is not proven; the last environment is not reached."""
    scene = lab.scene
    scene.repository.git("switch", "--quiet", "main")
    scene.repository.edit(PRODUCTION, "region-mirror:users:", NEVER_PROVEN)
    scene.repository.commit("Do not wait for the proof in production")
    code, log = scene.github.push()
    expect(code != 0, log)
    ended = [outcome(log, f"Deploy {one}") for one in ("staging", "production", "last")]
    expect(ended == ["succeeded", "failed", ""], f"{ended}\n{log}")
    expect("is deployed but not proven" in log, log)
    deployed = [lab.deployed(mirror) for mirror in ("east-to-west", "second", "third")]
    expect(deployed == [True, True, False], f"{deployed}\n{log}")
    lab.page("merge-not-proven", _summary("production", scene.github.artifacts / "deploy-production"))


def a_topic_is_added(lab: LabScene) -> None:
    """The comment has the plan, and nothing is deployed."""
    scene = lab.scene
    base, head = scene.change("topic", *ADD_A_TOPIC)
    before = lab.backend.regions.mirror_resource("east-to-west").metadata.generation
    code, log = scene.github.pull_request(base, head)
    expect(code == 0, log)
    comment = scene.comment_with(f"`+` {ADDED_TOPIC}", log)
    after = lab.backend.regions.mirror_resource("east-to-west").metadata.generation
    expect(before == after, "a pull request changed the deployed mirror")
    lab.page("topic-added", comment)


def a_topic_in_a_merge_request(lab: LabScene) -> None:
    """GitLab: the note has the plan."""
    scene = lab.scene
    base, head = scene.change("topic-mr", *ADD_A_TOPIC)
    scene.forge.user = (200, {"id": 5}, {})
    code, log = scene.gitlab.merge_request(base, head)
    expect(code == 0, log)
    lab.page("topic-added-gitlab", scene.comment_with(f"`+` {ADDED_TOPIC}", log))


def a_night_without_a_drift(lab: LabScene) -> None:
    """Nobody has changed the deployed mirror: the nightly run passes."""
    code, log = lab.scene.github.nightly("staging")
    expect(code == 0, log)


def a_drift(lab: LabScene) -> None:
    """Somebody edits the deployed mirror with kubectl: the nightly run fails, and shows the difference and
    who made it.
    """
    lab.backend.regions.kubernetes("west").patch(
        KafkaMirrorMaker2,
        "east-to-west",
        {"spec": {"replicas": 1}},
        namespace=NAMESPACE,
        patch_type=PatchType.MERGE,
        field_manager="kubectl-edit",  # as `kubectl edit` names itself
    )
    code, log = lab.scene.github.nightly("staging")
    expect(code != 0, log)
    folder = lab.scene.github.artifacts / "nightly-staging" / "staging"
    expect("replicas" in (folder / "preview.txt").read_text(), log)
    changed = (folder / "changed-by.md").read_text()
    expect("spec.replicas" in changed and "kubectl-edit" in changed, f"{changed}\n{log}")
    lab.page("drift", _summary("staging", folder.parent))


def the_time_of_one_stack(lab: LabScene) -> None:
    """From push to comment beside a bare preview of the same stack, in turns."""
    took: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        took.append(_to_comment(lab, f"round-{number}", *ADD_A_TOPIC))
        start = time.monotonic()
        lab.backend.pulumi("preview", "--stack", "staging", "--diff")
        bare.append(time.monotonic() - start)
    shown = f"push to comment {_seconds(took)}, bare preview {_seconds(bare)}"
    print(f"{shown}: ratio of the medians {median(took) / median(bare):.2f}")


def the_time_of_ten_stacks(lab: LabScene) -> None:
    """A change of code that concerns all ten stacks, beside one that concerns one stack."""
    one: list[float] = []
    ten: list[float] = []
    for number in range(ROUNDS_OF_TEN):
        one.append(_to_comment(lab, f"one-{number}", *ADD_A_TOPIC))
        ten.append(_to_comment(lab, f"ten-{number}", "runtime:", "# Ten stacks\nruntime:", "Pulumi.yaml"))
        expect(len(lab.scene.forge.bodies) == len(MIRRORS), lab.scene.forge.bodies)
    shown = f"push to comment: ten stacks {_seconds(ten)}, one stack {_seconds(one)}"
    print(f"{shown}: ratio of the medians {median(ten) / median(one):.2f}")


def _to_comment(lab: LabScene, branch: str, before: str, after: str, *file: str) -> float:
    code, log = lab.scene.github.pull_request(*lab.scene.change(branch, before, after, *file))
    expect(code == 0, log)
    return seconds_to_comment(log)


def _seconds(values: list[float]) -> str:
    return " ".join(f"{value:.1f}" for value in values) + " s"


def _summary(stack: str, reports: Path) -> str:
    command = [sys.executable, "-m", "mirror", "ci", "summary", stack, "--reports", str(reports)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout


ON_THE_LAB: tuple[Callable[[LabScene], None], ...] = (
    a_merge_that_is_not_proven,
    a_topic_is_added,
    a_topic_in_a_merge_request,
    a_night_without_a_drift,
    the_time_of_one_stack,
    the_time_of_ten_stacks,
    a_drift,
)

"""`python -m tests.ci_runs`: runs the printed pipelines, and writes what they wrote into docs/ci/.

`--without-lab` leaves out the runs that deploy to a lab. Names of runs after the options choose among them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.ci_runs.github_run import GitHubRun
from tests.ci_runs.gitlab_run import GitLabRun
from tests.ci_runs.lab_of_runs import Backend, lab_of_runs, target_as_found
from tests.ci_runs.lab_runs import ON_THE_LAB, LabScene
from tests.ci_runs.pages import NotAsExpected
from tests.ci_runs.repository import Repository
from tests.ci_runs.runs import WITHOUT_LAB, Scene
from tests.ci_runs.stacks import ENVIRONMENTS, ENVIRONMENTS_OF_TEN, MIRRORS, MORE, stacks
from tests.ci_runs.tools import missing
from tests.unit.support.forge_server import ForgeServer, serving

Where = TypeVar("Where", Scene, LabScene)


def main(options: list[str]) -> None:
    """Run all, or those that are named."""
    if problems := missing():
        sys.exit("\n".join(problems))
    named = [one for one in options if not one.startswith("-")]
    with tempfile.TemporaryDirectory(prefix="ci-runs-") as folder, serving() as forge:
        scratch = Path(folder)
        repository = Repository.create(scratch / "mirrors", stacks(), ENVIRONMENTS)
        _run(WITHOUT_LAB, _scene(scratch, repository, forge), named)
        if "--without-lab" not in options:
            _with_lab(scratch, forge, named)


def _with_lab(scratch: Path, forge: ForgeServer, named: list[str]) -> None:
    repository = Repository.create(scratch / "ten-mirrors", stacks(MORE), ENVIRONMENTS_OF_TEN)
    scene = _scene(scratch, repository, forge)
    with lab_of_runs(scratch) as lab:
        backend = Backend(lab, scratch / "state", repository.folder)
        scene.github.variables, scene.github.secrets = backend.variables, backend.secrets
        scene.github.environment, scene.github.lab = backend.runner, str(lab.root)
        scene.gitlab.variables = {**backend.variables, **backend.secrets}
        scene.gitlab.environment, scene.gitlab.lab = backend.runner, lab.root
        with target_as_found(lab), backend.stacks(MIRRORS):
            _run(ON_THE_LAB, LabScene(scene, backend), named)


def _scene(scratch: Path, repository: Repository, forge: ForgeServer) -> Scene:
    return Scene(GitHubRun(repository, forge.url, scratch), GitLabRun(repository, forge.url), forge)


def _run(runs: tuple[Callable[[Where], None], ...], where: Where, named: list[str]) -> None:
    for one in runs:
        if named and one.__name__ not in named:
            continue
        start = time.monotonic()
        one(where)
        print(f"{one.__name__}: as expected, {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except NotAsExpected as seen:
        sys.exit(f"not as expected:\n{seen}")

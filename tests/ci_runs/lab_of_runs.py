"""The lab that the runs deploy to, a backend of their own, and the removal of what they deployed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.env import pulumi_environment
from lab.layout import LAB_VARIABLE, Lab
from lab.workload.installation import RATE_VARIABLE
from mirror.cutover.teardown.judge import OVERRIDE
from tests.ci_runs.repository import CHECKOUT
from tests.lab.support import kafka
from tests.lab.support.lab import Regions

CALM_RATE = "10"
"""Records a second of the lab's production: its usual 60 would be part of what the runs measure."""


@contextmanager
def lab_of_runs(scratch: Path) -> Iterator[Lab]:
    """The lab that REGION_MIRROR_LAB names, on which nothing may be deployed; without the variable, a lab
    that ends with the runs.
    """
    named = os.environ.get(LAB_VARIABLE)
    lab = Lab(Path(named)) if named else Lab(scratch / "lab")
    environment = {RATE_VARIABLE: CALM_RATE, **os.environ, LAB_VARIABLE: str(lab.root)}
    command, own = [sys.executable, "-m", "lab"], ("--while", str(os.getpid()))
    try:
        subprocess.run([*command, "up", *(() if named else own)], cwd=CHECKOUT, env=environment, check=True)
        yield lab
    finally:
        if not named:
            subprocess.run([*command, "down"], cwd=CHECKOUT, env=environment, check=True)


@contextmanager
def target_as_found(lab: Lab) -> Iterator[None]:
    """Delete the topics and groups on the target that were not there before: a mirror leaves its copies, and
    the next one would refuse to start over them.
    """
    target = Regions(lab).kafka("west")
    before = kafka.topics(target), _groups(target)
    try:
        yield
    finally:
        for topic in kafka.topics(target) - before[0]:
            kafka.delete_topic(target, topic)
        for group in _groups(target) - before[1]:
            kafka.delete_group(target, group)


def _groups(config: kafka.Config) -> set[str]:
    listed = kafka.administrator(config).list_consumer_groups(request_timeout=30).result()
    return {one.group_id for one in listed.valid}


@dataclass(frozen=True)
class Backend:
    """Pulumi on the lab, with a state that the runs do not share with the lab's own stack."""

    lab: Lab
    state: Path
    project: Path

    @property
    def regions(self) -> Regions:
        """Both regions, as their administrator."""
        return Regions(self.lab)

    @property
    def runner(self) -> dict[str, str]:
        """The environment of a runner: its programs, no state and no secret."""
        given = pulumi_environment(self.lab)
        return {name: value for name, value in given.items() if name not in self._of_the_project}

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the forge's environments."""
        return {"PULUMI_BACKEND_URL": f"file://{self.state}"}

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets of the forge's environments."""
        return {"PULUMI_CONFIG_PASSPHRASE": self.lab.passphrase.read_text()}

    @property
    def _of_the_project(self) -> tuple[str, ...]:
        return (*self.variables, "PULUMI_CONFIG_PASSPHRASE_FILE")

    @contextmanager
    def stacks(self, names: Mapping[str, str]) -> Iterator[None]:
        """Create stacks as a person does once; in the end destroy each that is deployed. `names` has the
        mirror of each stack.
        """
        self.state.mkdir()
        for stack in names:
            self.pulumi("stack", "select", "--create", "--stack", stack)
        try:
            yield
        finally:
            for stack, mirror in reversed(list(names.items())):
                destroy = ("destroy", "--yes", "--skip-preview", "--stack", stack)
                self.pulumi(*destroy, environment={OVERRIDE: mirror})

    def pulumi(self, *words: str, environment: Mapping[str, str] | None = None) -> str:
        """Run the CLI in the project, and return its output."""
        links = {".venv": (CHECKOUT / ".venv").resolve(), ".lab": self.lab.root}
        for name, target in links.items():
            (self.project / name).unlink(missing_ok=True)
            (self.project / name).symlink_to(target)
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive", "--color", "never"],
            cwd=self.project,
            env={**os.environ, **self.runner, **self.variables, **self.secrets, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"pulumi {' '.join(words)}:\n{done.stdout}{done.stderr}")
        return done.stdout

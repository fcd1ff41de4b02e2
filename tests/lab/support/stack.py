"""A stack in a project of its own, so that a test may change its stack file and nothing of the checkout.

The project folder holds links to the program and one real folder, `stacks/`; its `.lab` leads to the
run's lab, so that even the committed stack file works there as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from mirror.cutover.teardown.judge import OVERRIDE
from settings.load import load_stack
from settings.model import Stack as SettingsOfStack
from settings.stack_file import parse_stack_file
from tests.lab.support.command import Ran, run
from tests.lab.support.looks import LOOKS
from tests.lab.support.wait import until

CHECKOUT = Path(__file__).parents[3]
LINKED = (
    "Pulumi.yaml",
    "__main__.py",
    "components",
    "manifests",
    "mirror",
    "policy",
    "settings",
    "requirements.txt",
    "requirements-mirror.txt",
    ".venv",
)


@dataclass(frozen=True)
class Stack:
    """One stack `name` of the program, deployed with the real CLI from `project`."""

    project: Path
    name: str
    environment: Mapping[str, str]

    @classmethod
    def create(cls, folder: Path, lab_root: Path, name: str, environment: Mapping[str, str]) -> Self:
        """A project in `folder` with the lab's committed stack file, and the stack in the backend."""
        (folder / "stacks").mkdir(parents=True, exist_ok=True)
        for entry in LINKED:
            link = folder / entry
            if not link.is_symlink():
                link.symlink_to(CHECKOUT / entry)
        if not (folder / ".lab").is_symlink():
            (folder / ".lab").symlink_to(lab_root)
        stack = cls(folder, name, environment)
        stack.file.write_text((CHECKOUT / "stacks" / "Pulumi.lab.yaml").read_text())
        stack.pulumi("stack", "select", "--create", "--stack", name).ok()
        return stack

    @property
    def file(self) -> Path:
        """The stack file."""
        return self.project / "stacks" / f"Pulumi.{self.name}.yaml"

    def configure(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the stack file: `change` gets {"source": ..., "mirror": ...} and edits it in place."""
        document = yaml.safe_load(self.file.read_text())
        prefix = "region-mirror:"
        sections = {name: {} for name in ("users", "verification")} | {
            key.removeprefix(prefix): value for key, value in document["config"].items()
        }
        change(sections)
        document["config"] = {f"{prefix}{name}": section for name, section in sections.items()}
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))

    def settings(self) -> SettingsOfStack:
        """What the stack file says, secrets left encrypted."""
        return load_stack(parse_stack_file(self.file.read_text()))

    def keep_secret(self, path: str, value: str) -> None:
        """Put a secret into the stack file as a person would: encrypted, and by no argument of a process."""
        key = f"region-mirror:{path}"
        self.pulumi(
            "config", "set", "--secret", "--path", key, "--stack", self.name, standard_input=value
        ).ok()

    def pulumi(
        self,
        *arguments: str,
        seconds: float = 1200,
        standard_input: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """The CLI, never asking back."""
        argv = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        env = {**self.environment, **(environment or {})}
        return run(argv, cwd=self.project, env=env, seconds=seconds, standard_input=standard_input)

    def up(self) -> Ran:
        """`pulumi up`, without the preview that a person would look at."""
        return self.pulumi("up", "--yes", "--skip-preview", "--stack", self.name, "--diff")

    def new_baseline(self) -> Ran:
        """Take the source as it is now: an `up` while a test's topic was there has put it into the baseline,
        and the topic has been deleted since.
        """
        resources = json.loads(self.state())["deployment"]["resources"]
        (urn,) = [one["urn"] for one in resources if one["type"].endswith(":Baseline")]
        return self.pulumi("up", "--yes", "--skip-preview", "--stack", self.name, "--replace", urn)

    def preview(self, *arguments: str) -> Ran:
        """`pulumi preview` with the details of each change."""
        return self.pulumi("preview", "--diff", "--stack", self.name, *arguments)

    def destroy(self, *, override: bool = True) -> Ran:
        """`pulumi destroy`, with the guard's override for all mirrors: a test ends amid its traffic."""
        names = ",".join(one.mirror.name for one in self.settings()) if override else ""
        argv = ["destroy", "--yes", "--skip-preview", "--stack", self.name]
        return self.pulumi(*argv, environment={OVERRIDE: names})

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        answer: dict[str, Any] = json.loads(
            self.pulumi("stack", "output", "--json", "--stack", self.name).ok().stdout
        )
        return answer

    def state(self) -> str:
        """The state as it lies in the backend, secrets as they are kept."""
        return self.pulumi("stack", "export", "--stack", self.name).ok().stdout

    def verify(self, *arguments: str) -> Ran:
        """`python -m mirror verify` for this stack."""
        argv = [sys.executable, "-m", "mirror", "verify", "--config-file", str(self.file), *arguments]
        return run(argv, cwd=self.project, env=self.environment)

    def offsets(self, *arguments: str) -> Ran:
        """`python -m mirror offsets ...` for this stack."""
        argv = [sys.executable, "-m", "mirror", "offsets", *arguments, "--config-file", str(self.file)]
        return run(argv, cwd=self.project, env=self.environment, standard_input="")

    def fails_alone(self, check: str, *, later: Iterable[str] = ()) -> None:
        """Wait until this check fails, and no other one. `later`: checks that the same fault makes fail after
        a while, which a slow machine may have reached at its first look.
        """

        def alone() -> bool:
            failed = self.failed_checks()
            return check in failed and failed <= {check, *later}

        try:
            until(f"{check} alone to fail", alone, seconds=120)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{LOOKS.findings}") from late

    def failed_checks(self, *arguments: str) -> set[str]:
        """The names of the checks that do not pass now. With arguments, `python -m mirror verify` looks; else
        this process does, through connections that last.
        """
        if not arguments:
            (report,) = LOOKS.at(self.file)
            return {check.name for check in report.checks if not check.passed}
        ran = self.verify("--json", *arguments)
        assert ran.code in (0, 1), ran.output
        return {check["name"] for check in json.loads(ran.stdout)["checks"] if not check["passed"]}

"""The problems of a project's stack files, found without a cluster and without a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from mirror.text.markdown import code, prose


@dataclass(frozen=True, slots=True)
class FileProblems:
    """A file of the project, and the problems in it."""

    file: str
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return both by their names."""
        return {"file": self.file, "problems": list(self.problems)}


@dataclass(frozen=True, slots=True)
class Checked:
    """Every file that was checked, and the stacks whose stack files a change deletes."""

    files: Sequence[FileProblems]
    deleted: Sequence[str] = ()

    @property
    def passed(self) -> bool:
        """Whether no file has a problem. A deleted stack file is reported, and fails nothing."""
        return not any(one.problems for one in self.files)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome, the files and the deleted stacks."""
        files = [one.to_json() for one in self.files]
        return {"passed": self.passed, "files": files, "deleted": list(self.deleted)}


def render(checked: Checked, console: Console) -> None:
    """Print each file with its problems."""
    for one in checked.files:
        mark = Text("FAIL ", "bold red") if one.problems else Text("ok   ", "green")
        console.print(Text.assemble(mark, one.file))
        for problem in one.problems:
            console.print(Text(f"     {problem}"))
    for stack in checked.deleted:
        console.print(Text(_deleted(stack)))


def markdown(checked: Checked) -> str:
    """Return the same for the summary of a pipeline's run."""
    failing = [one for one in checked.files if one.problems]
    outcome = f"**{len(failing)} of {len(checked.files)} files have problems.**"
    lines = ["### Settings", "", outcome if failing else f"{len(checked.files)} files have no problem."]
    for one in failing:
        lines += ["", f"{code(one.file)}:", "", *(f"- {prose(problem)}" for problem in one.problems)]
    if checked.deleted:
        lines += ["", *(f"- {prose(_deleted(stack))}" for stack in checked.deleted)]
    return "\n".join(lines) + "\n"


def _deleted(stack: str) -> str:
    return (
        f"The stack file of {stack} is deleted. Deleting the file destroys nothing: the mirror remains "
        "deployed until `pulumi destroy`"
    )

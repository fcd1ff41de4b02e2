"""The problems of a project's stack files, found without a cluster and without a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from mirror.ci.concerned import Concerned
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
    """Every file that was checked, and, where a base is known, the stacks that the change concerns."""

    files: Sequence[FileProblems]
    change: Concerned | None = None

    @property
    def passed(self) -> bool:
        """Whether no file has a problem. A deleted stack file is reported, and fails nothing."""
        return not any(one.problems for one in self.files)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome, the files and the change."""
        files = [one.to_json() for one in self.files]
        return {
            "passed": self.passed,
            "files": files,
            "change": None if self.change is None else self.change.to_json(),
        }


def render(checked: Checked, console: Console) -> None:
    """Print each file with its problems."""
    for one in checked.files:
        mark = Text("FAIL ", "bold red") if one.problems else Text("ok   ", "green")
        console.print(Text.assemble(mark, one.file))
        for problem in one.problems:
            console.print(Text(f"     {problem}"))
    if checked.change is not None:
        render_concerned(checked.change, console)


def markdown(checked: Checked) -> str:
    """Return the same for the summary of a pipeline's run."""
    failing = [one for one in checked.files if one.problems]
    lines = ["### Settings", "", f"**{len(failing)} of {_files(checked)} with problems.**"]
    if not failing:
        lines[-1] = f"{_files(checked)} without a problem."
    for one in failing:
        lines += ["", f"{code(one.file)}:", "", *(f"- {prose(problem)}" for problem in one.problems)]
    if checked.change is not None:
        lines += ["", concerned_markdown(checked.change).rstrip()]
    return "\n".join(lines) + "\n"


def render_concerned(found: Concerned, console: Console) -> None:
    """Print each stack that a change concerns, and why."""
    for one in found.stacks:
        console.print(Text(f"{one.stack} ({one.environment}): {', '.join(one.to_json()['because'])}"))
    for told in _remains(found):
        console.print(Text(told))


def concerned_markdown(found: Concerned) -> str:
    """Return the same for the summary of a pipeline's run."""
    lines = [f"- {code(one.stack)}: {', '.join(map(code, one.to_json()['because']))}" for one in found.stacks]
    lines += [f"- {prose(told)}" for told in _remains(found)]
    return "\n".join(["### Stacks that the change concerns", "", *(lines or ["None."])]) + "\n"


def _files(checked: Checked) -> str:
    return f"{len(checked.files)} {'file' if len(checked.files) == 1 else 'files'}"


def _remains(found: Concerned) -> list[str]:
    """What remains deployed, although the change takes it away."""
    deleted = [
        f"The stack file of {stack} is deleted. Deleting the file destroys nothing: the mirror remains "
        "deployed until `pulumi destroy`"
        for stack in found.deleted
    ]
    left_out = [
        f"Stack {stack} is in no environment any more. Its mirror remains as it is deployed until `pulumi "
        "destroy`, and no pipeline looks for drift or verifies it"
        for stack in found.left_out
    ]
    return [*deleted, *left_out]

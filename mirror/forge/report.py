"""The reports of one stack as a pipeline leaves them in a folder: for each command its output and exit code.

`plan.md` is Markdown that region-mirror printed, `preview.txt` is any program's output, and `plan.exit` and
`preview.exit` contain the exit codes. A command without an exit code did not end, which counts as a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mirror.forge.shorten import fenced
from mirror.problems import CouldNotRun

TITLES = {
    "settings": "Settings",
    "policy": "Policy",
    "render": "Rendered manifests",
    "plan": "Plan",
    "changed-by": "Changes outside Pulumi",
    "preview": "Output of <code>pulumi preview</code>",
    "up": "Output of <code>pulumi up</code>",
    "verify": "Verification",
}
"""The commands in the order of a comment, and how it calls them."""
INFORMS = frozenset({"changed-by", "plan", "render"})
"""Commands that do not decide whether the stack passed: `plan` cannot decrypt a stack's credentials, and
`pulumi preview`, which can, fails for every other reason for which `plan` fails. `render --diff` shows.
"""
_OF_A_PULL_REQUEST = "preview"
"""The command that decides whether a pull request passed; the others need no cluster, or inform."""
_NO_FAILURES = {("render", 1): "files differ"}
"""Exit codes other than 0 that are no failure, and what they mean."""


@dataclass(frozen=True, slots=True)
class Part:
    """The output of one command. `exit_code` is None where the command did not end."""

    name: str
    text: str
    markdown: bool
    exit_code: int | None

    @property
    def title(self) -> str:
        """The command as a comment calls it: HTML without foreign text."""
        return TITLES[self.name]

    @property
    def passed(self) -> bool:
        """Whether the command ended, with success."""
        return self.exit_code == 0 or (self.name, self.exit_code) in _NO_FAILURES

    @property
    def outcome(self) -> str:
        """The result in a few words."""
        if self.exit_code is None:
            return "did not end"
        if meant := _NO_FAILURES.get((self.name, self.exit_code)):
            return meant
        return "passed" if self.passed else f"failed (exit code {self.exit_code})"


@dataclass(frozen=True, slots=True)
class StackReport:
    """All that a run found about one stack. No part: the run has no report about it."""

    stack: str
    parts: tuple[Part, ...]

    @property
    def passed(self) -> bool:
        """Whether every command that decides has passed. A missing report has not passed."""
        deciding = [part for part in self.parts if part.name not in INFORMS]
        return bool(deciding) and all(part.passed for part in deciding)


def of_pull_request(report: StackReport) -> StackReport:
    """Return the report of a stack of a pull request, in which a preview that is missing has not passed: the
    job of `ci check` also leaves a report of a stack whose preview was cancelled or never began. Pure.
    """
    if not report.passed or any(part.name == _OF_A_PULL_REQUEST for part in report.parts):
        return report
    missing = Part(
        _OF_A_PULL_REQUEST,
        "The run has no report of this command: its job was cancelled, failed before, or does not exist.",
        False,
        None,
    )
    return replace(report, parts=(*report.parts, missing))


def read_report(folder: Path, stack: str) -> StackReport:
    """Read a stack's reports from its subfolder; without the subfolder the report has no part. Raises
    CouldNotRun.
    """
    parts = [found for name in TITLES if (found := _part(folder / stack, name)) is not None]
    return StackReport(stack, tuple(parts))


def write_part(folder: Path, stack: str, part: Part) -> None:
    """Write the output of one command as `read_report` reads it."""
    own = folder / stack
    own.mkdir(parents=True, exist_ok=True)
    (own / f"{part.name}.{'md' if part.markdown else 'txt'}").write_text(part.text, encoding="utf-8")
    (own / f"{part.name}.exit").write_text(f"{part.exit_code}\n", encoding="utf-8")


def _part(folder: Path, name: str) -> Part | None:
    markdown, output = _read(folder / f"{name}.md"), _read(folder / f"{name}.txt")
    code = _read(folder / f"{name}.exit")
    if markdown is None and output is None and code is None:
        return None
    exit_code = int(code) if code is not None and code.strip().isdecimal() else None
    if not (markdown and markdown.strip()):
        # A command that could not run has no Markdown, but a message in its other output.
        return Part(name, output or "", False, exit_code)
    part = Part(name, markdown, True, exit_code)
    if output and output.strip() and not part.passed:
        # It had printed something before it failed: the reason is first, and is not cut off.
        return replace(part, text=f"{fenced(output)}\n\n{markdown}")
    return part


def _read(file: Path) -> str | None:
    """Read a file of an artifact, which the job of a pull request has written. A link in it could lead to a
    secret of the job that comments (`/proc/self/environ`).
    """
    for one in (file.parent.parent, file.parent, file):
        if one.is_symlink():
            raise CouldNotRun(f"reading {file}", f"{one} is a symbolic link", "look at who wrote the reports")
    if file.exists() and not file.is_file():
        raise CouldNotRun(f"reading {file}", "it is not a regular file", "look at who wrote the reports")
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CouldNotRun(f"reading {file}", str(error), "check --reports") from error

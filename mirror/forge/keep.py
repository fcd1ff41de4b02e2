"""Keeps one comment for each stack of a pull request: creates, edits and deletes until that is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.forge.api import Gone, Unanswered
from mirror.forge.body import body, stale_body
from mirror.forge.forge import Comment, Forge
from mirror.forge.mark import Mark, marked
from mirror.forge.report import StackReport

Action = Literal["created", "edited", "unchanged", "deleted", "marked as stale", "left to a newer run"]
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """The run that writes: the project, the commit that it read, its number, and its address."""

    project: str
    commit: str
    number: int
    link: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done about the comment of a stack."""

    stack: str
    action: Action

    def to_json(self) -> dict[str, str]:
        """Return both by their names."""
        return {"stack": self.stack, "action": self.action}


def keep(forge: Forge, run: Run, reports: Sequence[StackReport]) -> list[Kept]:
    """Bring the comments of the pull request in line with the reports: one for each stack, none for other
    stacks of this project. A newer run's comment remains as it is. Raises CouldNotRun.
    """
    head = forge.head()
    existing = _by_stack(forge, run)
    done = [_keep_one(forge, run, report, head, existing.get(report.stack, [])) for report in reports]
    if any(one.action in ("created", "edited") for one in done):
        _settle(forge, run, reports, head)
    wanted = {report.stack for report in reports}
    return [
        *done,
        *(_drop(forge, run, stack, found) for stack, found in existing.items() if stack not in wanted),
    ]


def _settle(forge: Forge, run: Run, reports: Sequence[StackReport], head: str) -> None:
    """Look again after writing. Two runs that both saw no comment have both created one: the first remains.
    An older run may have replaced a comment of this one, and a commit that was pushed meanwhile makes it
    stale.
    """
    written, now = _by_stack(forge, run), forge.head()
    for report in reports:
        found = written.get(report.stack, [])
        newest = max((mark.run for mark, _ in found), default=run.number)
        replaced = bool(report.parts) and newest < run.number
        if len(found) > 1 or replaced or (now != head and newest == run.number):
            _keep_one(forge, run, report, now, found)


def mark_stale(forge: Forge, run: Run) -> list[Kept]:
    """Mark the comments about other commits as stale, of a run that does not know which stacks the pull
    request concerns. Raises CouldNotRun.
    """
    head, done = forge.head(), []
    for stack, comments in _by_stack(forge, run).items():
        mark, first = comments[0]
        if max(one.run for one, _ in comments) > run.number:
            done.append(Kept(stack, "left to a newer run"))
        elif mark.commit == run.commit:
            done.append(Kept(stack, "unchanged"))
        else:
            reason = "The check of the newer commit failed before any stack was judged."
            forge.edit(first, stale_body(first.body, mark, head or run.commit, run.link, reason, forge.limit))
            done.append(Kept(stack, "marked as stale"))
    return done


def _keep_one(
    forge: Forge, run: Run, report: StackReport, head: str, existing: Sequence[tuple[Mark, Comment]]
) -> Kept:
    """Create or edit. Another run may delete or create the same comment in the meantime: then look again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _write(forge, run, report, head, existing)
        except (Gone, Unanswered):
            existing = _by_stack(forge, run).get(report.stack, [])
    return _write(forge, run, report, head, existing)


def _write(
    forge: Forge, run: Run, report: StackReport, head: str, existing: Sequence[tuple[Mark, Comment]]
) -> Kept:
    if existing:
        return _edit(forge, run, report, head, existing)
    forge.create(_body(forge, run, report, head))
    return Kept(report.stack, "created")


def _edit(
    forge: Forge, run: Run, report: StackReport, head: str, existing: Sequence[tuple[Mark, Comment]]
) -> Kept:
    (mark, first), *others = existing
    newest = max(one.run for one, _ in existing)
    if newest > run.number:
        return Kept(report.stack, "left to a newer run")
    for _, other in others:
        forge.delete(other)
    if not report.parts and mark.commit != run.commit:
        # The old report is still of use to a reviewer, if it says that it is old.
        reason = "The run for the newer commit has no report about this stack."
        forge.edit(first, stale_body(first.body, mark, head or run.commit, run.link, reason, forge.limit))
        return Kept(report.stack, "marked as stale")
    text = _body(forge, run, report, head)
    if first.body.rstrip() == text.rstrip():
        return Kept(report.stack, "unchanged")
    forge.edit(first, text)
    return Kept(report.stack, "edited")


def _drop(forge: Forge, run: Run, stack: str, comments: Sequence[tuple[Mark, Comment]]) -> Kept:
    if max(mark.run for mark, _ in comments) > run.number:
        return Kept(stack, "left to a newer run")
    for _, comment in comments:
        forge.delete(comment)
    return Kept(stack, "deleted")


def _body(forge: Forge, run: Run, report: StackReport, head: str) -> str:
    mark = Mark(run.project, report.stack, run.commit, run.number)
    return body(report, mark, link=run.link, head=head, limit=forge.limit)


def _by_stack(forge: Forge, run: Run) -> Mapping[str, list[tuple[Mark, Comment]]]:
    found: dict[str, list[tuple[Mark, Comment]]] = {}
    for mark, comment in _own(forge, run):
        found.setdefault(mark.stack, []).append((mark, comment))
    return found


def _own(forge: Forge, run: Run) -> Iterator[tuple[Mark, Comment]]:
    for comment in sorted(forge.comments(), key=lambda one: one.number):
        mark = marked(comment.body)
        if mark is not None and mark.project == run.project:
            yield mark, comment

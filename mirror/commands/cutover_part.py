"""Shared by the commands `cutover`, `cutover status` and `cutover rollback`: a cutover in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.stack_files import StackFile
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.part import stack_file as texts
from mirror.cutover.part.choose import chosen, completed, in_progress
from mirror.cutover.part.judge import Asked
from mirror.cutover.part.part import Part
from mirror.cutover.part.steps import seen_by
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem, replace_file

TopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="Move only this topic, by its name on the source, and the groups that read nothing else; "
        "repeatable. The mirror goes on with the rest.",
    ),
]
GroupOption = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="GROUP",
        help="With --topic: a consumer group that is moved along; repeatable. Default: each group that reads "
        "only these topics.",
    ),
]
CoupledOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-coupled",
        metavar="USER",
        help="With --topic: a user with a transactional id whose transactions do not span topics that are "
        "moved and topics that stay, although its ACLs would allow it; repeatable.",
    ),
]
WriteOption = Annotated[
    bool,
    typer.Option(
        "--write-stack-file",
        help="With --topic: write what was moved into the stack file (`mirror.moved`), instead of printing "
        "it.",
    ),
]


@dataclass(frozen=True, slots=True)
class Scene:
    """The world as the steps see it, and which part they move; no part: the whole mirror."""

    whole: World
    world: World
    part: Part | None = None
    notes: Sequence[str] = ()

    @property
    def question(self) -> str:
        """What is asked before anything is changed."""
        name = self.whole.settings.mirror.name
        return f"Move mirror {name} now?" if self.part is None else f"Move {self.part.told} of {name} now?"


def asked_for(
    topics: Sequence[str] | None,
    groups: Sequence[str] | None,
    leave_out: frozenset[str],
    accept_coupled: Sequence[str] | None,
    *,
    write: bool = False,
) -> Asked:
    """Return what the options name. Raises CouldNotRun for an option that has an effect on a part only."""
    if not (topics or groups) and (write or accept_coupled):
        option = "--write-stack-file" if write else "--accept-coupled"
        raise CouldNotRun(
            "reading the command line",
            f"{option} without --topic has no effect: the whole mirror would be moved",
            "name the topics with --topic, or leave the option out",
        )
    return Asked(tuple(topics or ()), tuple(groups or ()), leave_out, frozenset(accept_coupled or ()))


def scene(world: World, asked: Asked) -> Scene:
    """Return what the command moves. Raises CouldNotRun with every problem, before anything is changed."""
    journal = ConfigMapJournal(world.target_kubernetes, world.settings)
    part, stays = chosen(world, asked, journal)
    if part is None:
        return Scene(world, world)
    return Scene(world, seen_by(part, world), part, notes(part, stays))


def scene_in_progress(world: World) -> Scene:
    """Return the part that is in progress, else the whole mirror. Raises CouldNotRun."""
    part = in_progress(world, ConfigMapJournal(world.target_kubernetes, world.settings))
    return Scene(world, world) if part is None else Scene(world, seen_by(part, world), part, (_moves(part),))


def without_way_back(world: World) -> str:
    """Return why a rollback is refused because a part was moved; empty where it is not. Raises
    CouldNotRun.
    """
    journal, resource = ConfigMapJournal(world.target_kubernetes, world.settings), world.resource()
    if (begun := in_progress(world, journal)) is not None:
        part, more = begun, f"Complete it with `{begun.command}`"
    elif (done := completed(world, journal)) is not None:
        part, more = done, "No other cutover of this mirror is in progress"
    else:
        return ""
    if not part.is_moved(resource):
        return ""
    return (
        f"{part.told} moved: clients may have written to {world.settings.target.alias}, and a rollback would "
        f"lose these records. Nothing was changed. {more}"
    )


def notes(part: Part, stays: str) -> list[str]:
    """Say what a part does and does not, for the confirmation. Pure."""
    alias, cutover = part.whole.source.alias, part.whole.cutover
    found = [_moves(part)]
    if stays:
        found.append(stays)
    found.append(
        "MM2 sets no offsets of any group from stop-sync until the end; records are mirrored all the time"
    )
    for_all = [
        name
        for name, there in (
            ("workloads", cutover.workloads),
            ("binding", cutover.binding),
            ("switch_command", cutover.switch_command),
        )
        if there
    ]
    if for_all:
        named = ", ".join(f"cutover.{one}" for one in for_all)
        found.append(f"not run for a part, because it is for the whole mirror: {named}")
    found.append(
        f"after promote these topics stay fenced on {alias}, and no rollback moves them back: they come home "
        "with the rest, once that was moved, too (`region-mirror reverse`)"
    )
    return found


def _moves(part: Part) -> str:
    groups = "" if part.scope.groups else "; no group reads only these topics"
    return f"moves {part.told}{groups}"


def left_to_do(part: Part, file: StackFile | None, hurry: str = "", *, write: bool) -> str:
    """Return what a person has to do after a part was moved. `hurry`: what comes first, if anything. `write`:
    change the stack file. A file that cannot be changed is left to the person, with the reason: the part is
    moved all the same.
    """
    settings, moved = part.whole, part.after.mirror.moved
    where = file.path.name if file is not None else "the stack file"
    change = f"Write this into section `mirror` of {where}, and run `pulumi up`: {texts.lines(moved)}"
    if file is not None and write:
        try:
            text = file.path.read_text(encoding="utf-8")
            changed = texts.with_moved(text, file.project, settings.mirror.name, moved, file.defaults)
            if _write(file.path, changed):
                change = f"{where} names what was moved (`mirror.moved`): commit it, and run `pulumi up`"
        except (OSError, UnicodeDecodeError) as error:
            change += f" ({where} could not be changed: {file_problem(error)})"
    return "\n".join(
        [
            f"{part.told} moved to {settings.target.alias}. What is left to do:",
            *([f"- {hurry}"] if hurry else []),
            "- Start their consumers and then their producers there: `region-mirror clients` prints how each "
            "copied user connects",
            f"- {change}",
            f"- Leave them fenced on {settings.source.alias}: no mirror copies what is written there now",
        ]
    )


def _write(path: Path, text: str | None) -> bool:
    """Replace the file, with its mode; False where a person has to write it. Raises OSError."""
    if text is None:
        return False
    mode = path.stat().st_mode
    replace_file(path, text)
    path.chmod(mode)
    return True

"""The file `environments.yaml` beside the stack files: in which order the stacks are deployed.

    environments:
      - name: staging
        stacks: [staging-west]
      - name: production
        stacks: [prod-west, prod-south]
    not_deployed: [example]

An environment's name is also that of its environment at GitHub or GitLab, which has its secrets and
approvers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from settings.cron import schedule
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import PulumiLoader

FILE_NAME = "environments.yaml"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}")
_CRON = re.compile(r"[0-9*,/ -]{9,60}")
_COMMENTS = "comments"
"""GitLab's environment with the token that writes comments."""
_KEYS = (
    "environments",
    "not_deployed",
    "branch",
    "runner",
    "check_runner",
    "nightly",
    "pulumi_organization",
    "pulumi_preview_team",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """Stacks that are deployed before those of the next environment, one after the other."""

    name: str
    stacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments in the order of deployment, and what the pipelines need to know of the project."""

    environments: tuple[Environment, ...]
    not_deployed: tuple[str, ...] = ()
    branch: str = "main"
    """Its commits are deployed."""
    runner: str = "ubuntu-latest"
    """Label of the runner (a tag at GitLab): it must reach the clusters."""
    check_runner: str = "ubuntu-latest"
    """Label of the runner for the check of a pull request, which also runs the code of a fork: it should
    reach nothing.
    """
    nightly: str = "17 3 * * *"
    """When drift is looked for: cron, in UTC."""
    pulumi_organization: str = ""
    """The organization at Pulumi Cloud whose token GitHub gets by OIDC; "" for another backend and a
    passphrase.
    """
    pulumi_preview_team: str = ""
    """The team at Pulumi Cloud that may read the stacks: previews and nightly runs get its token instead of
    the organization's, which may change every stack.
    """

    @property
    def stacks(self) -> dict[str, str]:
        """The environment of each deployed stack, in the order of deployment."""
        return {stack: one.name for one in self.environments for stack in one.stacks}


class EnvironmentsError(Exception):
    """The problems of an environments file, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


def parse_environments(text: str, stack_files: Sequence[str]) -> Environments:
    """Read the file of a project that has these stacks. Raises EnvironmentsError with every problem.

    Each stack must be named once: a stack that nobody placed must not be deployed first, or never, by chance.
    """
    try:
        raw = yaml.load(text, PulumiLoader)  # noqa: S506 - a SafeLoader
    except UNREADABLE as error:
        raise EnvironmentsError([f"it is not YAML: {place_and_problem(error)}"]) from None
    if not isinstance(raw, Mapping):
        raise EnvironmentsError(["it has no `environments`"])
    problems = [f"`{key}` is not a known key; known: {', '.join(_KEYS)}" for key in raw if key not in _KEYS]
    environments = _environments(raw.get("environments"), problems)
    not_deployed = _names(raw.get("not_deployed", []), "not_deployed", problems)
    texts = {
        key: _text(raw[key], key, pattern, problems)
        for key, pattern in (
            ("branch", _BRANCH),
            ("runner", _NAME),
            ("check_runner", _NAME),
            ("nightly", _CRON),
            ("pulumi_organization", _NAME),
            ("pulumi_preview_team", _NAME),
        )
        if key in raw
    }
    if broken := schedule(texts.get("nightly") or Environments(()).nightly):
        problems.append(f"`nightly` {broken[0]}")
    problems += _misplaced(environments, not_deployed, stack_files)
    if "pulumi_preview_team" in raw and "pulumi_organization" not in raw:
        problems.append("`pulumi_preview_team` needs `pulumi_organization`")
    if problems:
        raise EnvironmentsError(problems)
    return Environments(tuple(environments), tuple(not_deployed), **texts)


def placed_in(text: str) -> dict[str, str]:
    """Return the environment of each stack in a file of an earlier commit; what is not readable is left out,
    so that its stacks count as placed anew.
    """
    try:
        raw = yaml.load(text, PulumiLoader)  # noqa: S506 - a SafeLoader
    except UNREADABLE:
        return {}
    found = _environments(raw.get("environments"), []) if isinstance(raw, Mapping) else []
    return Environments(tuple(found)).stacks


def proposal(stack_files: Sequence[str]) -> str:
    """Return a file for these stacks, to be put into the right order by a person."""
    lines = [f"  - {{name: {stack}, stacks: [{stack}]}}" for stack in stack_files]
    return "\n".join(["environments:", *lines])


def _environments(raw: Any, problems: list[str]) -> list[Environment]:
    if not isinstance(raw, list) or not raw:
        problems.append("`environments` must be a list of {name, stacks}, in the order of deployment")
        return []
    found = []
    for number, one in enumerate(raw, start=1):
        where = f"environments[{number}]"
        if not isinstance(one, Mapping) or set(one) != {"name", "stacks"}:
            problems.append(f"{where} must have `name` and `stacks`, and nothing else")
            continue
        name = _text(one["name"], f"{where}.name", _NAME, problems)
        stacks = _names(one["stacks"], f"{where}.stacks", problems)
        if not stacks:
            problems.append(f"{where} has no stack")
        found.append(Environment(name, tuple(stacks)))
    names = [one.name for one in found]
    problems += [
        f"environment {name} is listed twice" for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    problems += _shared(names)
    return found


def _shared(names: Sequence[str]) -> Iterator[str]:
    """Find environments of the forge that two environments of the file would share, with their credentials
    and approvers. GitHub does not tell upper from lower case.
    """
    taken = {_COMMENTS: "the comments of pull requests"}
    for name in dict.fromkeys(names):
        for here in (name, f"{name}-preview", f"{name}-move"):
            other = taken.setdefault(here.lower(), f"environment {name}")
            if other != f"environment {name}":
                yield (
                    f"environment {name} would share {here}, its secrets and approvers at the forge, with "
                    f"{other}: choose another name"
                )
                break


def _misplaced(
    environments: Sequence[Environment], not_deployed: Sequence[str], stack_files: Sequence[str]
) -> list[str]:
    placed = [*(stack for one in environments for stack in one.stacks), *not_deployed]
    problems = [f"stack {one} is listed twice" for one in dict.fromkeys(placed) if placed.count(one) > 1]
    problems += [f"stack {one} has no stack file" for one in dict.fromkeys(placed) if one not in stack_files]
    problems += [
        f"stack {one} has a stack file, but is neither in an environment nor in `not_deployed`"
        for one in stack_files
        if one not in placed
    ]
    return problems


def _names(raw: Any, where: str, problems: list[str]) -> list[str]:
    if not isinstance(raw, list):
        problems.append(f"`{where}` must be a list of names of stacks")
        return []
    return [_text(one, where, _NAME, problems) for one in raw]


def _text(raw: Any, where: str, pattern: re.Pattern[str], problems: list[str]) -> str:
    """Only such texts get into a workflow, so that none is an expression or another line of YAML."""
    if isinstance(raw, str) and pattern.fullmatch(raw):
        return raw
    problems.append(f"`{where}` is {raw!r}, but must match {pattern.pattern}")
    return ""

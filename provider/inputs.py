"""A component's inputs -> the settings of one mirror and what both regions have, or all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

from manifests.estate import Estate
from mirror.estate.all_mirrors import read_estates
from mirror.problems import CouldNotRun
from provider import wire
from provider.spelling import in_program, stack_spelling
from settings.load import load
from settings.model import Settings, Stack
from settings.plain_secrets import plain_secrets
from settings.problems import MISSING, Problem, SettingsError

# What may be secret: `SecretText` settings.
_SECRETS = ("source.credentials.", "source.exported.")


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a component is made of."""

    settings: Settings
    estate: Estate


def prepared(given: Any, root: Path) -> Inputs:
    """Read the settings, then both regions' Kubernetes; `root` is where relative kubeconfig paths start.

    Raises InputPropertiesError, which Pulumi shows without a traceback, with everything that is wrong. (The
    SDK's server needs its list of errors even where it is empty.)
    """
    settings = settings_of(given)
    try:
        (estate,) = read_estates((settings,), root)
    except CouldNotRun as problem:
        raise InputPropertiesError(in_program(str(problem)), []) from None
    return Inputs(settings, estate)


def settings_of(given: Any) -> Settings:
    """Return the settings that a component's inputs say. Raises InputPropertiesError."""
    try:
        inputs = wire.received(given)
    except ValueError as problem:
        raise InputPropertiesError(str(problem), []) from None
    problems = [*_unknown(inputs), *_secret_but_shown(inputs)]
    if problems:
        _refuse(problems)
    try:
        settings = load(stack_spelling(Settings, wire.revealed(inputs)))
        if shown := list(_shown_secrets(settings, inputs)):
            raise SettingsError(shown)
    except SettingsError as error:
        _refuse(error.problems)
    return settings


def _unknown(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for path in wire.find(wire.revealed(inputs), type(wire.UNKNOWN)):
        rule = "is not known before the deployment, but decides what is declared"
        remedy = "Pass something that is known in a preview: a literal, configuration, a stack reference"
        yield Problem(path, MISSING, rule, remedy)


def _secret_but_shown(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for path in wire.find(inputs, wire.SecretValue):
        if not path.startswith(_SECRETS):
            rule = "is secret, but what is declared with it can be read by everybody"
            yield Problem(path, MISSING, rule, "Pass it in plain, or take another one that may be seen")


def _shown_secrets(settings: Settings, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    marked = set(wire.find(inputs, wire.SecretValue))
    for problem in plain_secrets(Stack((settings,)), lambda _: False):
        if not any(problem.path == path or problem.path.startswith(f"{path}.") for path in marked):
            remedy = "Take it from a secret configuration value, or mark it (`fn::secret`, `pulumi.secret`)"
            yield Problem(problem.path, MISSING, "stands in plain text in the program", remedy)


def _refuse(problems: Sequence[Problem]) -> NoReturn:
    """Pulumi repeats the value of every property that it finds under a problem's path, a secret one too: a
    blank at the path's end keeps it from finding what may be secret.
    """
    errors = [
        InputPropertyErrorDetails(
            property_path=in_program(problem.path) + (" " if _may_be_secret(problem.path) else ""),
            reason=f"{in_program(problem.rule)}. {in_program(problem.remedy)}",
        )
        for problem in problems
    ]
    count = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
    raise InputPropertiesError(f"{count} in the settings of this mirror:", errors)


def _may_be_secret(path: str) -> bool:
    """Tell whether a secret may stand at a path or below it."""
    return any(secret.startswith(path) or path.startswith(secret.rstrip(".")) for secret in _SECRETS)

"""Converts a component's inputs into the settings and the estate of one mirror, or reports all problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

from components.another_target import side_of
from manifests.estate import Estate
from mirror.estate.all_mirrors import read_estates
from mirror.estate.connection import one_login_each
from mirror.estate.ownership import DeployedObject, mirror_maker2_of
from mirror.mm2.identity import Identity
from mirror.mm2.moved import contradictions
from mirror.problems import CouldNotRun
from mirror.start.deployed import deployed_objects
from provider import wire
from provider.spelling import in_program, stack_spelling
from settings.load import load
from settings.model import Settings
from settings.plain_secrets import plain_secrets
from settings.problems import MISSING, Problem, SettingsError

# The settings that may be secret (`SecretText`).
_SECRETS = ("source.credentials.", "source.exported.")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The settings and the estate from which a component is declared.

    `there`: what is deployed of the mirror; None where that could not be read.
    """

    settings: Settings
    estate: Estate
    there: Sequence[DeployedObject] | None = None

    def contradicted(self, *, by_up: bool) -> tuple[str, ...]:
        """Return why the phase or the moved part must not be deployed, also where Pulumi does not ask the
        guard (`--target`). `by_up`: whether the component runs a cutover.
        """
        if self.there is None:
            return ()
        mirror, resource = self.settings.mirror, mirror_maker2_of(self.there)
        found = contradictions(mirror.name, mirror.phase, mirror.moved, resource, by_up=by_up)
        return tuple(map(in_program, found))


def prepared(given: Any, root: Path) -> Inputs:
    """Read the settings, then both regions' Kubernetes; kubeconfig paths are relative to `root`.

    Raises InputPropertiesError with all problems, which Pulumi shows without a traceback. (The SDK's server
    needs the list of errors even if it is empty.)
    """
    settings = settings_of(given)
    try:
        with one_login_each():
            (estate,) = read_estates((settings,), root)
            there = _there(settings, root)
    except CouldNotRun as problem:
        raise InputPropertiesError(in_program(str(problem)), []) from None
    return Inputs(settings, estate, there)


def _there(settings: Settings, root: Path) -> list[DeployedObject] | None:
    try:
        return deployed_objects(Identity.of(settings), side_of(settings.target), root)
    except CouldNotRun:
        return None  # the guard, which reads it too, refuses with the reason


def settings_of(given: Any) -> Settings:
    """Convert a component's inputs into settings. Raises InputPropertiesError."""
    try:
        inputs = wire.received(given)
    except ValueError as problem:
        raise InputPropertiesError(str(problem), []) from None
    problems = [*_unknown(inputs), *_secret_but_shown(inputs)]
    if problems:
        refuse(problems)
    try:
        raw = stack_spelling(Settings, wire.revealed(inputs))
        settings = load(raw)
        if shown := list(_shown_secrets(raw, inputs)):
            raise SettingsError(shown)
    except SettingsError as error:
        refuse(error.problems)
    return settings


def _unknown(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for path in wire.find(wire.revealed(inputs), type(wire.UNKNOWN)):
        rule = "is not known before the deployment, but decides what is declared"
        remedy = "Pass a value that is known in a preview: a literal, configuration, a stack reference"
        yield Problem(path, MISSING, rule, remedy)


def _secret_but_shown(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for path in wire.find(inputs, wire.SecretValue):
        if not f"{path}.".startswith(_SECRETS):
            rule = "is secret, but becomes readable by everybody in the declared resources"
            yield Problem(path, MISSING, rule, "Pass a value that is not marked as secret")


def _shown_secrets(raw: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Problem]:
    marked = set(wire.find(inputs, wire.SecretValue))

    def is_marked(path: str) -> bool:
        here = in_program(path)
        return any(here == one or here.startswith((f"{one}.", f"{one}[")) for one in marked)

    for problem in plain_secrets(raw, is_marked):
        remedy = "Take it from a secret configuration value, or mark it (`fn::secret`, `pulumi.secret`)"
        yield Problem(problem.path, MISSING, "is in plain text in the program", remedy)


def refuse(problems: Sequence[Problem]) -> NoReturn:
    """Raise the problems. Pulumi prints the value of every property at a problem's path, even a secret one.
    A space at the end of the path prevents that for properties that may be secret.
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
    """Tell whether the value at a path, or a value below it, may be secret."""
    return any(secret.startswith(path) or path.startswith(secret.rstrip(".")) for secret in _SECRETS)

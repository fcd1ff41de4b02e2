"""Custom resources whose provider is this project's own Python code: their common base.

A new one is a subclass of `OwnProvider` (when it has changed, and its effect) and a call of `own_resource`
(its inputs and outputs).
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from mirror.problems import CouldNotRun
from mirror.text.foreign import printable_lines
from settings.problems import SettingsError

PACKAGE = "region-mirror"
DRIFT_VARIABLE = "REGION_MIRROR_LOOK_FOR_DRIFT"
"""In the environment of a preview that looks for changes outside Pulumi (`--expect-no-changes`)."""
_NO_PROPERTY = ""
"""With the name of a property, Pulumi prints the property's whole value before the reason."""

_hosting = False


class DeploymentStoppedError(pulumi.RunError):
    """A reason to stop the deployment that is written for people: they see the message without a traceback.

    Every other error is a bug and keeps its traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable_lines(message))

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # Python prints the name of the class before the message, and the module's name before that, except
        # for this module.
        cls.__module__ = "builtins"


class OwnProvider(ResourceProvider):
    """Creates and updates one kind of custom resource. Deletion does nothing.

    Pulumi keeps a reference to the subclass in its state, not its code: each subclass has to stay importable
    under its name. Subclasses say when the resource has changed (`changed`) and do the work (`effect`). All
    numbers in what they are given are whole where they can be: Pulumi sends every number as a float.
    """

    # The state keeps only the reference, nothing that needs encryption.
    serialize_as_secret_always = False

    kind: ClassVar[str]
    """The last part of the resource's type."""
    failure: ClassVar[type[DeploymentStoppedError]] = DeploymentStoppedError
    """The error that takes the place of `CouldNotRun`."""
    momentary: ClassVar[frozenset[str]] = frozenset()
    """Inputs that only `completed` and `refusals` need: they are true now, and the state does not keep them.
    """

    def name_of(self, inputs: Mapping[str, Any]) -> str:
        """Return the resource's id: the mirror's name."""
        return str(inputs["settings"]["mirror"]["name"])

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Return the reasons why the new inputs are refused; `olds` are those of the last deployment.

        Pulumi asks in every preview and again before it changes anything.
        """
        return ()

    def completed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new inputs with those that the provider chooses itself and keeps in the state."""
        return dict(news)

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the effect is needed again: `olds` are the last outputs, `news` the new inputs."""
        raise NotImplementedError

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Do the work and return the resource's outputs; `olds` is empty at the first deployment.

        Raises `DeploymentStoppedError` or `CouldNotRun`: the deployment fails with the message, and the next
        one tries again.
        """
        raise NotImplementedError

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Complete the inputs, and report each refusal as a failure of the inputs."""
        inputs = self.completed(_olds or {}, news)
        with self._failures_shown():
            reasons = list(self.refusals(whole_numbers(_olds), whole_numbers(inputs)))
        kept = {key: value for key, value in inputs.items() if key not in self.momentary}
        return CheckResult(kept, [CheckFailure(_NO_PROPERTY, printable_lines(one)) for one in reasons])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Report whether the effect is needed again. The resource is never replaced."""
        with self._failures_shown():
            return DiffResult(changes=self.changed(whole_numbers(_olds), whole_numbers(_news)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Have the effect for the first time."""
        with self._failures_shown():
            return CreateResult(id_=self.name_of(props), outs=self.effect(whole_numbers(props), {}))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Have the effect again."""
        with self._failures_shown():
            return UpdateResult(outs=self.effect(whole_numbers(_news), whole_numbers(_olds)))

    @classmethod
    def dynamic_class(cls) -> type[Resource]:
        """Make the class of the dynamic resource, of type `pulumi-python:dynamic/region-mirror:<kind>`."""
        return types.new_class(cls.kind, (Resource,), {"module": PACKAGE, "name": cls.kind})

    @contextmanager
    def _failures_shown(self) -> Iterator[None]:
        try:
            yield
        except CouldNotRun as problem:
            _show_traceback(False)
            raise self.failure(str(problem)) from None
        except SettingsError as problem:
            # The program has checked the stack file: these are of an earlier version.
            _show_traceback(False)
            raise self.failure(
                f"the settings of the last deployment, in the stack's state, are refused by this version of "
                f"region-mirror: {problem}\nRun `pulumi up` with the corrected stack file first, or use the "
                "version that deployed the stack."
            ) from None
        except DeploymentStoppedError:
            _show_traceback(False)
            raise
        except Exception:
            _show_traceback(True)
            raise


class Hosted(pulumi.CustomResource):
    """Such a resource where this project is a plugin: its own process makes it (`provider.own_resources`)."""

    def __init__(self, kind: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(f"{PACKAGE}:index:{kind}", name, props, opts)


def host() -> None:
    """Declare that this process is the plugin.

    Pulumi makes dynamic resources with the program's virtual environment and the modules in its folder, so
    they need a program in Python.
    """
    global _hosting
    _hosting = True


def own_resource(
    provider: OwnProvider,
    name: str,
    inputs: Mapping[str, Any],
    outputs: Iterable[str],
    opts: pulumi.ResourceOptions,
) -> Any:
    """Declare a resource of the provider: a dynamic one in a program of ours, a `Hosted` one in the plugin.

    The resource has an attribute for each of the `outputs`.
    """
    props = {**inputs, **dict.fromkeys(outputs)}
    if _hosting:
        return Hosted(provider.kind, name, props, opts)
    return provider.dynamic_class()(provider, name, props, opts)


def say(text: str) -> None:
    """Print for the person at `pulumi up`: Pulumi shows what its providers print. Names of groups may have
    any character.
    """
    print(printable_lines(text), flush=True)


def looks_for_drift() -> bool:
    """Whether this preview looks for changes outside Pulumi. What a deployment does of its own accord, such
    as extending the baseline by a new topic of the source, is none of them.
    """
    return bool(os.environ.get(DRIFT_VARIABLE))


def whole_numbers(value: Any) -> Any:
    """Turn every float with a whole value into an integer, at any depth."""
    if isinstance(value, dict):
        return {key: whole_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _show_traceback(show: bool) -> None:
    """Decide how Pulumi shows the error that is raised next.

    Pulumi's process for dynamic resources formats every error by `traceback.format_exc`
    (`_abort_with_traceback` in `pulumi.dynamic.__main__`) and makes no exception for `RunError`. Python has
    one switch for that, so each error sets it for itself. The plugin formats errors in its own way.
    """
    if _hosting:
        return
    if show:
        vars(sys).pop("tracebacklimit", None)
    else:
        sys.tracebacklimit = 0

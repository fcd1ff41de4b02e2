"""The cutover as a resource: `pulumi up` with `mirror.phase: promoted` and `cutover.by_up` runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes import child_of
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource, say
from mirror.problems import CouldNotRun
from settings.load import dump, load
from settings.model import Settings


class CutoverStoppedError(DeploymentStoppedError):
    """A step of the cutover is blocked or late: nothing else of the mirror has been changed."""


class CutoverProvider(OwnProvider):
    """Runs the cutover when it is created, and again while the mirror still replicates.

    It is in the state only once the mirror is promoted. After a step that stopped, the next `pulumi up`
    continues.
    """

    kind = "Cutover"
    failure = CutoverStoppedError

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Print in every preview what the steps say now. A fence that is blocked is refused: a person has to
        decide, and nothing has been changed yet.
        """
        # Imported here because declaring the resource needs no Kafka client.
        from mirror.cutover.unattended import as_settings, look

        settings = load(news["settings"])
        try:
            verdicts = look(settings, Path.cwd())
        except CouldNotRun as problem:
            say(f"cutover: not looked at: {problem.tried}: {problem.happened}")
            return
        for step, verdict in verdicts:
            remedy = as_settings(verdict.remedy)
            way_out = f". {remedy}" if remedy and verdict.state != "done" else ""
            say(f"cutover now: {step}: {verdict.state}: {verdict.text}{way_out}")
            if step == "fence" and verdict.state == "blocked":
                yield (
                    f"the cutover of mirror {settings.mirror.name} would stop at step {step}: {verdict.text}."
                    f" Nothing has been changed. Way out: {remedy}"
                )

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the mirror still replicates."""
        from mirror.cutover.unattended import still_replicates

        return still_replicates(load(news["settings"]), Path.cwd())

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Run the cutover, or what is left of it."""
        from mirror.cutover.unattended import move

        end = move(load(inputs["settings"]), Path.cwd(), say)
        return {"settings": inputs["settings"], "end": end}


class MirrorCutover(pulumi.ComponentResource):
    """Declared for a promoted mirror with `cutover.by_up`; everything else of the mirror depends on it."""

    def __init__(self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("region-mirror:index:MirrorCutover", name, {}, opts)
        inputs = {"settings": dump(settings)}
        own_resource(CutoverProvider(), name, inputs, ("end",), child_of(self, opts))
        self.register_outputs({})

"""The state of the source when its topics were first mirrored, kept in a ConfigMap beside the mirror.

The baseline is the output of a custom resource, which only ever extends it. `python -m mirror verify` finds
it in the ConfigMap, wherever it runs.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components.deployment_inputs import IDENTITY, deployment_inputs, read_inputs
from components.kubernetes import child_of, declared
from components.own_resource import DeploymentStoppedError, OwnProvider, looks_for_drift, own_resource, say
from components.ownership import owned_manifest
from manifests import baseline as manifests
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotConnect, CouldNotRun
from settings.model import Settings

if TYPE_CHECKING:
    from manifests.declaration import Declaration

_CONTENT = "content"
_ABOUT = "about"


class NoBaselineError(DeploymentStoppedError):
    """The source could not be read before MM2 starts."""


class BaselineProvider(OwnProvider):
    """Takes the baseline at the first deployment, and extends it when topics or partitions were added.

    Every preview asks the source for its topics, with one metadata request; where the source cannot be
    reached, nothing changes. A preview fails where the source is another Kafka cluster. Under another
    identity MM2 starts from the beginning, so that identity has a baseline of its own.
    """

    kind = "Baseline"
    failure = NoBaselineError

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the source has topics or partitions that the baseline lacks."""
        return _starts_anew(olds, news) or (not looks_for_drift() and _lacks(olds, news))

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Take the baseline, or add what it lacks; what it has stays unchanged."""
        return _take(inputs, {} if olds and _starts_anew(olds, inputs) else olds)


class SourceBaseline(pulumi.ComponentResource):
    """The baseline and its ConfigMap. Made before the KafkaMirrorMaker2, so that the baseline describes the
    source before MM2 reads it.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        declaration: Declaration,
        owner: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:SourceBaseline", name, {}, opts)
        child = child_of(self, opts)
        inputs = deployment_inputs(settings, declaration)
        baseline = own_resource(BaselineProvider(), name, inputs, (_CONTENT, _ABOUT), child)
        declared(
            {
                **owned_manifest(
                    manifests.config_map(settings), owner, force=bool(settings.mirror.take_over)
                ),
                "data": {manifests.ABOUT: baseline.about},
                "binaryData": baseline.content.apply(_kept),
            },
            child,
        )
        self.register_outputs({})


def _kept(content: str) -> dict[str, str]:
    return {manifests.KEY: content} if content else {}


def _take(inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    # Imported here because declaring the resource needs no Kafka client.
    from mirror.start.baseline import encoded

    taking, known = _taking(inputs), _known(olds)
    kept = {IDENTITY: inputs[IDENTITY]}
    try:
        baseline = taking.take(known)
        content = encoded(baseline)
    except CouldNotConnect as problem:
        if not read_inputs(inputs)[0].unverified:
            raise
        # A machine that verifies nothing may have no connection to the source, and that of a promoted mirror
        # may be gone: a stack whose state was lost takes such a mirror over, too.
        say(f"baseline not taken: {problem.happened}")
        if known:
            return {**kept, _CONTENT: olds[_CONTENT], _ABOUT: known.about()}
        return {**kept, _CONTENT: "", _ABOUT: f"not taken: {problem.happened}"}
    say(f"baseline: {baseline.about()}")
    return {**kept, _CONTENT: base64.b64encode(content).decode(), _ABOUT: baseline.about()}


def _lacks(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    from mirror.start.baseline import AnotherCluster
    from mirror.verify.baseline import Baseline

    try:
        return bool(_taking(news).lacks_something(_known(olds) or Baseline("", "")))
    except AnotherCluster:
        raise
    except CouldNotRun:
        return False


def _known(olds: Mapping[str, Any]) -> Any:
    """Return the baseline in the state; None where there is none."""
    from mirror.verify.baseline import decode

    content = olds.get(_CONTENT)
    return decode(base64.b64decode(content)) if content else None


def _starts_anew(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    former, now = Identity.read(olds[IDENTITY]), Identity.read(news[IDENTITY])
    return bool(former.starts_anew(now))


def _taking(inputs: Mapping[str, Any]) -> Any:
    from mirror.start.baseline import Taking

    return Taking(*read_inputs(inputs))

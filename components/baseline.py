"""What the source was when the mirror took its topics up, kept in a ConfigMap beside the mirror.

The look is a resource of our own: its output is the baseline, which is only ever extended. The ConfigMap is
how `python -m mirror verify` finds it, wherever it runs.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from components.before_the_mirror import IDENTITY, heard, name_of, told
from components.kubernetes import child_of, config_map
from components.own_resource import own_resource
from manifests import baseline as manifests
from manifests.declaration import Declaration
from mirror.mm2.identity import Identity
from settings.model import Settings

_CONTENT = "content"


class NoBaselineError(Exception):
    """The source could not be looked at before MM2 starts."""

    # What people see of it: Python would put any other module's name before the class's.
    __module__ = "builtins"


class BaselineProvider(ResourceProvider):
    """Takes the baseline at the first deployment, and extends it when topics or partitions have entered.

    Whether any have is looked for in every preview, with one metadata request to the source; where the source
    cannot be reached, nothing changes. Another identity, under which MM2 starts anew, has a baseline of its
    own. Pulumi keeps a reference to this class in its state, not its code: the class has to stay importable
    under this name.
    """

    # What is kept is only that reference, nothing that would need encryption.
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Say whether there is anything to add."""
        return DiffResult(changes=_starts_anew(_olds, _news) or _lacks(_olds, _news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take it."""
        return CreateResult(id_=name_of(props), outs=_take(props, {}))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Add what has entered; what it has stays as it is."""
        return UpdateResult(outs=_take(_news, {} if _starts_anew(_olds, _news) else _olds))


class _Look(Resource, module="region-mirror", name="Baseline"):
    """The custom resource behind the component; outputs as `_take` returns them."""

    content: pulumi.Output[str]
    about: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(BaselineProvider(), name, props, opts)


class SourceBaseline(pulumi.ComponentResource):
    """Comes before the KafkaMirrorMaker2, so that what is kept is what MM2 will begin with."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:SourceBaseline", name, {}, opts)
        props = {**told(settings, declaration), _CONTENT: None, "about": None}
        child = child_of(self, opts)
        look = own_resource("Baseline", _Look, name, props, child)
        config_map(
            {
                **manifests.config_map(settings),
                "data": {manifests.ABOUT: look.about},
                "binaryData": look.content.apply(_kept),
            },
            child,
        )
        self.register_outputs({})


def _kept(content: str) -> dict[str, str]:
    return {manifests.KEY: content} if content else {}


def _take(props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    # The provider's process formats what is raised with its traceback; people need the message alone.
    sys.tracebacklimit = 0
    # Here and not above: declaring the resource needs no Kafka client.
    from mirror.problems import CouldNotConnect, CouldNotRun
    from mirror.start.baseline import encoded

    taking, known = _taking(props), _known(olds)
    kept = {IDENTITY: props[IDENTITY]}
    try:
        baseline = taking.take(known)
        content = encoded(baseline)
    except CouldNotRun as problem:
        # Who verifies nothing from here may have no way to the source from here.
        if isinstance(problem, CouldNotConnect) and not props["settings"]["verification"]["enabled"]:
            print(f"baseline not taken: {problem.happened}", flush=True)
            if known:
                return {**kept, _CONTENT: olds[_CONTENT], "about": known.about()}
            return {**kept, _CONTENT: "", "about": f"not taken: {problem.happened}"}
        raise NoBaselineError(str(problem)) from None
    print(f"baseline: {baseline.about()}", flush=True)
    return {**kept, _CONTENT: base64.b64encode(content).decode(), "about": baseline.about()}


def _lacks(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    from mirror.problems import CouldNotRun
    from mirror.verify.baseline import Baseline

    try:
        return bool(_taking(news).lacks_something(_known(olds) or Baseline("", "")))
    except CouldNotRun:
        return False


def _known(olds: Mapping[str, Any]) -> Any:
    """The baseline in the state; None where there is none."""
    from mirror.verify.baseline import decode

    content = olds.get(_CONTENT)
    return decode(base64.b64decode(content)) if content else None


def _starts_anew(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    former, now = Identity.read(olds[IDENTITY]), Identity.read(news[IDENTITY])
    return bool(former.starts_anew(now))


def _taking(props: Mapping[str, Any]) -> Any:
    from mirror.start.baseline import Taking

    return Taking(*heard(props))

"""Between the users and the KafkaMirrorMaker2, once: no leftovers, and MM2 begins where it shall."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

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

from components.before_the_mirror import IDENTITY, heard, name_of, told
from components.kubernetes import child_of
from components.own_resource import own_resource
from manifests.declaration import Declaration
from mirror.mm2.identity import Identity
from settings.model import Settings

_START = ("start_from", "start_from_by_topic")


class MirrorNotStartedError(Exception):
    """The users are there, but the KafkaMirrorMaker2 must not be deployed yet."""

    # What people see of it: Python would put any other module's name before the class's.
    __module__ = "builtins"


class FirstDeploymentProvider(ResourceProvider):
    """Works when an identity is deployed for the first time, and never again while it stays the same.

    Pulumi keeps a reference to this class in its state, not its code: the class has to stay importable under
    this name.
    """

    # What is kept is only that reference, nothing that would need encryption.
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Find leftovers in a preview already, where the mirror's users exist."""
        if _same(_olds, news):
            return CheckResult(news, [])
        # Here and not above: declaring the resource needs no Kafka client.
        from mirror.start.first_deployment import LeftoversFound

        try:
            _deployment(news, _olds).preview()
        except LeftoversFound as found:
            return CheckResult(news, [CheckFailure("", str(found))])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Say whether this is another identity; whatever else changes is of no account any more."""
        same = _same(_olds, _news)
        if same and _olds.get("asked") not in (None, _asked(_news)):
            print(
                "mirror.start_from has changed, which changes nothing: it counts at the first deployment",
                flush=True,
            )
        return DiffResult(changes=not same)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """See to the first deployment."""
        return CreateResult(id_=name_of(props), outs=_prepare(props, {}))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """See to the first deployment under another identity, which somebody allowed."""
        return UpdateResult(outs=_prepare(_news, _olds))


class _Start(Resource, module="region-mirror", name="FirstDeployment"):
    """The custom resource behind the component; outputs as `_prepare` returns them."""

    leftovers: pulumi.Output[str]
    start: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(FirstDeploymentProvider(), name, props, opts)


class FirstDeployment(pulumi.ComponentResource):
    """Comes after the users and before the KafkaMirrorMaker2. `start` says in one line where MM2 begins."""

    start: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        settings: Settings,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:FirstDeployment", name, {}, opts)
        props = {**told(settings, declaration), "leftovers": None, "start": None, "asked": None}
        done = own_resource("FirstDeployment", _Start, name, props, child_of(self, opts))
        self.start = done.start
        self.register_outputs({"start": done.start})


def _prepare(props: dict[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    # The provider's process formats what is raised with its traceback; people need the message alone.
    sys.tracebacklimit = 0
    from mirror.problems import CouldNotRun

    try:
        seen = _deployment(props, olds).prepare()
    except CouldNotRun as problem:
        raise MirrorNotStartedError(str(problem)) from None
    print(f"leftovers: {seen.leftovers}; start: {seen.start}", flush=True)
    return {
        IDENTITY: props[IDENTITY],
        "leftovers": seen.leftovers,
        "start": seen.start,
        "asked": _asked(props),
    }


def _deployment(props: Mapping[str, Any], olds: Mapping[str, Any]) -> Any:
    from mirror.start.first_deployment import FirstDeployment as Deployment

    settings, resource, root = heard(props)
    former = Identity.read(olds[IDENTITY]) if olds.get(IDENTITY) else None
    return Deployment(settings, resource, former, root)


def _same(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    return bool(olds.get(IDENTITY)) and olds[IDENTITY] == news[IDENTITY]


def _asked(props: Mapping[str, Any]) -> dict[str, Any]:
    mirror = props["settings"]["mirror"]
    return {key: mirror.get(key) for key in _START}

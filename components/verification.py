"""Proof as a resource: `pulumi up` succeeds when the mirror is proven, and not before."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from components.kubernetes import child_of, declared
from components.own_resource import own_resource
from components.wire import whole_numbers
from settings.load import dump, load
from settings.model import Settings
from settings.names import Names

_INPUTS = ("settings", "fingerprint")
_SHOWN = 5  # findings of a check that an error repeats; the rest is for `python -m mirror verify`


class MirrorNotProvenError(Exception):
    """The mirror is deployed, but not all that has to be true of it could be shown."""

    # What people see of it: Python would put any other module's name before the class's.
    __module__ = "builtins"


class VerificationProvider(ResourceProvider):
    """Verifies when the resource is created, and again whenever what was declared has changed.

    A verification that fails is not recorded as done, so the next `pulumi up` verifies again. Pulumi keeps a
    reference to this class in its state, not its code: the class has to stay importable under this name.
    """

    # What is kept is only that reference, nothing that would need encryption.
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what was declared at the last success with what is declared now."""
        return DiffResult(changes=any(_olds.get(key) != _news.get(key) for key in _INPUTS))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Verify for the first time."""
        return CreateResult(id_=props["settings"]["mirror"]["name"], outs=_prove(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Verify again."""
        return UpdateResult(outs=_prove(_news))


class _Proof(Resource):
    """The custom resource behind the component; outputs as `_prove` returns them."""

    summary: pulumi.Output[dict[str, str]]
    verified_at: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(VerificationProvider(), name, props, opts)


class MirrorVerification(pulumi.ComponentResource):
    """Runs the checks after everything else. `summary` maps each check to what it found."""

    summary: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        name: str,
        settings: Settings,
        fingerprint: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        manifests: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Declare it; `manifests` are what verifying in the target's Kubernetes needs."""
        super().__init__("region-mirror:index:MirrorVerification", name, {}, opts)
        needed = [declared(dict(manifest), child_of(self, opts)) for manifest in manifests]
        outputs = {"summary": None, "verified_at": None}
        props = {"settings": dump(settings), "fingerprint": fingerprint, **outputs}
        after = pulumi.ResourceOptions.merge(child_of(self, opts), pulumi.ResourceOptions(depends_on=needed))
        proof = own_resource("Proof", _Proof, name, props, after)
        self.summary = proof.summary
        self.register_outputs({"summary": proof.summary})


def _prove(props: dict[str, Any]) -> dict[str, Any]:
    """Verify in the project folder, where Pulumi runs its providers; nothing of this machine enters the
    state.
    """
    # The provider's process formats what is raised with its traceback; people need the message alone.
    sys.tracebacklimit = 0
    from mirror.problems import CouldNotRun

    settings = load(whole_numbers(props["settings"]))
    try:
        report = _in_cluster(settings) if settings.verification.runner == "job" else _here(settings)
    except CouldNotRun as problem:
        raise MirrorNotProvenError(f"the mirror could not be verified.\n{problem}") from None
    if not report.passed:
        raise MirrorNotProvenError(_explain(report, settings))
    return {
        **{key: props[key] for key in _INPUTS},
        "summary": {check.name: check.summary for check in report.checks},
        "verified_at": report.at.isoformat(timespec="seconds"),
    }


def _here(settings: Settings) -> Any:
    # Here and not above: declaring the resource needs no Kafka client.
    from mirror.verify.run import verify

    deadline = float(settings.verification.deadline_seconds)
    return verify(settings, root=Path.cwd(), deadline_seconds=deadline, progress=_Progress())


def _in_cluster(settings: Settings) -> Any:
    from mirror.verify.job import verify_in_cluster

    return verify_in_cluster(settings, root=Path.cwd(), progress=lambda text: print(text, flush=True))


class _Progress:
    """Says what is not proven yet, whenever that changes; Pulumi shows what its providers print."""

    def __init__(self) -> None:
        self._said: tuple[str, ...] = ()

    def __call__(self, report: Any) -> None:
        waiting = tuple(check.name for check in report.checks if not check.passed)
        if waiting != self._said:
            self._said = waiting
            print(f"waiting for {', '.join(waiting)}" if waiting else "proven", flush=True)


def _explain(report: Any, settings: Settings) -> str:
    lines = [
        f"{report.source} -> {report.target} is deployed but not proven "
        f"after {settings.verification.deadline_seconds} s. The next `pulumi up` verifies again."
    ]
    for check in report.checks:
        lines.append(f"  {'passed' if check.passed else 'FAILED'}  {check.name}: {check.summary}")
        for finding in check.findings[:_SHOWN]:
            lines.append(f"          {finding.subject}: {finding.message}")
            lines.append(f"          -> {finding.remedy}")
        if len(check.findings) > _SHOWN:
            lines.append(f"          and {len(check.findings) - _SHOWN} more: {_elsewhere(settings)}")
    return "\n".join(lines)


def _elsewhere(settings: Settings) -> str:
    """Where the rest can be read."""
    if settings.verification.runner == "job":
        return f"ConfigMap {settings.target.namespace}/{Names.of(settings).verification}"
    return "python -m mirror verify"

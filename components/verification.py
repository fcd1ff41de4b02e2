"""The verification as a resource: `pulumi up` succeeds only when the mirror is proven."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from components.attempt import attempts
from components.kubernetes import Object, child_of, declared
from components.own_resource import DeploymentStoppedError, OwnProvider, looks_for_drift, own_resource, say
from mirror.problems import CouldNotRun
from settings.load import dump, load
from settings.model import Settings
from settings.names import Names

_DEPLOYED = "deployed"
_INPUTS = ("settings", "fingerprint", "attempt", _DEPLOYED)
_SHOWN = 5  # findings of a check that an error lists; `region-mirror verify` lists all


class MirrorNotProvenError(DeploymentStoppedError):
    """The mirror is deployed, but the verification failed or could not run."""


class VerificationProvider(OwnProvider):
    """Verifies when the resource is created, and again whenever the declaration has changed, or always
    (`verification.always`).

    A verification that fails is not recorded as done, so the next `pulumi up` verifies again; also one that
    takes the change back (`components.attempt`), and one that restores what was changed or deleted outside
    Pulumi (`--refresh`), of which the declaration knows nothing.
    """

    kind = "Proof"
    failure = MirrorNotProvenError

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Compare the declaration at the last success with the one now."""
        if looks_for_drift():  # a change that somebody has taken back already is none
            return any(olds.get(key) != news.get(key) for key in _INPUTS if key != _DEPLOYED)
        always = bool(news["settings"]["verification"].get("always"))
        return always or any(olds.get(key) != news.get(key) for key in _INPUTS)

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Verify the mirror."""
        return _prove(inputs)

    @classmethod
    def dynamic_class(cls) -> type[Resource]:
        """Make the class of the dynamic resource. Its type is Pulumi's general one, as in existing states:
        with another type Pulumi would replace the resource.
        """
        return types.new_class(cls.kind, (Resource,))


class MirrorVerification(pulumi.ComponentResource):
    """Runs the checks after everything else. `summary` maps each check to its result."""

    summary: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        name: str,
        settings: Settings,
        fingerprint: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        manifests: Sequence[Mapping[str, Any]] = (),
        attempt: pulumi.Input[int] | None = None,
        mirror_maker2: Object | None = None,
    ) -> None:
        """Declare it; `manifests` are the objects that a verification in the target's Kubernetes needs.
        `attempt`: the number of the deployment; without it, the component counts them itself.
        `mirror_maker2`: verified again when it is another one, or was changed.
        """
        super().__init__("region-mirror:index:MirrorVerification", name, {}, opts)
        needed = [declared(dict(manifest), child_of(self, opts)) for manifest in manifests]
        if attempt is None:
            attempt = attempts(name, settings, fingerprint, child_of(self, opts)).count
        inputs = {"settings": dump(settings), "fingerprint": fingerprint, "attempt": attempt}
        if mirror_maker2 is not None:
            inputs[_DEPLOYED] = mirror_maker2.metadata.apply(_generation)
        after = pulumi.ResourceOptions.merge(child_of(self, opts), pulumi.ResourceOptions(depends_on=needed))
        proof = own_resource(VerificationProvider(), name, inputs, ("summary", "verified_at"), after)
        self.summary = proof.summary
        self.register_outputs({"summary": proof.summary})


def _generation(metadata: Mapping[str, Any]) -> str:
    """Return what changes with an object's spec, also outside Pulumi, and when the object is made anew."""
    return f"{metadata.get('uid')}/{int(metadata.get('generation') or 0)}"


def _prove(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Verify from the project folder, where Pulumi runs its providers. No path of this machine enters the
    state.
    """
    settings = load(inputs["settings"])
    try:
        report = _in_cluster(settings) if settings.verification.runner == "job" else _here(settings)
    except CouldNotRun as problem:
        raise MirrorNotProvenError(f"the mirror could not be verified.\n{problem}") from None
    if not report.passed:
        raise MirrorNotProvenError(_explain(report, settings))
    return {
        **{key: inputs.get(key) for key in _INPUTS},
        "summary": {check.name: check.summary for check in report.checks},
        "verified_at": report.at.isoformat(timespec="seconds"),
    }


def _here(settings: Settings) -> Any:
    # Imported here because declaring the resource needs no Kafka client.
    from mirror.verify.run import verify

    deadline = float(settings.verification.deadline_seconds)
    return verify(settings, root=Path.cwd(), deadline_seconds=deadline, progress=_Progress())


def _in_cluster(settings: Settings) -> Any:
    from mirror.verify.job import verify_in_cluster

    return verify_in_cluster(settings, root=Path.cwd(), progress=say)


class _Progress:
    """Prints the checks that do not pass yet, whenever they change. Pulumi shows what its providers print."""

    def __init__(self) -> None:
        self._said: tuple[str, ...] = ()

    def __call__(self, report: Any) -> None:
        waiting = tuple(check.name for check in report.checks if not check.passed)
        if waiting != self._said:
            self._said = waiting
            say(f"waiting for {', '.join(waiting)}" if waiting else "proven")


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
    """Return where the other findings can be read."""
    if settings.verification.runner == "job":
        return f"ConfigMap {settings.target.namespace}/{Names.of(settings).verification}"
    return "region-mirror verify"

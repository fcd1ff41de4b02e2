"""Rules about the settings of a stack, which no Kubernetes object shows."""

from __future__ import annotations

from collections.abc import Iterator

from policy.documents import Documents
from policy.examples import STACK, changed
from policy.rule import Context, Rule, Violation

_MIRROR = ("spec", "mirror")
_UNTIL_THEN = "For that deployment write a waiver into the policy file that expires in a few days"


def _verified(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, settings in documents.settings():
        if not settings.verification.enabled:
            yield Violation(document.subject, "verification.enabled is false")


def _protected(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, settings in documents.settings():
        mirror = settings.mirror
        if mirror.phase == "retired":
            yield Violation(
                document.subject,
                "mirror.phase is retired: `pulumi destroy` deletes the mirror with its internal topics",
                "Destroy the mirror now, or write promoted",
            )
        if mirror.identity_change == "allow":
            yield Violation(
                document.subject,
                "mirror.identity_change is allow: after a change of a name every record is copied again",
                f"Remove the setting once the change is deployed. {_UNTIL_THEN}",
            )
        if mirror.leftovers == "adopt":
            yield Violation(
                document.subject,
                "mirror.leftovers is adopt: a first deployment goes on from the positions of another mirror",
                f"Remove the setting once the mirror is deployed. {_UNTIL_THEN}",
            )


RULES = (
    Rule(
        id="verification-on",
        title="Each deployment verifies the mirror",
        severity="error",
        reason="`Ready` does not mean that records are mirrored. Only the verification fails a deployment "
        "that loses records",
        source="docs/verification.md",
        remedy="Remove verification.enabled: false",
        judge=_verified,
        passing=(STACK,),
        failing=(changed(STACK, (("spec", "verification", "enabled"), False)),),
    ),
    Rule(
        id="teardown-protected",
        title="No setting lifts a protection for longer than one deployment",
        severity="error",
        reason="retired, identity_change and leftovers each allow one step that deletes or repeats data. "
        "Left in the stack file, they allow it to the next person, too",
        source="docs/teardown.md, docs/identity.md",
        remedy="Remove the setting after the step",
        judge=_protected,
        passing=(STACK,),
        failing=(changed(STACK, ((*_MIRROR, "identity_change"), "allow")),),
        production=True,
    ),
)

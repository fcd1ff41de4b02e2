"""What a deployment would change in a deployed mirror, or would be refused for, in a few words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mirror.plan.planned import Plan
from mirror.text.numbers import counted


def drift_of(plan: Plan) -> tuple[str, ...]:
    """Return what differs between the stack file and what is deployed; nothing for a first deployment."""
    return () if plan.first else tuple(_differences(plan))


def _differences(plan: Plan) -> Iterator[str]:
    if plan.properties:
        first = plan.properties[0]
        more = f" and {len(plan.properties) - 1:,} more" if len(plan.properties) > 1 else ""
        yield f"{first.where}: {first.key}{more}"
    for count, noun in (
        (len(plan.users), "KafkaUser"),
        (len(plan.credentials), "credential"),
        (len(plan.objects), "object"),
    ):
        if count:
            yield counted(count, noun)
    # A plan creates a KafkaUser that was deleted, and only names a Secret: Pulumi does not miss it.
    if gone := [one for one in plan.deleted if one.kind == "Secret"]:
        yield f"{counted(len(gone), 'Secret')} deleted outside Pulumi"
    yield from plan.state
    for reason in plan.refused:
        yield f"`pulumi up` is refused: {reason.splitlines()[0].partition('. ')[0]}"

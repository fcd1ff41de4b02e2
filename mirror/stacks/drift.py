"""What a deployment would change in a deployed mirror, in a few words. Pure."""

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
    yield from plan.state

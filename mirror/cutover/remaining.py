"""What a person still has to do after the promotion, where the stack file does not let the cutover do it."""

from __future__ import annotations

from settings.model import Role, Settings

_ROLES: tuple[Role, ...] = ("consumer", "producer")


def remaining(settings: Settings) -> str:
    """Name the changes that are left, in their order."""
    target, cutover = settings.target.alias, settings.cutover
    by_hand = [f"{role}s" for role in _ROLES if not cutover.workloads_of("target", role)]
    parts = [f"{target} is promoted."]
    if by_hand:
        parts.append(
            f"Start {' and then '.join(by_hand)} there: `region-mirror clients` prints how each copied user "
            "connects."
        )
    if cutover.binding is not None:
        namespace = cutover.binding.namespace or settings.target.namespace
        parts.append(
            f"ConfigMap {namespace}/{cutover.binding.name} and its Secrets have the connection to {target}: "
            "restart what reads them in another way than as a workload of the cutover."
        )
    parts.append("Then set `mirror.phase: promoted` in the stack file and run `pulumi up`")
    return " ".join(parts)

"""The step `look-at-way-back`: whether clients may write to the old region again.

While nothing has taken production home, what producers write to the old region is on no other cluster. A
mirror from the target to the old region takes it home: once that mirror is promoted, later than the mirror of
the way out, the old region is production.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mirror.cutover.mirrors_home import later, leads_back, mirrors_in_old_region, name_of
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.cutover.steps import promote
from mirror.cutover.target_kafka import SilentKafka, silent
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.problems import CouldNotRun
from settings.model import Settings

ACCEPT = "--accept-unmirrored"


@dataclass(frozen=True, slots=True)
class LookAtWayBack(OnlyLooks):
    """Blocks while the old region is not production. `accepted`: the person wants it open nevertheless."""

    accepted: bool = False
    name: str = "look-at-way-back"
    patience: float = 60.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Read both mirrors as they are deployed. Raises CouldNotRun."""
        settings, resource = world.settings, world.resource()
        if phase_of(resource) == REPLICATE:
            return Verdict(
                "blocked",
                f"mirror {settings.mirror.name} was not promoted: {settings.source.alias} is production",
                "`region-mirror cutover rollback` removes the fence of a cutover that was not completed",
            )
        running, lost = promote.may_run(world, resource), None
        if running and running.state == "waiting" and self.accepted:
            lost = silent(world)  # Connect does not confirm a stop without its Kafka, nor copy anything
        if running and lost and lost.ready:
            return unreachable(settings, running, lost)
        if running and not lost:
            return running
        if self.accepted:
            old = settings.source.alias
            text = f"accepted ({ACCEPT}): what clients write to {old} may be on no other cluster"
            if lost:
                text += (
                    f". Connect has not confirmed that MM2 is stopped: {lost.text}. While that Kafka is "
                    "lost, MM2 copies nothing: make sure that it is"
                )
            return Verdict("done", text)
        try:
            mirrors = mirrors_in_old_region(world)
        except CouldNotRun as error:
            text = f"the way back is not known: {error.tried}: {error.happened}"
            return Verdict("blocked", text, f"{error.way_out}; or add {ACCEPT}")
        return judge(settings, promoted_since(resource), mirrors)


def unreachable(settings: Settings, running: Verdict, seen: SilentKafka) -> Verdict:
    """Block what would take a Kafka for lost that only this machine does not reach. Pure."""
    new = settings.target.alias
    return Verdict(
        "blocked",
        f"{running.text}; {seen.text}",
        f"run this command where the Kafka of {new} answers; there it waits until MM2 has stopped. If these "
        "pods are not ready in truth, because their nodes are lost, run it again once Kubernetes has noticed",
    )


def judge(settings: Settings, since: str | None, mirrors: Iterable[Mapping[str, Any]]) -> Verdict:
    """Judge by the KafkaMirrorMaker2 resources of the old region. `since`: when the mirror of the way out was
    promoted. Pure.
    """
    old, new = settings.source.alias, settings.target.alias
    back = [one for one in mirrors if leads_back(settings, one)]
    home = [one for one in back if phase_of(one) != REPLICATE and later(promoted_since(one), since)]
    copying = [one for one in back if phase_of(one) == REPLICATE]
    if copying:
        others = f", other topics than mirror {name_of(home[0])} has taken home" if home else ""
        told = f"mirror {name_of(copying[0])} still copies {new} to {old}{others}"
        return Verdict(
            "blocked",
            f"{told}: clients have not moved home yet",
            f"run `region-mirror cutover` with its stack file first; or add {ACCEPT} if clients may write on "
            "both sides",
        )
    if home:
        named, when = name_of(home[0]), promoted_since(home[0])
        return Verdict("done", f"mirror {named} is promoted since {when}: {old} is production again")
    return Verdict(
        "blocked",
        f"no mirror has taken production from {new} back to {old}: records that clients write to {old} would "
        "be on no other cluster",
        f"move home first (`region-mirror reverse`, docs/failback.md); or add {ACCEPT} if that is intended",
    )

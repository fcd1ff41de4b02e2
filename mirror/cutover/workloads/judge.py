"""Whether workloads have stopped or started, and how many replicas each is to have. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.cutover.step import Verdict
from mirror.cutover.workloads.workload import Workload, annotation
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Role


def stopping(found: Sequence[Workload], role: Role, mirror: str, uid: str) -> Verdict:
    """Whether the workloads of the source are at zero, and their pods have ended. `uid`: of the
    KafkaMirrorMaker2."""
    evidence = {
        str(one): {"replicas": one.replicas, "had": one.stopped_with(mirror, uid), "pods": one.running}
        for one in found
    }
    up = [one for one in found if one.replicas]
    if again := [one for one in up if one.stopped_with(mirror, uid)]:
        names = few([f"{one} ({one.scaled_by})" if one.scaled_by else str(one) for one in again])
        remedy = "pause the GitOps controller or autoscaler of these workloads; then run it again"
        return Verdict(
            "todo", f"started again after the cutover had stopped it: {names}", remedy, evidence, len(up)
        )
    if up:
        names = few([f"{one} ({one.replicas})" for one in up])
        return Verdict("todo", f"{_roles(role)} run at the source: {names}", "", evidence, len(up))
    if left := [pod for one in found for pod in one.running]:
        remedy = "see `kubectl describe pod`; a pod ends within its terminationGracePeriodSeconds"
        return Verdict("waiting", f"pods still terminate: {few(left)}", remedy, evidence, len(left))
    if late := [str(one) for one in found if not one.settled]:
        text = f"its controller has not observed 0 replicas yet: {few(late)}"
        return Verdict("waiting", text, "check kube-controller-manager", evidence, len(late))
    return Verdict("done", f"{len(found)} {role} workloads are stopped at the source", "", evidence, 0)


def starting(found: Sequence[Workload], role: Role, wanted: Mapping[str, int], mirror: str) -> Verdict:
    """Whether the workloads of the target run. `wanted`: replicas by workload, as text."""
    evidence = {str(one): {"replicas": one.replicas, "wanted": wanted.get(str(one))} for one in found}
    if down := [one for one in found if not one.replicas]:
        if unknown := [str(one) for one in down if str(one) not in wanted]:
            return Verdict("blocked", f"the replicas are unknown of {few(unknown)}", note(mirror), evidence)
        names = few([f"{one} ({wanted[str(one)]})" for one in down])
        return Verdict("todo", f"{_roles(role)} to start on the target: {names}", "", evidence, len(down))
    if late := [f"{one}: {one.unavailable}" for one in found if one.unavailable]:
        remedy = "see `kubectl describe` of its pods, correct the cause, and run the command again"
        return Verdict("waiting", few(late, between="; "), remedy, evidence, len(late))
    return Verdict("done", f"{len(found)} {role} workloads are available on the target", "", evidence, 0)


def replicas_for(
    targets: Sequence[Workload],
    sources: Sequence[Workload],
    kept: Mapping[str, int],
    mirror: str,
    uid: str,
) -> dict[str, int]:
    """Return the replicas that each workload of the target is to have: those of its annotation, else those
    that the workload of the same kind and name had at the source when this mirror's cutover stopped it, or
    has now. `kept`: as the journal has them, also where the source is lost. Workloads for which none is known
    are absent.
    """
    found = {}
    for one in targets:
        same = [other for other in sources if (other.kind, other.name) == (one.kind, one.name)]
        # A namespace of the same name first.
        same.sort(key=lambda other, one=one: other.namespace != one.namespace)  # type: ignore[misc]
        had = [other.stopped_with(mirror, uid) or other.replicas or kept.get(str(other)) for other in same]
        had += [kept.get(str(one)), *(count for name, count in kept.items() if _same(name, one))]
        number = one.replicas or one.noted(mirror) or next(filter(None, had), None)
        if number:
            found[str(one)] = number
    return found


def _same(name: str, one: Workload) -> bool:
    """Whether a name in the journal is that of a workload of the same kind and name."""
    kind, _, path = name.partition(" ")
    return (kind, path.partition("/")[2]) == (one.kind, one.name)


def unprepared(
    empty: Sequence[str], targets: Sequence[Workload], wanted: Mapping[str, int], mirror: str
) -> Verdict:
    """Whether every entry finds a workload, and every workload of the target has a number of replicas.
    `empty`: the entries that find none, for people."""
    if empty:
        remedy = "correct namespace and labels of the entry in `cutover.workloads`, or remove it"
        return Verdict("blocked", f"no Deployment or StatefulSet for {few(list(empty))}", remedy)
    if unknown := [str(one) for one in targets if str(one) not in wanted]:
        text = f"the replicas are unknown of {few(unknown)}: no workload of that name runs at the source"
        return Verdict("blocked", text, note(mirror))
    return Verdict(
        "done", f"to start on the target: {counted(len(targets), 'workload')}", "", {"replicas": dict(wanted)}
    )


def note(mirror: str) -> str:
    """Say how a person tells the replicas of a workload of the target."""
    return f'annotate it with {annotation(mirror)}: "NUMBER", or scale it to the number that it is to have'


def _roles(role: Role) -> str:
    return f"{role}s"

"""Guards the names that must not change, mirrors of other stacks, and the phase: a stack that would change
such a name or phase, or manage the objects of another stack's mirror, fails in its preview.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pulumi

from components.another_target import another_cluster, another_kubernetes, side_of
from components.kubernetes import child_of
from components.on_target import SEEN, cluster_ids, objects
from components.own_resource import DeploymentStoppedError, OwnProvider, own_resource
from manifests.metadata import Owner
from mirror.mm2.identity import Identity, refusals

if TYPE_CHECKING:
    from mirror.estate.ownership import DeployedObject
    from mirror.estate.seen import Seen
    from settings.model import Settings

_KEPT = "identities"
_OWNER = "owner"
_CLUSTERS = "clusters"
_NOTHING: Mapping[str, Sequence[str]] = {"topics": (), "groups": ()}


class IdentityProvider(OwnProvider):
    """Keeps the identities of a stack's mirrors in its state, and refuses changes that nobody allowed.

    It also keeps the stack's own id, chosen at random, by which a mirror's objects record their owner.

    A mirror that was never deployed has no identity yet: after an `up` that was refused because of leftovers,
    another alias may be the right way out. FirstDeployment keeps the identity of one that was.
    """

    kind = "Identities"
    momentary = frozenset({SEEN})

    def name_of(self, inputs: Mapping[str, Any]) -> str:
        """Return the resource's id, which is the same in every stack."""
        return _KEPT

    def completed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Add the stack's id, that of the last deployment or a new one, and the ids of the clusters."""
        if _OWNER not in news:
            return dict(news)
        seen = cluster_ids(_identities(news), news.get("sides") or {}, news.get(SEEN) or {})
        known = {name: one for name, one in (olds.get(_CLUSTERS) or {}).items() if name in news[_KEPT]}
        number = (olds.get(_OWNER) or {}).get("id") or secrets.token_hex(8)
        return {**news, _OWNER: {**news[_OWNER], "id": number}, _CLUSTERS: {**known, **seen}}

    def refusals(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        """Refuse another Kubernetes, mirrors of other stacks, each phase that contradicts the deployed
        mirror, and each change of an identity that `mirror.identity_change` does not allow, where the former
        KafkaMirrorMaker2 exists.
        """
        there = _there(news)
        yield from another_kubernetes(_identities(olds), olds.get("sides") or {}, news.get("sides") or {})
        allowed = [name for name, setting in (news.get("changes") or {}).items() if setting == "allow"]
        yield from another_cluster(olds.get(_CLUSTERS) or {}, news.get(_CLUSTERS) or {}, there, allowed)
        yield from _of_others(olds, news, there)
        yield from _phases(news, there)
        yield from self._changes(olds, news)

    def _changes(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
        former = _identities(olds)
        allowed = [name for name, setting in (news.get("changes") or {}).items() if setting == "allow"]
        found = list(refusals(former, _identities(news), allowed))
        if not found:
            return
        # Imported here because declaring the resource needs no Kubernetes client.
        from mirror.start.deployed import is_deployed

        sides = news.get("sides") or {}
        for one in found:
            if one.mirror not in sides or is_deployed(former[one.former], sides[one.mirror], Path.cwd()):
                yield one.reason

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the identities or the stack's name change; permission alone changes nothing."""
        return any(olds.get(key) != news.get(key) for key in (_KEPT, _OWNER))

    def effect(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the identities."""
        return dict(inputs)


class MirrorIdentities(pulumi.ComponentResource):
    """Guards the identities of all mirrors of a stack; every mirror has to depend on it.

    There is one for the whole stack, so that it sees a renamed mirror as the old name removed and the new
    name added. `owner` is the annotation by which objects record that they belong to this stack.
    """

    owner: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        mirrors: Iterable[Settings],
        opts: pulumi.ResourceOptions | None = None,
        *,
        adopts_unrecorded: bool = False,
        cuts_over: bool = False,
        contradicted: Sequence[str] = (),
        seen: Mapping[str, Seen] = MappingProxyType({}),
    ) -> None:
        """Declare it; with `adopts_unrecorded`, a mirror without a recorded owner belongs to this stack, also
        where the state does not have it. With `cuts_over`, the stack runs cutovers (`cutover.by_up`).
        `contradicted`: as in the mirrors' plans. `seen`: what the program has read of the target, by mirror;
        the guard reads what it is not told.
        """
        super().__init__("region-mirror:index:MirrorIdentities", name, {}, opts)
        every = list(mirrors)
        inputs = {
            _KEPT: {one.mirror.name: Identity.of(one).as_text() for one in every},
            "changes": {one.mirror.name: one.mirror.identity_change for one in every},
            "take_over": {one.mirror.name: one.mirror.take_over for one in every if one.mirror.take_over},
            _OWNER: {"project": pulumi.get_project(), "stack": pulumi.get_stack()},
            "adopts_unrecorded": adopts_unrecorded,
            "phases": {one.mirror.name: one.mirror.phase for one in every},
            "by_up": {one.mirror.name: cuts_over and one.cutover.by_up for one in every},
            "moved": {
                one.mirror.name: {
                    "topics": list(one.mirror.moved.topics),
                    "groups": list(one.mirror.moved.groups),
                }
                for one in every
                if one.mirror.moved
            },
            "sides": {one.mirror.name: side_of(one.target) for one in every},
            **({SEEN: {name: one.as_inputs() for name, one in seen.items()}} if seen else {}),
        }
        made = own_resource(IdentityProvider(), name, inputs, (), child_of(self, opts))
        declared = {one.mirror.name: Identity.of(one) for one in every}
        # Every object of a mirror has the owner, and cannot be declared where this refuses.
        self.owner = pulumi.Output.all(made.owner, made.identities).apply(
            lambda kept: judged_owner(kept[0], kept[1], declared, contradicted)
        )
        self.register_outputs({})


class GuardLeftOutError(DeploymentStoppedError):
    """Pulumi was told to leave out the guard, which would refuse the deployment."""


def judged_owner(
    owner: Mapping[str, Any],
    kept: Mapping[str, Any],
    declared: Mapping[str, Identity],
    contradicted: Sequence[str] = (),
) -> str:
    """Return the owner as text, if the guard has judged these identities. Raises GuardLeftOutError.

    With `--target` or `--exclude` Pulumi does not ask the guard, and takes its last outputs.
    """
    if contradicted:
        raise GuardLeftOutError("\n".join(contradicted))
    former = _identities({_KEPT: kept})
    for name, identity in declared.items():
        if name not in former or former[name].changed(identity):
            raise GuardLeftOutError(
                f"mirror {name}: its names are not those of the last deployment, and the resource that "
                "judges them was left out (--target, --exclude). Nothing has been changed. Run `pulumi up` "
                "without these options."
            )
    return str(_owner(owner))


def _there(news: Mapping[str, Any]) -> dict[str, list[DeployedObject]]:
    """Return what is deployed of each mirror: the state of a stack knows neither of other stacks nor of a
    cutover. Raises CouldNotRun.
    """
    if not (news.get(_OWNER) or news.get("phases")):
        return {}
    return objects(_identities(news), news.get("sides") or {}, news.get(SEEN) or {})


def _of_others(
    olds: Mapping[str, Any], news: Mapping[str, Any], there: Mapping[str, Sequence[DeployedObject]]
) -> Iterator[str]:
    """Return a refusal for each mirror whose objects on the target belong to another stack."""
    mine = news.get(_OWNER)
    if not mine or not any(there.values()):
        return
    # Imported here because a mirror that is deployed for the first time needs none of it.
    from mirror.estate.ownership import refusal

    identities, known, take_over = _identities(news), _identities(olds), news.get("take_over") or {}
    for name, found in there.items():
        reason = refusal(
            name,
            found,
            _owner(mine),
            known=bool(news.get("adopts_unrecorded"))
            or (name in known and known[name].resource == identities[name].resource),
            take_over=take_over.get(name),
        )
        if reason:
            yield reason


def _phases(news: Mapping[str, Any], there: Mapping[str, Sequence[DeployedObject]]) -> Iterator[str]:
    """Return why mirrors must not be deployed in the phase, or without the moved part, that the stack file
    declares.
    """
    seen = news.get(SEEN) or {}
    for name, phase in sorted((news.get("phases") or {}).items()):
        if name in seen:
            yield from seen[name]["contradicted"]
        else:
            yield from _contradictions(name, phase, news, there.get(name, ()))


def _contradictions(
    name: str, phase: str, news: Mapping[str, Any], there: Sequence[DeployedObject]
) -> Iterable[str]:
    from mirror.estate.ownership import mirror_maker2_of
    from mirror.mm2.moved import contradictions
    from settings.model import MovedSettings

    by_up = bool((news.get("by_up") or {}).get(name))
    moved = MovedSettings().with_more(**((news.get("moved") or {}).get(name) or _NOTHING))
    return contradictions(name, phase, moved, mirror_maker2_of(there), by_up=by_up)


def _owner(kept: Mapping[str, Any]) -> Owner:
    return Owner(*(str(kept.get(key) or "") for key in ("project", "stack", "id")))


def _identities(inputs: Mapping[str, Any]) -> dict[str, Identity]:
    return {name: Identity.read(kept) for name, kept in (inputs.get(_KEPT) or {}).items()}

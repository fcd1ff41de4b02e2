"""A plan as titled sections, in the order of a reviewer's questions; every output format uses them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass

from mirror.mm2.phase import AT_REST
from mirror.plan.planned import Action, GroupChanges, Plan, PlannedTopic, TopicChanges

_LINE = 240  # characters of one item
_WITH_WAY_OUT = ("Refused", "Warnings", "Notes")
"""Sections whose items end with what to do, which must not be cut off."""
_SIGNS: dict[Action, str] = {"appears": "+", "changes": "~", "goes": "-"}
_VERBS: dict[Action, str] = {"appears": "created", "changes": "changed", "goes": "deleted"}
_RESTARTS = {
    "pods": "The worker pods roll one by one; connectors and tasks restart with them",
    "connectors": "Connect restarts the changed connectors; the worker pods keep running",
    "nothing": "Nothing is restarted",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A title, one sentence without a full stop, and the items that the sentence counts or introduces."""

    title: str
    sentence: str
    items: tuple[str, ...] = ()


def headline(plan: Plan) -> str:
    """Return the result of the plan as one sentence without a full stop."""
    if plan.refused:
        return "Refused: this change cannot be deployed"
    if plan.unread is not None:
        return f"The deployed mirror could not be read: {plan.unread}"
    if plan.renamed_from is not None:
        return f"Renamed: mirror {plan.renamed_from} becomes {plan.mirror}"
    if plan.first:
        return "First deployment: the KafkaMirrorMaker2 does not exist yet"
    return "Changes to the deployed mirror" if plan.changes else "No changes"


def sections(plan: Plan) -> list[Section]:
    """Return the sections of the plan; a section without content is left out."""
    return [
        one
        if one.title in _WITH_WAY_OUT
        else Section(one.title, one.sentence, tuple(_short(item) for item in one.items))
        for one in _sections(plan)
    ]


def _sections(plan: Plan) -> Iterator[Section]:
    yield from _first(plan)
    yield from _deployment(plan)
    if plan.state:
        yield Section("State", "Connectors and worker pods", plan.state)
    yield _topics(plan.topics, plan)
    yield _groups(plan.groups, plan)
    if plan.users:
        yield _users(plan)
    if plan.credentials:
        yield Section("Credentials", "Copied again from the source", plan.credentials)
    if plan.properties:
        yield Section("Properties", f"{_count(len(plan.properties), 'value')} changed", _properties(plan))
    if plan.objects:
        yield _objects(plan)
    if plan.rights:
        acls = "ACLs" if plan.first else "Additional ACLs"
        needed = f"{acls} that the mirror's user needs on {plan.source}"
        yield Section("Source", f"{needed} (nothing else touches {plan.source})", plan.rights)
    if notes := tuple(one for one in plan.notes if one not in plan.warnings):
        yield Section("Notes", "Read before deploying", notes)


def _first(plan: Plan) -> Iterator[Section]:
    """Sections that need an answer before anything else is read."""
    if plan.refused:
        lines = [line.strip() for reason in plan.refused for line in reason.splitlines() if line.strip()]
        yield Section("Refused", "Nothing would be changed", tuple(lines))
    if plan.warnings:
        yield Section("Warnings", "Check these first", plan.warnings)
    for breach in plan.permitted:  # one section each: a short summary must not drop any
        yield Section("Permitted data loss", breach, ())


def _deployment(plan: Plan) -> Iterator[Section]:
    if plan.renamed_from is not None and not plan.refused:
        yield Section(
            "Rename",
            f"KafkaMirrorMaker2 {plan.mirror} is created before {plan.renamed_from}, its two users and its "
            "Secrets are deleted; until then both mirror. Copied users of the same name remain",
        )
    if not plan.first and plan.unread is None and plan.changes:
        yield Section("Restarts", _RESTARTS[plan.restart], plan.restart_reasons)


def _topics(topics: TopicChanges, plan: Plan) -> Section:
    if plan.phase in AT_REST:
        return Section("Topics", f"none is mirrored with mirror.phase {plan.phase}")
    if topics.unknown is not None:
        return Section("Topics", f"unknown, because {plan.source} could not be read: {topics.unknown}")
    verb = "matches" if topics.matched == 1 else "match"
    matched = f"{_count(topics.matched, 'topic')} on {plan.source} {verb} the patterns"
    items = [f"+ {topic_line(topic)}" for topic in topics.entering]
    items += [f"- {topic_line(topic)}" for topic in topics.leaving]
    moves = _moves(topics.entering, topics.leaving)
    kept = ". Removed topics stay on the target but are no longer updated" if topics.leaving else ""
    return Section("Topics", f"{matched}{moves}{kept}", tuple(items))


def _groups(groups: GroupChanges, plan: Plan) -> Section:
    if plan.phase in AT_REST:
        return Section("Groups", f"none is translated with mirror.phase {plan.phase}")
    if groups.unknown is not None:
        return Section("Groups", f"unknown, because {plan.source} could not be read: {groups.unknown}")
    verb = "is" if groups.matched == 1 else "are"
    matched = f"{_count(groups.matched, 'consumer group')} {verb} translated to the target"
    items = [f"+ {name}" for name in groups.entering] + [f"- {name}" for name in groups.leaving]
    moves = _moves(groups.entering, groups.leaving)
    kept = ". Removed groups keep their offsets on the target" if groups.leaving else ""
    others = ""
    if groups.untranslated:
        verb = "is" if len(groups.untranslated) == 1 else "are"
        others = (
            f". MM2 does not translate streams and share groups: {len(groups.untranslated):,} {verb} left out"
        )
        items += [f"! {name}" for name in groups.untranslated]
    return Section("Groups", f"{matched}{moves}{kept}{others}", tuple(items))


def _objects(plan: Plan) -> Section:
    items = tuple(f"{_SIGNS[one.action]} {one.kind} {one.name}" for one in plan.objects)
    said = _actions(one.action for one in plan.objects)
    return Section("Objects", f"For monitoring and verification: {said} on {plan.target}", items)


def _users(plan: Plan) -> Section:
    items = []
    for one in plan.users:
        own = " (the mirror's own user)" if one.owner == "own" else ""
        items.append(f"{_SIGNS[one.action]} {one.name}{own}: {'; '.join(one.details)}")
    return Section("Users", f"{_actions(one.action for one in plan.users)} on {plan.target}", tuple(items))


def _actions(actions: Iterable[Action]) -> str:
    counts = Counter(actions)
    return ", ".join(f"{counts[action]:,} {verb}" for action, verb in _VERBS.items() if counts[action])


def _properties(plan: Plan) -> tuple[str, ...]:
    lines = []
    for one in plan.properties:
        before = "absent" if one.before is None else one.before
        after = "absent" if one.after is None else one.after
        lines.append(f"{one.where}: {one.key} {before} -> {after}")
    return tuple(lines)


def topic_line(topic: PlannedTopic) -> str:
    """Return a topic's name, its name on the target if different, its partitions, and the records to copy."""
    copy = f" as {topic.copy}" if topic.copy else ""
    records = "" if topic.records is None else f", up to {_count(topic.records, 'record')} to copy"
    return f"{topic.name}{copy} ({_count(topic.partitions, 'partition')}{records})"


def _moves(entering: Sized, leaving: Sized) -> str:
    said = [f"{len(some):,} {verb}" for some, verb in ((entering, "added"), (leaving, "removed")) if some]
    return f"; {', '.join(said)}" if said else ""


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"

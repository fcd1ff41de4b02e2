"""A plan in sentences, in the order in which a reviewer asks: the same for every way to print it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mirror.plan.planned import GroupChanges, Plan, PlannedTopic, TopicChanges

_LINE = 240  # characters of one item
_RESTARTS = {
    "pods": "The pods are restarted one by one, and the connectors with them",
    "connectors": "Connect restarts the connectors that differ; the pods run on",
    "nothing": "Nothing is restarted",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, one sentence, and what it consists of."""

    title: str
    sentence: str
    items: tuple[str, ...] = ()


def headline(plan: Plan) -> str:
    """Say in one sentence what the plan comes to."""
    if plan.refused:
        return "It is refused as it is"
    if plan.unread is not None:
        return f"What is deployed could not be looked at: {plan.unread}"
    if plan.first:
        return "First deployment: its KafkaMirrorMaker2 is not there yet"
    return "It changes what is deployed" if plan.changes else "Nothing changes"


def sections(plan: Plan) -> list[Section]:
    """Return the sections that have something to say."""
    return [
        Section(one.title, one.sentence, tuple(_short(item) for item in one.items)) for one in _sections(plan)
    ]


def _sections(plan: Plan) -> Iterator[Section]:
    if plan.refused:
        lines = [line.strip() for reason in plan.refused for line in reason.splitlines() if line.strip()]
        yield Section("Refused", "The mirror's identity may not change", tuple(lines))
    for breach in plan.permitted:  # one line each: none may be left out of a short summary
        yield Section("Permitted data loss", breach, ())
    if not plan.first and plan.unread is None and plan.changes:
        yield Section("Restarts", _RESTARTS[plan.restart], plan.restart_reasons)
    if plan.state:
        yield Section("State", "Connectors and pods", plan.state)
    yield _topics(plan.topics, plan)
    yield _groups(plan.groups, plan)
    if plan.users:
        yield _users(plan)
    if plan.credentials:
        yield Section("Credentials", "Copied anew from the source", plan.credentials)
    if plan.properties:
        verb = "differs" if len(plan.properties) == 1 else "differ"
        yield Section("Properties", f"{_count(len(plan.properties), 'value')} {verb}", _properties(plan))
    if plan.rights:
        user = f"The user that the mirror reads {plan.source} with needs"
        more = "" if plan.first else " in addition"
        yield Section("Source", f"{user}{more}, and {plan.source} is only read otherwise", plan.rights)
    if plan.notes:
        yield Section("Notes", "To know before deploying", plan.notes)


def _topics(topics: TopicChanges, plan: Plan) -> Section:
    if topics.unknown is not None:
        return Section("Topics", f"{plan.source} could not be looked at: {topics.unknown}")
    verb = "matches" if topics.matched == 1 else "match"
    matched = f"{_count(topics.matched, 'topic')} of {plan.source} {verb} now"
    items = [f"+ {topic_line(topic)}" for topic in topics.entering]
    items += [f"- {topic_line(topic)}" for topic in topics.leaving]
    changes = _moves(len(topics.entering), len(topics.leaving))
    stay = "; what leaves stays on the target and is no longer followed" if topics.leaving else ""
    return Section("Topics", f"{matched}{changes}{stay}", tuple(items))


def _groups(groups: GroupChanges, plan: Plan) -> Section:
    if groups.unknown is not None:
        return Section("Groups", f"{plan.source} could not be looked at: {groups.unknown}")
    matched = f"offsets of {_count(groups.matched, 'consumer group')} are translated"
    items = [f"+ {name}" for name in groups.entering] + [f"- {name}" for name in groups.leaving]
    stay = "; what leaves keeps the offsets it has on the target" if groups.leaving else ""
    return Section(
        "Groups", f"{matched}{_moves(len(groups.entering), len(groups.leaving))}{stay}", tuple(items)
    )


def _users(plan: Plan) -> Section:
    signs = {"appears": "+", "changes": "~", "goes": "-"}
    counts = {action: sum(one.action == action for one in plan.users) for action in signs}
    said = [
        f"{counts[action]} {verb if counts[action] > 1 else action}"
        for action, verb in (("appears", "appear"), ("changes", "change"), ("goes", "go"))
        if counts[action]
    ]
    items = []
    for one in plan.users:
        own = ", the mirror's own" if one.owner == "own" else ""
        items.append(f"{signs[one.action]} {one.name}{own}: {'; '.join(one.details)}")
    return Section("Users", f"On {plan.target} {', '.join(said)}", tuple(items))


def _properties(plan: Plan) -> tuple[str, ...]:
    lines = []
    for one in plan.properties:
        before = "absent" if one.before is None else one.before
        after = "absent" if one.after is None else one.after
        lines.append(f"{one.where}: {one.key} {before} -> {after}")
    return tuple(lines)


def topic_line(topic: PlannedTopic) -> str:
    """Describe one topic."""
    copy = f" as {topic.copy}" if topic.copy else ""
    records = "" if topic.records is None else f", up to {_count(topic.records, 'record')} to copy"
    return f"{topic.name}{copy} ({_count(topic.partitions, 'partition')}{records})"


def _moves(entering: int, leaving: int) -> str:
    said = []
    if entering:
        said.append(f"{entering:,} {'enters' if entering == 1 else 'enter'}")
    if leaving:
        said.append(f"{leaving:,} {'leaves' if leaving == 1 else 'leave'}")
    return f"; {', '.join(said)}" if said else ""


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"

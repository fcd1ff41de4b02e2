"""groups-translated: each group's translated offset is present, not past the end, and *safe*.

Safe means: no record that the group has not read on the source lies before its offset on the target. Content
decides, not MM2's own bookkeeping, which is what is under test. Its checkpoints are looked at for one thing:
whether they still come (Strimzi #5533: a task that stays RUNNING and translates no more). The reads come in
this order, so that a group that moves never looks unsafe (it can only look more cautious than it is):

    1. D   the group's offset on the target
    2. P   MM2's committed position: P's record and those before it are on the target
    3. E   the target's end
    4. C   the group's offset on the source: at or after what D was translated from
    5. S   the source's records from C on: the first is the first that the group has not read
    6. T   the target's records from D to E

    source  ----r----r----C====F----u----P---------     r read, F the first unread, u unread
    target  -------D----r----r----F----u----E           re-read: the records from D up to F

F among T: safe, and what lies before it is read again. F not mirrored yet (after P): safe, all of T is read
again. F mirrored and not among T: it lies before D, the group would skip it. MM2 translates an offset after a
sync to the sync's downstream + 1 (OffsetSyncStore.translateDownstream), so re-reading is its normal way.

A group that reads on the target is past F, too, and nothing is wrong with it: `values.translation.moved` says
what shows that. It is reported and does not fail the check. Where nothing shows it, both readings are named,
and no remedy sets a group back without saying so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import committed, groups, translated
from mirror.verify.reading.source_permissions import source_permissions
from mirror.verify.report import CheckResult
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.hidden_names import hidden_finding, seen_by
from mirror.verify.values.translation import BY_RESET, TranslationState, resets_on_both, translation
from mirror.verify.values.translation_findings import of_another_type, overdue_finding, translation_finding
from settings.scopes import Scope

NAME = "groups-translated"


def judge(
    partitions: Sequence[GroupPartition],
    unreadable: Mapping[str, str] | None = None,
    blind: Finding | None = None,
    untranslated: Collection[str] = (),
    user: str = "",
    hidden: Sequence[Scope] | None = (),
    unmatched: Sequence[str] = (),
) -> CheckResult:
    """`unreadable`: groups whose committed offsets could not be read, and why. `blind`: why MM2's checkpoints
    and offset syncs could not be read, so that it is unknown whether MM2 still writes them. `untranslated`:
    groups that MM2 leaves out for their type. `hidden`: the scopes of groups that the source user `user` may
    not describe, so that neither MM2 nor this check sees them; None where its ACLs are not known.
    `unmatched`: patterns that match no group, which are reported, but do not fail the check."""
    findings = [
        Finding(
            f"group {group}",
            f"its committed offsets could not be read: {reason}",
            "the source user and the verifier need Describe on the group",
        )
        for group, reason in sorted((unreadable or {}).items())
    ]
    stale: list[Finding] = []  # behind those that skip records, because a terminal shows the first ones
    groups: dict[str, dict[str, Any]] = {}
    totals: dict[str, dict[str, Any]] = {}
    states: Counter[TranslationState] = Counter()
    named: dict[TranslationState, set[str]] = defaultdict(set)
    lapsed: Counter[str] = Counter()
    for one in partitions:
        result = translation(one)
        if result.state == "below-start" and resets_on_both(one.committed, one.source):
            finding = None
            lapsed[one.group] += 1
        else:
            finding = translation_finding(one, result) or overdue_finding(one)
        if finding is not None and one.group in untranslated:
            finding = of_another_type(finding)
        if finding is not None:
            (stale if result.state == "safe" else findings).append(finding)
        groups.setdefault(one.group, {})[str(one.partition)] = {
            "state": result.state,
            "source_offset": one.committed,
            "target_offset": one.translated,
            "rereads": result.rereads,
            "rereads_exact": result.exact,
            **({"moved": result.reason} if result.state == "moved" else {}),
            **(one.mm2.to_json() if one.mm2 else {}),
            **({} if one.overdue is None else {"checkpoint_overdue_seconds": round(one.overdue, 1)}),
        }
        total = totals.setdefault(one.group, {"records": 0, "exact": True, "partitions": 0, "wrong": 0})
        states[result.state] += 1
        named[result.state].add(one.group)
        total["records"] += result.rereads or 0
        total["exact"] = total["exact"] and result.exact
        total["partitions"] += 1
        total["wrong"] += finding is not None
    findings += stale
    if blind is not None and partitions:
        findings.append(blind)
    facts = {
        "groups": groups,
        "rereads": totals,
        "states": dict(sorted(states.items())),
        "untranslated": sorted(untranslated),
        **({"unmatched_patterns": list(unmatched)} if unmatched else {}),
    }
    parts = [
        _verdict(totals, states, named, len(findings)),
        *_reported(states, named, lapsed),
        seen_by("group", user, hidden),
    ]
    findings += [hidden_finding("group", one, user) for one in hidden or ()]
    summary = "; ".join(filter(None, parts))
    if untranslated:
        verb = "matches" if len(untranslated) == 1 else "match"
        summary += (
            f"; MM2 does not translate streams and share groups: {counted(len(untranslated), 'group')} {verb}"
        )
    if unmatched:
        summary += f"; no group of the source matches {', '.join(unmatched)}"
    return CheckResult.of(NAME, summary, findings, facts)


def _verdict(
    totals: Mapping[str, Mapping[str, Any]],
    states: Mapping[TranslationState, int],
    named: Mapping[TranslationState, Collection[str]],
    findings: int,
) -> str:
    if findings:
        return f"{counted(findings, 'finding')} on the translations of {counted(len(totals), 'group')}"
    if not totals:
        return "no group has committed offsets on a mirrored topic"
    records = sum(total["records"] for total in totals.values())
    more = "" if all(total["exact"] for total in totals.values()) else "more than "
    safe = len(named.get("safe", ()))
    return (
        f"{counted(safe, 'group')} on {counted(states.get('safe', 0), 'partition')} "
        f"{'resumes' if safe == 1 else 'resume'} without skipping a record; "
        f"{more}{counted(records, 'record')} will be re-read"
    )


def _reported(
    states: Mapping[TranslationState, int],
    named: Mapping[TranslationState, Collection[str]],
    lapsed: Counter[str],
) -> Iterator[str]:
    """What does not fail the check and is not proven by it either. `lapsed`: partitions of groups whose
    offsets both logs begin after."""
    if moved := named.get("moved"):
        partitions = counted(states["moved"], "partition")
        yield f"{counted(len(moved), 'group')} moved to the target on {partitions}"
    if anew := {group for state in BY_RESET for group in named.get(state, ())}:
        partitions = counted(sum(states.get(state, 0) for state in BY_RESET), "partition")
        verb = "has" if len(anew) == 1 else "have"
        yield (
            f"{counted(len(anew), 'group')} {verb} no offset on {partitions} and will start there by "
            "auto.offset.reset"
        )
    if lapsed:
        yield (
            f"{counted(len(lapsed), 'group')} on {counted(lapsed.total(), 'partition')} will start by "
            "auto.offset.reset on either side: both logs begin after the offset"
        )
    if before := states.get("before-start"):
        offsets = "offset is" if before == 1 else "offsets are"
        yield f"{before} {offsets} before the start of the mirror (mirror.start_from), untranslatable"


def _of(look: Look) -> CheckResult:
    seen = look.of(groups)
    return judge(
        seen.partitions,
        seen.unreadable,
        seen.blind,
        seen.untranslated,
        look.settings.source.user,
        look.of(source_permissions).hidden_groups,
        seen.unmatched,
    )


CHECK = Check(
    NAME,
    "consumer groups resume without skipping a record",
    reads=(source_permissions, translated, committed, groups),
    judge=_of,
    copies_only=True,
)

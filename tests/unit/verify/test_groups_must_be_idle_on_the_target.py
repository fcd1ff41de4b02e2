"""groups-idle-on-target: who is active there, with whom, and whether anybody writes offsets at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mirror.clients.records import TopicPartition, Unread
from mirror.verify.checks.groups_idle_on_target import judge, not_synced
from mirror.verify.reading.active_groups import concerned, read_active
from mirror.verify.values.active_group import GroupOnTarget, Member

SYNCED = ["billing", "search", "audit"]
SPEC = {
    "target": {"alias": "west"},
    "mirrors": [
        {
            "source": {"alias": "east"},
            "checkpointConnector": {"config": {"sync.group.offsets.enabled": "true"}},
        }
    ],
}


def resource(**checkpoints: Any) -> dict[str, Any]:
    connector = {**SPEC["mirrors"][0]["checkpointConnector"], **checkpoints}  # type: ignore[index]
    return {"spec": {**SPEC, "mirrors": [{"source": {"alias": "east"}, "checkpointConnector": connector}]}}


def member(number: int) -> Member:
    return Member(f"billing-{number}", f"/10.0.0.{number}")


def test_idle_groups_pass() -> None:
    result = judge(SYNCED, [], None)
    assert result.passed
    assert result.summary == "none of the 3 groups has members on the target"


def test_an_active_group_is_named_with_its_members_and_the_way_out() -> None:
    members = tuple(member(number) for number in range(1, 6))
    [finding] = judge(SYNCED, [GroupOnTarget("billing", "STABLE", members)], None).findings
    assert finding.subject == "group billing"
    assert (
        "5 members (billing-1 at /10.0.0.1, billing-2 at /10.0.0.2, billing-3 at /10.0.0.3 and 2 more)"
        in (finding.message)
    )
    assert "groups_exclude" in finding.remedy


def test_a_group_that_cannot_be_seen_is_a_finding_with_its_reason() -> None:
    seen = GroupOnTarget("billing", "not listed", unseen="Group authorization failed")
    [finding] = judge(SYNCED, [seen], None).findings
    assert finding.subject == "group billing"
    assert "Group authorization failed" in finding.message
    assert "Describe" in finding.remedy


def test_members_that_were_seen_make_a_group_active_whatever_else_was_not() -> None:
    seen = GroupOnTarget("billing", "STABLE", (member(1),), unseen="Group authorization failed")
    [finding] = judge(SYNCED, [seen], None).findings
    assert "it is active on the target with 1 member (billing-1 at /10.0.0.1)" in finding.message


def test_the_facts_are_those_of_the_active_groups_only() -> None:
    seen = [
        GroupOnTarget("search", "EMPTY"),
        GroupOnTarget("billing", "STABLE", (member(2), member(1), member(1))),
    ]
    result = judge(SYNCED, seen, None)
    active = {
        "state": "STABLE",
        "members": 3,
        "clients": ["billing-1 at /10.0.0.1", "billing-2 at /10.0.0.2"],
    }
    assert result.facts == {"groups": 3, "synced": True, "active": {"billing": active}}
    assert result.summary == "1 of 3 groups are active on the target, or their state is unknown"
    assert result.name == judge(SYNCED, [], "it is off").name == "groups-idle-on-target"
    assert judge(SYNCED, [], "it is off").facts == {"groups": 3, "synced": False, "active": {}}
    assert judge(["billing"], [], None).summary == "the group has no members on the target"


def test_findings_are_sorted_by_group() -> None:
    seen = [GroupOnTarget(name, "STABLE", (member(1),)) for name in ("search", "audit")]
    assert [one.subject for one in judge(SYNCED, seen, None).findings] == ["group audit", "group search"]


def test_where_nobody_writes_offsets_active_groups_are_told_and_no_finding() -> None:
    active = [GroupOnTarget("billing", "STABLE", (member(1),))]
    result = judge(SYNCED, active, "sync.group.offsets.enabled is off")
    assert result.passed
    assert "sync.group.offsets.enabled is off; 1 of 3 groups are active there" in result.summary
    assert result.facts["active"]["billing"]["members"] == 1


def test_what_is_deployed_says_whether_offsets_are_synced() -> None:
    assert not_synced(resource(), "east") is None
    assert not_synced(resource(config={}), "east") == "sync.group.offsets.enabled is off"
    assert "paused" in str(not_synced(resource(state="paused"), "east"))
    assert "does not mirror from north" in str(not_synced(resource(), "north"))
    [east] = resource()["spec"]["mirrors"]
    both = {"spec": {**SPEC, "mirrors": [{"source": {"alias": "north"}}, east]}}
    assert not_synced(both, "east") is None
    assert "no checkpoint connector" in str(not_synced(both, "north"))
    assert "no checkpoint connector" in str(
        not_synced({"spec": {**SPEC, "mirrors": [{"source": {"alias": "east"}}]}}, "east")
    )


class Target:
    """Stands for the cluster: what it lists, and what it says of each group that is asked for."""

    def __init__(self, states: dict[str, str], said: dict[str, Any], *others: str) -> None:
        self.states = states
        self.others = list(others)
        self.said = said
        self.asked: list[str] = []

    def group_states(self) -> dict[str, str]:
        return self.states

    def other_groups(self) -> list[str]:
        return self.others

    def described_groups(self, groups: list[str]) -> dict[str, Any]:
        self.asked = groups
        return {group: self.said[group] for group in groups}


def described(*members: str) -> Any:
    found = [SimpleNamespace(client_id=one, host="/10.0.0.1") for one in members]
    return SimpleNamespace(state=SimpleNamespace(name="STABLE"), members=found)


def test_only_what_is_not_known_to_be_idle_is_asked_about() -> None:
    target = Target(
        {"billing": "STABLE", "search": "EMPTY", "somebody-elses": "STABLE"},
        {"billing": described("b1", "b2"), "audit": described()},
    )
    [seen] = read_active(target, SYNCED)  # type: ignore[arg-type]
    assert target.asked == ["billing", "audit"]
    assert (seen.group, len(seen.members)) == ("billing", 2)


def test_a_group_that_does_not_exist_is_idle_and_one_that_is_hidden_is_not() -> None:
    target = Target(
        {},
        {
            "billing": Unread("Broker: The group id does not exist"),
            "search": Unread("Broker: Group authorization failed"),
            "audit": described(),
        },
    )
    [seen] = read_active(target, SYNCED)  # type: ignore[arg-type]
    assert (seen.group, seen.unseen) == ("search", "Broker: Group authorization failed")


def test_only_groups_with_an_offset_on_a_mirrored_topic_are_concerned() -> None:
    active = [
        GroupOnTarget(name, "STABLE", (member(1),)) for name in ("billing", "elsewhere", "new", "hidden")
    ]
    offsets: dict[str, dict[TopicPartition, int] | Unread] = {
        "billing": {TopicPartition("orders", 0): 5},
        "elsewhere": {TopicPartition("its own", 0): 5},
        "hidden": Unread("not authorized"),
    }
    assert [one.group for one in concerned(active, offsets, {"orders"})] == ["billing", "hidden"]


def test_a_streams_group_that_is_described_as_dead_is_not_taken_for_idle() -> None:
    target = Target({"search": "EMPTY"}, {"billing": described(), "audit": described()}, "billing")
    [seen] = read_active(target, SYNCED)  # type: ignore[arg-type]
    assert seen.group == "billing"
    assert "streams or share group" in str(seen.unseen)
    assert not judge(SYNCED, [seen], None).passed

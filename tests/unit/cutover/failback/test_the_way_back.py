"""The way back: where it begins, when it is refused, and its stack file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.failback.judge import Accepted, Facts, refusals
from mirror.cutover.failback.reverse import remarks
from mirror.cutover.failback.stack_file import mirror_name, rendered, reversed_sections
from mirror.cutover.failback.starts import Copy, Starts, choose
from mirror.cutover.recovery.moved_parts import with_parts
from settings.load import load
from settings.model.cutover import CutoverSettings, WorkloadSettings
from settings.stack_file import parse_stack_file
from tests.unit.support.made_up import settings

STARTS = Starts({"orders": "offsets 100,80"})
LEFT_OUT = [".*[.]recovered"]


def copy(number: int, promoted: int | None, end: int, **rest: Any) -> Copy:
    given = {"log": Bounds(0, end), "original": Bounds(0, 50), **rest}
    return Copy(TopicPartition("orders", number), promoted=promoted, **given)


def test_each_partition_begins_at_its_end_at_the_promotion() -> None:
    found = choose([copy(1, 80, 95), copy(0, 100, 100)])
    assert found.by_topic == {"orders": "offsets 100,80"}
    assert (found.new, found.whole, found.unknown, found.doubled) == (15, [], [], {})


def test_a_name_with_dots_is_a_pattern_of_this_name_only() -> None:
    one = Copy(TopicPartition("a.b", 0), Bounds(0, 9), 5, Bounds(0, 5))
    assert choose([one]).by_topic == {r"a\.b": "offsets 5"}


def test_a_partition_that_was_added_since_is_new_as_a_whole() -> None:
    assert choose([copy(0, 100, 120), copy(1, None, 7, original=None)]).by_topic == {
        "orders": "offsets 100,0"
    }


def test_a_restored_topic_with_records_would_be_doubled() -> None:
    found = choose([copy(0, 100, 120, original=Bounds(0, 30), anew="its id differs")])
    assert found.doubled == {"orders": "its id differs"}
    assert choose([copy(0, 100, 120)], full_copy=True).doubled


def test_without_a_known_end_everything_would_be_doubled() -> None:
    assert choose([copy(0, None, 120)]).unknown == ["orders"]


def test_records_that_retention_has_deleted_since_are_counted() -> None:
    found = choose([copy(0, 100, 120, log=Bounds(110, 120))])
    assert found.deleted == {TopicPartition("orders", 0): 10}
    assert found.new == 10


def facts(**given: Any) -> Facts:
    usual: dict[str, Any] = {
        "left": 0, "unread": (), "undecided": 0, "fenced": True, "fence": "fenced", "to_topic": 0,
        "starts": STARTS,
    }  # fmt: skip
    return Facts(**{**usual, **given})


def test_a_fenced_and_recovered_region_is_not_refused() -> None:
    assert refusals(settings(), facts(), Accepted()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"left": 3}, "3 records never crossed"),
        ({"unread": ("orders-0",)}, "1 partition could not be judged: orders-0"),
        ({"undecided": 4}, "4 offsets are behind open transactions"),
        (
            {"fenced": False, "fence": "2 users may write"},
            "clients may still write there (2 users may write)",
        ),
        ({"to_topic": 2}, "2 records that `recover --to topic` wrote"),
        ({"starts": Starts(unknown=["orders"])}, "neither recorded nor found by content"),
        ({"starts": Starts(doubled={"orders": "its id differs"})}, "its id differs"),
        ({"written_copies": ("east.orders",)}, "clients have written to copies: east.orders"),
        ({"uncertain_copies": ("east.orders",)}, "neither recorded nor found by content: east.orders"),
        ({"left_apart": ("orders",)}, "1 topic moved in parts before this mirror was made"),
        ({"lost_originals": ("east.orders",)}, "does not have the originals of copies any more: east.orders"),
        ({"built_anew": True}, "it has none of the mirrored topics"),
    ],
)
def test_each_refusal_has_its_reason_and_its_way_out(given: dict[str, Any], said: str) -> None:
    (finding,) = refusals(settings(), facts(**given), Accepted())
    assert said in finding.message
    assert finding.remedy


def test_the_way_out_for_recovered_records_is_no_full_copy() -> None:
    """It refuses every topic that the old region has, also those of which nothing was recovered."""
    (finding,) = refusals(settings(), facts(to_topic=2, recovered=("orders",)), Accepted())
    assert finding.message.endswith(": orders")
    assert "delete these topics on east" in finding.remedy
    assert "--full-copy" not in finding.remedy
    assert choose([copy(0, 100, 120)], full_copy=True).doubled, "a topic that was not deleted"


def test_a_part_that_moved_before_the_mirror_was_made_has_a_way_out_by_policy() -> None:
    (kept,) = refusals(settings(), facts(left_apart=("orders",)), Accepted())
    assert "delete these topics on east" in kept.remedy
    prefixed = settings(replication_policy="default")
    (renamed,) = refusals(prefixed, facts(left_apart=("orders",)), Accepted())
    assert "delete" not in renamed.remedy, "records of clients in copies would be left behind"


def test_a_moved_part_goes_home_with_the_rest() -> None:
    whole = with_parts(settings(moved={"topics": ["orders"], "groups": ["billing"]}), {"orders"})
    assert refusals(whole, facts(), Accepted()) == []
    sections = reversed_sections(whole, STARTS, LEFT_OUT)
    assert "moved" not in sections["mirror"]
    assert sections["mirror"]["topics"] == ["orders", "payments.*"]


def test_what_is_accepted_is_not_refused() -> None:
    seen = facts(fenced=False, to_topic=2)
    assert refusals(settings(), seen, Accepted(unfenced=True, doubled=True)) == []


def test_sides_and_logins_are_exchanged() -> None:
    out = settings(groups=["billing"], phase="promoted", topics_exclude=["x"])
    found = reversed_sections(out, STARTS, LEFT_OUT)
    assert found["source"] == {
        "alias": "west", "cluster": "west", "namespace": "kafka", "listener": "mtls", "authentication": "tls",
        "user": "mirror-source",
    }  # fmt: skip
    assert found["target"] == {
        "alias": "east", "cluster": "east", "namespace": "kafka", "listener": "scram",
        "authentication": "scram-sha-512",
    }  # fmt: skip
    assert found["mirror"] == {
        "name": "west-to-east",
        "topics": ["orders", "payments.*"],
        "groups": ["billing"],
        "topics_exclude": ["x", ".*[.]recovered"],
        "start_from_by_topic": {"orders": "offsets 100,80"},
        "leftovers": "adopt",
    }


def test_the_cutover_home_removes_the_fence_of_the_way_out_where_it_is() -> None:
    """KafkaUsers of the old region are on the target of the way back. A manual fence is in no KafkaUser."""
    assert reversed_sections(settings(), STARTS, LEFT_OUT)["cutover"] == {"way_back_of": "east-to-west"}
    by_hand = replace(settings(), cutover=CutoverSettings(fence="manual", way_back_of="another"))
    assert reversed_sections(by_hand, STARTS, LEFT_OUT)["cutover"] == {"fence": "manual"}


def test_workloads_stay_in_their_region_and_who_was_accepted_there_is_left_out() -> None:
    one = WorkloadSettings("source", "producer", "shop", {"app": "web"})
    out = replace(settings(), cutover=CutoverSettings(accept_unfenced=("admin",), workloads=(one,)))
    found = reversed_sections(out, STARTS, LEFT_OUT)["cutover"]
    assert [(one["side"], one["labels"]) for one in found["workloads"]] == [("target", {"app": "web"})]
    assert "accept_unfenced" not in found


def test_the_programs_for_one_direction_stay_there() -> None:
    """The cutover home would stop the producers of the old region again, let those of the new one write on,
    and lead clients there."""
    cutover = CutoverSettings(
        fence="manual", fence_command=("./stop-producers-of-east",), switch_command=("./move-dns", "west")
    )
    out = replace(settings(), cutover=cutover)
    assert (
        not {"fence_command", "switch_command"} & reversed_sections(out, STARTS, LEFT_OUT)["cutover"].keys()
    )
    assert any("cutover.fence_command stops the producers of east" in one for one in remarks(out, facts()))
    assert any("cutover.switch_command leads clients to west" in one for one in remarks(out, facts()))


def test_the_file_is_one_that_pulumi_and_the_commands_read() -> None:
    text = rendered(
        settings(), reversed_sections(settings(), STARTS, LEFT_OUT), "region-mirror", ["Check the listener."]
    )
    assert text.startswith("# The way back of mirror east-to-west: west -> east.\n")
    assert "# Check the listener.\n" in text
    assert load(parse_stack_file(text, "region-mirror")).mirror.name == "west-to-east"
    assert yaml.safe_load(text)["config"]["region-mirror:users"] == {"copy": []}


def test_the_name_exchanges_the_aliases_or_gets_an_end() -> None:
    assert mirror_name(settings()) == "west-to-east"
    assert mirror_name(settings(name="standby")) == "standby-back"


def test_the_way_back_of_an_open_source_writes_over_tls_and_logs_in() -> None:
    given = settings()
    source = replace(given.source, encryption="none", authentication="none", user="ANONYMOUS")
    out = replace(given, source=source)
    sections = reversed_sections(out, STARTS, LEFT_OUT)
    assert sections["source"]["user"] == "mirror-source"
    assert "encryption" not in sections["target"]
    said = remarks(out, facts())
    assert any("KafkaUser mirror-source has to exist on west" in one for one in said)
    assert any("Set target.listener to a listener of east with TLS" in one for one in said)


def test_a_topic_that_the_old_region_lost_is_copied_as_a_whole() -> None:
    found = choose([copy(0, 100, 120, original=None)])
    assert (found.by_topic, found.whole, found.new) == ({"orders": "earliest"}, ["orders"], 120)
    emptied = choose([copy(0, 100, 120, original=Bounds(0, 0), anew="its id differs")])
    assert (emptied.whole, emptied.doubled) == (["orders"], {})

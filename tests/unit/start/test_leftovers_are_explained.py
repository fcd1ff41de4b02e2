"""What people are told about leftovers: what is there, what MM2 would do with it, the ways out."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import TopicPartition
from mirror.start.leftovers.judge import Gap, Leftovers, NonEmptyTopic, explain
from tests.unit.support.made_up import ORDERS, settings

OFFSETS = NonEmptyTopic("__east-to-west-offset", 12, 40)
COPY = NonEmptyTopic("orders", 1000, 1000)
SERVERS = "west-kafka-bootstrap:9093"


def told(found: Leftovers, **mirror: object) -> str:
    return explain(found, settings(**mirror), SERVERS)


def test_nothing_is_nothing() -> None:
    assert not Leftovers()
    assert Leftovers(members=1)
    assert Leftovers(copies=[COPY])


def test_each_topic_is_named_with_what_it_holds_and_how_to_delete_it() -> None:
    text = told(Leftovers(on_target=[OFFSETS], copies=[COPY], positions=3))
    assert "__east-to-west-offset  up to 12 records, end offset 40" in text
    assert "orders  up to 1,000 records, end offset 1,000" in text
    for topic in ("__east-to-west-offset", "orders"):
        assert (
            f"kafka-topics.sh --bootstrap-server {SERVERS} --command-config admin.properties --delete "
            f"--topic {topic}" in text
        )
    assert "MM2 would resume 3 partitions at the positions of the other mirror" in text
    assert "mirror.leftovers: adopt" in text


def test_positions_without_copies_lose_records() -> None:
    gaps = [Gap(ORDERS, 99, 100), Gap(TopicPartition("orders", 1), 49, 50)]
    text = told(Leftovers(on_target=[OFFSETS], gaps=gaps, positions=2))
    assert "MM2 would LOSE up to 150 records" in text
    assert "2 partitions" in text
    assert "(orders)" in text
    assert "but only after the missing copies are restored" in text


def test_copies_without_positions_are_appended_to() -> None:
    assert "append every record of the source again" in told(Leftovers(copies=[COPY]))
    assert "every record" not in told(Leftovers(copies=[COPY]), start_from="latest")


def test_workers_that_run_now_are_told() -> None:
    text = told(Leftovers(members=2))
    assert (
        "Connect's group east-to-west has 2 members on west: workers that this stack did not deploy" in text
    )
    assert "kafka-consumer-groups.sh --describe --members --group east-to-west" in text


def test_what_lies_on_the_source_is_deleted_there() -> None:
    text = told(
        Leftovers(on_source=[NonEmptyTopic("mm2-offset-syncs.west.internal", 5, 5)]),
        offset_syncs_topic_location="source",
    )
    assert "Topics of MM2 on east" in text
    line = next(line for line in text.splitlines() if "--delete" in line)
    assert SERVERS not in line


def test_many_topics_are_counted_and_not_all_listed() -> None:
    text = told(Leftovers(copies=[NonEmptyTopic(f"topic-{number}", 10, 10) for number in range(30)]))
    assert "and 22 more, up to 220 records" in text


def test_one_kind_of_leftovers_is_enough() -> None:
    syncs = NonEmptyTopic("mm2-offset-syncs.west.internal", 5, 5)
    for found in (Leftovers(on_target=[OFFSETS]), Leftovers(on_source=[syncs]), Leftovers(copies=[COPY])):
        assert found
        assert not found.only_members
        assert not replace(found, members=2).only_members
    assert Leftovers(members=2).only_members
    assert not Leftovers().only_members


def test_the_whole_message() -> None:
    syncs = NonEmptyTopic("mm2-offset-syncs.west.internal", 5, 5)
    found = Leftovers([OFFSETS], [syncs], [COPY], [Gap(ORDERS, 99, 100)], 1, 1)
    assert (
        told(found)
        == """\
mirror east-to-west: topics or workers of another mirror with the same names exist. KafkaMirrorMaker2 is not \
deployed.
  Connect's group east-to-west has 1 member on west: workers that this stack did not deploy. The new workers \
would join them.
  Topics of Connect and MM2 on west:
    __east-to-west-offset  up to 12 records, end offset 40
  Topics of MM2 on east:
    mm2-offset-syncs.west.internal  up to 5 records, end offset 5
  Topics on west with the names of the copies:
    orders  up to 1,000 records, end offset 1,000
  MM2 would LOSE up to 100 records: it would resume 1 partition after the old positions, but their copies on \
west are missing or empty (orders).
  To continue the other mirror: set mirror.leftovers: adopt, but only after the missing copies are restored. \
Verification then shows whether the copies are complete.
  To start from nothing: make sure that no other mirror uses these topics, then delete them:
    kafka-topics.sh --bootstrap-server west-kafka-bootstrap:9093 --command-config admin.properties --delete \
--topic __east-to-west-offset
    kafka-topics.sh --bootstrap-server <east> --command-config admin.properties --delete --topic \
mm2-offset-syncs.west.internal
  Also delete the copies, if nobody else writes to them or needs their records:
    kafka-topics.sh --bootstrap-server west-kafka-bootstrap:9093 --command-config admin.properties --delete \
--topic orders
  Stop those workers first (kafka-consumer-groups.sh --describe --members --group east-to-west shows their \
hosts), or set another mirror.group_id."""
    )


def test_eight_topics_are_all_listed() -> None:
    text = told(Leftovers(copies=[NonEmptyTopic(f"topic-{number}", 10, 10) for number in range(8)]))
    assert "topic-7  up to 10 records" in text
    assert "more, up to" not in text

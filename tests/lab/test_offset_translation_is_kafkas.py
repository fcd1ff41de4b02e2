"""Decoders and store answer as Kafka's own classes do, on made-up input. Needs the toolchain, not the
clusters."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import Checkpoint, OffsetSync, parse_checkpoint, parse_sync
from mirror.mm2.store import OffsetSyncStore
from tests.lab.support import java

ONE = TopicPartition("orders", 0)
NAMES = ("orders", "east.orders", "zürich", "", "名前", "a" * 249)
ROUNDS = 300
Ask = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    class_path = java.compiled("OffsetTranslation", tmp_path_factory.mktemp("java"))
    program = "org.apache.kafka.connect.mirror.OffsetTranslation"
    return lambda lines: java.answers(class_path, program, lines)


def hexed(text: str) -> str:
    return text.encode().hex()


def test_bytes_that_kafka_writes_are_read_back(kafka: Ask) -> None:
    chance = random.Random(5)
    offsets = (0, 1, 41, 2**31, 2**63 - 1, -1)
    syncs, checkpoints = [], []
    for _ in range(100):
        one = TopicPartition(chance.choice(NAMES), chance.choice((0, 7, 2**31 - 1)))
        up, down = chance.choice(offsets), chance.choice(offsets)
        syncs.append(OffsetSync(one, up, down))
        checkpoints.append(Checkpoint(chance.choice(NAMES), one, up, down, chance.choice(NAMES)))
    asked = [
        f"sync {hexed(s.partition.topic)} {s.partition.partition} {s.upstream} {s.downstream}" for s in syncs
    ]
    asked += [
        f"checkpoint {hexed(c.group)} {hexed(c.partition.topic)} {c.partition.partition} {c.upstream} "
        f"{c.downstream} {hexed(c.metadata)}"
        for c in checkpoints
    ]
    pairs = [[bytes.fromhex(part) for part in line.split(" ")] for line in kafka(asked)]
    assert [parse_sync(*pair) for pair in pairs[:100]] == syncs
    assert [parse_checkpoint(*pair) for pair in pairs[100:]] == checkpoints


def made_up(chance: random.Random) -> tuple[int, list[tuple[int, int]], list[int]]:
    """How many syncs are loaded at the start, the syncs, the offsets to translate."""
    upstream, downstream = chance.choice((0, 17, 2**40, 2**63 - 10_000_000)), chance.randrange(1_000)
    syncs = []
    longest = chance.choice((1, 2, 50, 5_000, 1_000_000))
    for _ in range(chance.choice((1, 2, 10, 100, 400))):
        syncs.append((upstream, downstream))
        step = chance.randrange(longest + 1)
        if chance.random() < 0.01:  # the source's topic was made anew
            step = -min(upstream, step)
        upstream = min(upstream + step, 2**63 - 1)
        downstream += chance.randrange(longest + 1)
    highest = max(up for up, _ in syncs)
    queries = [chance.choice(syncs)[0] + chance.choice((-1, 0, 1)) for _ in range(20)]
    queries += [chance.randrange(highest + 2) for _ in range(20)]
    return (
        chance.randrange(len(syncs) + 1),
        syncs,
        [min(q, 2**63 - 1) for q in queries],
    )


def test_the_store_keeps_and_translates_what_kafkas_does(kafka: Ask) -> None:
    chance = random.Random(14_666)
    cases = [made_up(chance) for _ in range(ROUNDS)]
    told = kafka(
        [
            f"store false {loaded} {','.join(f'{up}:{down}' for up, down in syncs)} "
            f"{','.join(map(str, queries))}"
            for loaded, syncs, queries in cases
        ]
    )
    assert len(told) == ROUNDS
    for (_, syncs, queries), line in zip(cases, told, strict=True):
        store = OffsetSyncStore()
        for up, down in syncs:
            store.apply(OffsetSync(ONE, up, down))
        answer, *translations = line.split(" ")
        # Java keeps the same sync twice where MM2 wrote it twice: they translate alike.
        kept = ",".join(dict.fromkeys(answer.split(",")))
        assert ",".join(f"{one.upstream}:{one.downstream}" for one in store.kept(ONE)) == kept, syncs
        for query, translated in zip(queries, translations, strict=True):
            ours = store.translate(ONE, query)
            assert (-1 if ours is None else ours) == int(translated), (query, syncs)

#!/usr/bin/env bash
# Two TopicPartition objects of confluent-kafka with different offsets are equal.
#
# Versions:   confluent-kafka 2.16.1 (PyPI), Python 3.11.
# Guess:      `committed == expected` for two lists of TopicPartition compares the offsets: the object carries the
#             offset, and `str()` shows it.
# Behaviour:  `==`, `<` and `hash()` look at topic and partition only. A set, or a dict with such keys, keeps the
#             first one, and a new offset for the same partition does not replace it.
# Matters:    A test or a check that compares committed offsets of two clusters by `==` passes with any offsets.
# Output:     equal: True
#             in one set: 1 offset 5
#             lists equal: True
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m pip install -q --target packages confluent-kafka==2.16.1 >&2
PYTHONPATH=packages python3 - <<'PYTHON' | tee seen
from confluent_kafka import TopicPartition

before, after = TopicPartition("orders", 0, 5), TopicPartition("orders", 0, 9)
print("equal:", before == after)
kept = {before, after}
print("in one set:", len(kept), "offset", kept.pop().offset)
print("lists equal:", [before] == [after])
PYTHON
diff seen - <<'EXPECTED'
equal: True
in one set: 1 offset 5
lists equal: True
EXPECTED

"""`python -m tests.bench profiles`: what the profiles cost and bring, beside Kafka's defaults with one task.

A topic of records of 1 KB is copied by a mirror of each variant, in turns: records a second of the copy, once
a tenth is on the target. Then single records: milliseconds from `produce` on the
source to a read_committed consumer on the target. Both regions, Connect and this program share one machine:
the numbers are good for comparing profiles, and for nothing else.
"""

from __future__ import annotations

from lab.layout import Lab
from tests.bench.mirrors.compared import compare, show
from tests.bench.mirrors.variants import DEFAULTS, PARTITIONS, PROFILES, RECORD_BYTES

RECORDS, WARM_UP = 200_000, 20_000
ROUNDS, SINGLE = 2, 100  # single records of a round
SECONDS = 90.0


def main(lab: Lab, short: bool = False) -> None:
    """Measure each variant and print the tables."""
    if short:
        compared = compare(lab, (DEFAULTS,), rounds=1, records=1600, warm_up=400, seconds=SECONDS, single=3)
    else:
        compared = compare(
            lab, (DEFAULTS, *PROFILES), ROUNDS, RECORDS + WARM_UP, WARM_UP, seconds=SECONDS, single=SINGLE
        )
    show(
        f"{RECORDS:,} records of {RECORD_BYTES:,} bytes after {WARM_UP:,}, {PARTITIONS} partitions, "
        f"exactly-once, rounds in turns",
        compared,
    )

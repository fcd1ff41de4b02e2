"""Stand-in for Strimzi's operators in the lab: `python -m lab.operator --region west`."""

import argparse
import logging
import sys

from lab.layout import REGIONS, Lab
from lab.operator.program import Options, Program
from lab.operator.watch import run
from lab.toolchain import Toolchain

NOTICE = (
    "This is a stand-in for Strimzi's User Operator and Cluster Operator, for the lab of region-mirror only."
    " It is not Strimzi."
)


def main() -> int:
    """Run the operator of one region until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="python -m lab.operator", description=NOTICE)
    parser.add_argument("--region", required=True, choices=REGIONS)
    parser.add_argument(
        "--full-reconciliation-seconds",
        type=float,
        default=10.0,
        help="time between two looks at everything (default: 10, so that nobody waits; Strimzi's is 120)",
    )
    parser.add_argument(
        "--operation-timeout-seconds",
        type=float,
        default=300.0,
        help="how long a worker may take to get ready (default: 300, as in Strimzi)",
    )
    parser.add_argument("--verbose", action="store_true", help="log every call to Connect")
    given = parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if given.verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    logging.getLogger("lab.operator").info(NOTICE)
    for noisy in ("httpx", "httpx2", "httpcore", "httpcore2", "kopf", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    options = Options(given.region, given.full_reconciliation_seconds, given.operation_timeout_seconds)
    program = Program(Lab.find(), options, Toolchain.load())
    program.wait_until_served()
    run(program)
    return 0


if __name__ == "__main__":
    sys.exit(main())

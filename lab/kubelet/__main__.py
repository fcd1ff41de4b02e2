"""The lab's nodes, one a region: `python -m lab.kubelet`."""

import logging
import signal
import sys
import time

from lab.kubelet.node import Node
from lab.layout import REGIONS, Lab
from mirror.problems import CouldNotRun

log = logging.getLogger("lab.kubelet")

NOTICE = "This stands in for Kubernetes' scheduler and kubelet, in the lab of region-mirror only."
_BUSY_SECONDS, _IDLE_SECONDS = 0.3, 1.0


def main() -> int:
    """Run the pods of both regions until a signal ends the process."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    for noisy in ("httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    log.info(NOTICE)
    # What runs goes on: the next kubelet finds it, and `lab down` ends it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lab = Lab.find()
    nodes = [Node(lab, region) for region in REGIONS]
    while True:
        busy = False
        for node in nodes:
            try:
                busy = node.look() or busy
            except CouldNotRun as problem:
                log.warning("%s: %s; will try again", node.name, problem)
        time.sleep(_BUSY_SECONDS if busy else _IDLE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

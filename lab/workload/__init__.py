"""Production as the lab has it: seeded, repeatable data, under production's own KafkaUsers.

`install(lab)` puts it into region east, `uninstall(lab)` stops what keeps running; `by_hand` has what a
person or a test does with it. On the command line: `python -m lab.workload`.
"""

from lab.workload.installation import CONSUMER, PRODUCER, Installed, install, uninstall

__all__ = ["CONSUMER", "PRODUCER", "Installed", "install", "uninstall"]

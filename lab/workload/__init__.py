"""Production as the lab has it: seeded, repeatable data, under production's own KafkaUsers.

`install(lab)` puts it into region east, `uninstall(lab)` stops what keeps running. By hand: `connect(lab,
region)`, and `send`, `watch`, `resume` on the cluster it returns. On the command line: `python -m
lab.workload`.
"""

from lab.workload.by_hand import Sent, send, watch
from lab.workload.connection import Cluster, connect
from lab.workload.installation import CONSUMER, PRODUCER, Installed, install, uninstall
from lab.workload.resumption import Resumed, resume

__all__ = [
    "CONSUMER",
    "PRODUCER",
    "Cluster",
    "Installed",
    "Resumed",
    "Sent",
    "connect",
    "install",
    "resume",
    "send",
    "uninstall",
    "watch",
]

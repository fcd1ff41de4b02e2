"""`python -m lab.drill.outage`: the lab's east is killed and comes back, as the words on stdin direct it.

`region-mirror drill failover --outage 'python -m lab.drill.outage'` starts it. If the drill ends while east
is gone, east comes back. Exit code 2: it could not run.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from lab import outage
from lab.drill.consuming import until
from lab.drill.tell import Tell
from lab.errors import LabError
from lab.layout import NAMESPACE, Lab
from lab.processes import ProcessSpec
from lab.region.clients import kubernetes
from lab.workload.connection import SOURCE
from lab.workload.kafka_users import KafkaUser, readiness

TARGET = "west"
FIELD_MANAGER = "lab-drill"
_USER_SECONDS = 60.0


class Outage:
    """Does what each word says, and tells when it is done."""

    def __init__(self, lab: Lab, tell: Tell) -> None:
        self._lab, self._tell = lab, tell
        self._killed: dict[str, ProcessSpec] = {}

    def run(self, words: Iterable[str]) -> None:
        """Follow the words until they end. Raises LabError."""
        try:
            for line in words:
                word, _, argument = line.strip().partition(" ")
                match word:
                    case "kill":
                        self._killed = outage.kill_region(self._lab, SOURCE)
                        self._tell.mark("killed")
                        outage.wait_until_gone(self._lab, self._killed)
                        self._tell.mark("gone")
                    case "restore":
                        self._restore()
                        self._tell.mark("restored")
                    case "user":
                        make_user(self._lab, Path(argument))
                        self._tell.mark("user")
                    case other:
                        raise ValueError(f"{other!r} is none of kill, restore, user FILE")
        finally:
            self._restore()

    def _restore(self) -> None:
        specs, self._killed = self._killed, {}
        if specs:
            outage.restore(self._lab, SOURCE, specs)


def make_user(lab: Lab, manifest: Path) -> None:
    """Apply KafkaUsers in the target's region, as its administrator does, and wait for them."""
    client = kubernetes(lab, TARGET)
    for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
        user = KafkaUser.from_dict(document)
        client.apply(user, field_manager=FIELD_MANAGER, force=True)
        name = document["metadata"]["name"]

        def ready(name: str = name) -> bool:
            found: Mapping[str, Any] = client.get(KafkaUser, name, namespace=NAMESPACE)
            return readiness(found) is None

        if not until(ready, _USER_SECONDS):
            raise LabError(f"KafkaUser {name} in region {TARGET} is not ready")


def main() -> int:
    """Run it; its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # a region that is gone comes back first
    try:
        Outage(Lab.find(), Tell()).run(iter(sys.stdin.readline, ""))
    except (LabError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where the lab keeps everything: one folder, which `python -m lab down` removes."""

import os
from dataclasses import dataclass
from pathlib import Path

REGIONS = ("east", "west")
"""The lab's regions. The Kafka cluster in region r is called r."""

SOURCES = ("north", "south", "central", "older")
"""Kafka clusters outside Kubernetes, further sources for a mirror: `python -m lab source-up north`."""

NAMESPACE = "kafka"
"""The Kubernetes namespace of all Strimzi resources, in each region."""

LAB_VARIABLE = "REGION_MIRROR_LAB"
"""The environment variable that holds the lab's root; in a process of the lab, half of its identity."""

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: where Pulumi.yaml lies and `python -m lab` is found."""


@dataclass(frozen=True, slots=True)
class Lab:
    """One lab, named by the absolute path of its folder. Two labs never share a process, port or file."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.expanduser().resolve())

    @staticmethod
    def find() -> "Lab":
        """The lab this shell means: REGION_MIRROR_LAB, else `.lab` in the checkout. It may not exist yet."""
        chosen = os.environ.get(LAB_VARIABLE)
        return Lab(Path(chosen) if chosen else PROJECT / ".lab")

    @property
    def exists(self) -> bool:
        """Whether a lab has been begun in the folder."""
        return self.state_file.is_file()

    @property
    def state_file(self) -> Path:
        """`lab.json`: what was chosen once for this lab (ports). Its presence marks the folder as a lab's."""
        return self.root / "lab.json"

    @property
    def owner_file(self) -> Path:
        """The process whose end is the lab's (`up --while`); absent: the lab belongs to a person."""
        return self.root / "owner.json"

    @property
    def lock_file(self) -> Path:
        """Held by `up` and `down` while they work, so that there is one of them."""
        return self.root / "lock"

    @property
    def processes(self) -> Path:
        """Desired state: one `<name>.json` for each process that shall run."""
        return self.root / "processes"

    @property
    def run(self) -> Path:
        """Observed state: one `<name>.json` for each process the supervisor started."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.root / "logs"

    @property
    def pulumi(self) -> Path:
        """Pulumi's state (file backend)."""
        return self.root / "pulumi"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase of Pulumi's secrets provider."""
        return self.root / "passphrase"

    def log(self, process: str) -> Path:
        """The log of one process."""
        return self.logs / f"{process}.log"

    def region(self, region: str) -> Path:
        """The folder of a region, or of a source outside Kubernetes; an unknown one is a `ValueError`."""
        if region not in (*REGIONS, *SOURCES):
            raise ValueError(f"{region!r} is no region of the lab; its regions are {', '.join(REGIONS)}")
        return self.root / region

    def kubeconfig(self, region: str) -> Path:
        """The kubeconfig of the region's administrator (system:masters)."""
        return self.region(region) / "kubeconfig"

    def pki(self, region: str) -> Path:
        """The folder of the region's keys and certificates."""
        return self.region(region) / "pki"

    def kafka(self, region: str) -> Path:
        """The folder of the region's broker."""
        return self.region(region) / "kafka"

    def kubernetes(self, region: str) -> Path:
        """The folder of the region's Kubernetes API."""
        return self.region(region) / "kubernetes"

    def connect(self, region: str) -> Path:
        """Where the operator keeps what its Kafka Connect workers need."""
        return self.region(region) / "connect"

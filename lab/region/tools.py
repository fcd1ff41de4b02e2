"""The programs a region is made of, as `lab.toolchain` provides them."""

from pathlib import Path
from typing import Protocol


class Tools(Protocol):
    """What the regions need of `lab.toolchain.Toolchain`."""

    @property
    def java(self) -> Path:
        """The `java` command."""

    @property
    def kafka_libs(self) -> Path:
        """A folder of jars: Kafka and its command line tools."""

    @property
    def crds(self) -> Path:
        """A folder of Strimzi's CustomResourceDefinitions, one YAML file each."""

    @property
    def etcd(self) -> Path:
        """The `etcd` command."""

    @property
    def kube_apiserver(self) -> Path:
        """The `kube-apiserver` command."""

    @property
    def kube_controller_manager(self) -> Path:
        """The `kube-controller-manager` command."""

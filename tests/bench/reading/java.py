"""Kafka's `kafka-consumer-perf-test`, from the lab's jars, with the heap and collector of its script."""

from __future__ import annotations

import subprocess
import tempfile
import uuid
from pathlib import Path

from lab.layout import Lab
from lab.ports import known
from lab.region import pki
from lab.toolchain import Toolchain
from tests.bench.reading.logs import Shape

# kafka-consumer-perf-test.sh and kafka-run-class.sh of Kafka 4.3.
_OPTIONS = (
    "-Xmx512M",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
)


class PerfTest:
    """One `kafka-consumer-perf-test` process, started with the object."""

    def __init__(self, lab: Lab, region: str, shape: Shape) -> None:
        tools = Toolchain.load()
        with tempfile.NamedTemporaryFile("w", suffix=".properties", delete=False) as file:  # mode 0600
            file.write(_properties(lab, region))
        self._file = Path(file.name)
        self._records = shape.records
        self._process = subprocess.Popen(
            [
                *(str(tools.java), *_OPTIONS, "-cp", f"{tools.kafka_libs}/*"),
                "org.apache.kafka.tools.ConsumerPerformance",
                *("--bootstrap-server", f"localhost:{known(lab)[f'{region}-kafka-mtls']}"),
                *("--command-config", file.name),
                *("--topic", shape.topic, "--num-records", str(shape.records)),
                *("--group", f"bench-{uuid.uuid4()}", "--hide-header", "--timeout", "60000"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def fetch_seconds(self) -> float:
        """Wait for its end: what it says itself, without the start of the JVM and joining its group."""
        try:
            output, _ = self._process.communicate(timeout=600)
        finally:
            self._process.kill()
            self._file.unlink()
        [line] = [line for line in output.splitlines() if line.count(",") == 9]
        # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
        fields = [field.strip() for field in line.split(",")]
        assert int(fields[4]) >= self._records, line
        return int(fields[7]) / 1000


def _properties(lab: Lab, region: str) -> str:
    user = pki.read(lab.pki(region), pki.administrator(region))
    properties = {
        "security.protocol": "SSL",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": (lab.pki(region) / "cluster-ca.crt").read_text(),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": user.certificate,
        "ssl.keystore.key": user.key,
        "isolation.level": "read_committed",
        "enable.auto.commit": "false",
    }
    lines = ((name, value.strip().replace("\n", "\\n")) for name, value in properties.items())
    return "".join(f"{name}={value}\n" for name, value in lines)

"""The field `logging`: the keys of log4j2 that Strimzi adds to its own configuration of the workers.

Strimzi (1.2.0, `LoggingUtils.loggingConfiguration`) adds every key of `spec.logging.loggers` to its default
log4j2.properties. Running pods reload the file (`monitorInterval`, 30 s). It is in no hash of the pods
(`KafkaMirrorMaker2AssemblyOperator`), so no pod is rolled. Workers of Kafka 3.x log by log4j 1, which ignores
keys that do not begin with `log4j.`. So do the operators that run them, Strimzi 0.45 to 0.47:
`KafkaConnectApiImpl.addToLoggers` for the levels, and `Util.getLoggingDynamicallyUnmodifiableEntries` for the
hash that rolls pods.
"""

from __future__ import annotations

from typing import Any

from settings.loggers import with_defaults
from settings.model import WorkersSettings


def logging(workers: WorkersSettings) -> dict[str, Any] | None:
    """Render `spec.logging`; None leaves it to Strimzi."""
    loggers = with_defaults(workers.loggers, workers.version)
    return {"type": "inline", "loggers": loggers} if loggers else None

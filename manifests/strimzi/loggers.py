"""The inline loggers of the workers: MM2's warnings about failed polls are limited; the user's keys win.

While the source refuses the login, `MirrorSourceTask.poll` (Kafka 4.3.1) catches the AuthenticationException,
logs `Failure during poll.` with its stack trace, and is called again at once, thousands of times a second
(findings/mm2-polls-a-refused-login-thousands-of-times-a-second.sh). Kubernetes rotates such a log within
seconds, and the lines that say why are lost. So a BurstFilter of log4j2 is on that one logger.

Strimzi (1.2.0, `LoggingUtils.loggingConfiguration`) adds every key of `spec.logging.loggers` to its default
log4j2.properties. Running pods reload the file (`monitorInterval`, 30 s). It is in no hash of the pods
(`KafkaMirrorMaker2AssemblyOperator`), so no pod is rolled. Workers of Kafka 3.x log by log4j 1, which ignores
keys that do not begin with `log4j.`. So do the operators that run them, Strimzi 0.45 to 0.47:
`KafkaConnectApiImpl.addToLoggers` for the levels, and `Util.getLoggingDynamicallyUnmodifiableEntries` for the
hash that rolls pods. The filter has no effect there, and is left out where `workers.version` is 3.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from settings.model import WorkersSettings

LOGGER = "org.apache.kafka.connect.mirror.MirrorSourceTask"
_ID = "logger.mirrorsourcetask"
BURST_FILTER: Mapping[str, str] = MappingProxyType(
    {
        f"{_ID}.name": LOGGER,
        f"{_ID}.filter.burst.type": "BurstFilter",
        f"{_ID}.filter.burst.level": "WARN",
        f"{_ID}.filter.burst.rate": "1",
        f"{_ID}.filter.burst.maxBurst": "30",
    }
)
"""Of the messages of level WARN, INFO and DEBUG a worker writes one a second on average, and at most 30 at
once: `BurstFilter` frees each place maxBurst / rate seconds after its use. A task that starts or stops logs
about three of INFO, so those of ten tasks remain. ERROR is not limited. The logger gets no level: that of
`rootLogger`, or of the user, applies.
"""
_LOG4J2_SINCE = 4
"""Major version of the first Kafka that logs by log4j2 (KIP-653)."""


def logging(workers: WorkersSettings) -> dict[str, Any] | None:
    """Render `spec.logging`; None leaves it to Strimzi."""
    loggers = {**_defaults(workers.loggers, workers.version), **workers.loggers}
    return {"type": "inline", "loggers": loggers} if loggers else None


def without_defaults(loggers: Mapping[str, Any], version: str | None) -> dict[str, Any]:
    """Return the keys that `workers.loggers` needs for `logging` to render these loggers."""
    defaults = _defaults({key: str(value) for key, value in loggers.items()}, version)
    return {key: value for key, value in loggers.items() if defaults.get(key) != str(value)}


def _defaults(given: Mapping[str, str], version: str | None) -> Mapping[str, str]:
    """Return the filter, unless the user has this logger under another id: log4j2 would keep one of the
    two.
    """
    configured = any(
        key.endswith(".name") and key not in BURST_FILTER and value.strip() == LOGGER
        for key, value in given.items()
    )
    return {} if configured or _is_before_log4j2(version) else BURST_FILTER


def _is_before_log4j2(version: str | None) -> bool:
    """Tell whether workers of a version (`3.9.1`) log by log4j 1. Without a version they are newer."""
    major = "" if version is None else version.partition(".")[0]
    return major.isdigit() and int(major) < _LOG4J2_SINCE

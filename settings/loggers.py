"""The workers' loggers: a filter that every mirror gets, over which `workers.loggers` wins.

While the source refuses the login, `MirrorSourceTask.poll` (Kafka 4.3.1) catches the AuthenticationException,
logs `Failure during poll.` with the exception, and is called again at once, thousands of times a second
(findings/mm2-polls-a-refused-login-thousands-of-times-a-second.sh). Kubernetes rotates such a log within
seconds, and the lines that say why are lost. So a BurstFilter of log4j2 is on that one logger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

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
STRIMZIS = frozenset(
    {"logger.reflections", "appender.console", "appender.console.layout", "rootLogger.appenderRef.console"}
)
"""What Strimzi's own configuration has (1.2.0, KafkaMirrorMaker2Cluster.properties)."""
_NEEDED = {"filter": ("type",), "appenderRef": ("ref",), "appender": ("type", "name"), "logger": ("name",)}
_LOG4J2_SINCE = 4
"""Major version of the first Kafka that logs by log4j2 (KIP-653)."""


def with_defaults(given: Mapping[str, str], version: str | None) -> dict[str, str]:
    """Return the keys of the user, and those of the filter that the user has not replaced.

    The filter is left out where workers log by log4j 1, which has no filters of loggers, and where the user
    has this logger under another id: log4j2 would keep one of the two.
    """
    return {**_defaults(given, version), **given}


def without_defaults(given: Mapping[str, str], version: str | None) -> dict[str, str]:
    """Return the keys that `with_defaults` needs to give these."""
    defaults = _defaults(given, version)
    return {key: value for key, value in given.items() if defaults.get(key) != value}


def _defaults(given: Mapping[str, str], version: str | None) -> Mapping[str, str]:
    configured = any(
        key.endswith(".name") and key not in BURST_FILTER and value.strip() == LOGGER
        for key, value in given.items()
    )
    return {} if configured or is_before_log4j2(version) else BURST_FILTER


def parts(key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return the parts of the configuration that a key belongs to, each with the keys that it must have.

    `logger.x.filter.burst.rate` belongs to `logger.x`, which needs `name`, and to `logger.x.filter.burst`,
    which needs `type` (log4j2 2.25.4, `PropertiesConfigurationBuilder`).
    """
    words = key.split(".")
    kind = words[0]
    at, typed = 0, False
    if kind in ("appender", "logger"):
        yield ".".join(words[:2]), _NEEDED[kind]
        at, typed = 2, kind == "appender"
    elif kind == "rootLogger":
        at = 1
    elif kind != "filter":
        return
    while at < len(words) - 1:
        word = words[at]
        if word in ("filter", "appenderRef"):
            at, typed = at + 2, word == "filter"
            yield ".".join(words[:at]), _NEEDED[word]
        elif typed:  # a component inside an appender or a filter, such as `appender.file.policies`
            at += 1
            yield ".".join(words[:at]), ("type",)
        else:
            return


def is_before_log4j2(version: str | None) -> bool:
    """Tell whether workers of a version (`3.9.1`) log by log4j 1. Without a version they are newer."""
    major = "" if version is None else version.partition(".")[0]
    return major.isdigit() and int(major) < _LOG4J2_SINCE

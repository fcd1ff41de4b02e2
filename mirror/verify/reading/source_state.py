"""What source-unbroken is judged from: the baseline, and the source as it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from manifests.baseline import ABOUT, KEY
from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.retention import retention_ms
from mirror.problems import CouldNotRead, CouldNotRun, NotThere
from mirror.verify.baseline import Baseline, decode
from mirror.verify.reading.configs import source_configs
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import committed, lags
from mirror.verify.remedies import or_else
from mirror.verify.values.source_partition import PartitionNow, Risk, SourceNow
from settings import filters

_RENEW = "`pulumi up` creates the baseline (see docs/verification.md)"


def baseline(look: Look) -> Baseline:
    """From the ConfigMap beside the mirror. Raises CouldNotRun."""
    kubernetes, namespace = look.session.deployed.kubernetes, look.settings.target.namespace
    name = look.names.baseline_config_map
    tried = f"reading the baseline from ConfigMap {namespace}/{name}"
    try:
        content = kubernetes.config_map(namespace, name)
    except NotThere as error:
        raise CouldNotRead(
            tried, "there is none, so the source cannot be compared with its earlier state", _RENEW
        ) from error
    if KEY not in content:
        about = content.get(ABOUT, b"it is empty").decode(errors="replace")
        raise CouldNotRead(tried, about, _RENEW)
    try:
        return decode(content[KEY])
    except ValueError as error:
        raise CouldNotRead(
            tried,
            str(error),
            or_else(
                f"save it (`kubectl get configmap -n {namespace} {name} -o yaml`) and restore a backup",
                "destroy the baseline: no check finds any more what was deleted or created again on the "
                "source until now",
                f"delete the ConfigMap, then `pulumi up --refresh`: {_RENEW}",
            ),
        ) from error


def source_now(look: Look) -> SourceNow:
    """The ends of the logs are read after the positions: what came in between is not past the end."""
    topics, seen, settings = look.topics, look.of(committed), look.settings
    bounds = look.sides.source.bounds(topics.partitions)
    partitions = [
        PartitionNow(
            one,
            seen.positions.get(one),
            bounds[one],
            seen.starts.get(one),
            *_seen_after(look, one, seen.positions.get(one)),
        )
        for one in topics.partitions
    ]
    expected = [name for name in look.of(baseline).topics if filters.mirrored(settings, name)]
    ids = look.sides.source.topic_ids(topics.matched)
    return SourceNow(topics.source_cluster, ids, partitions, expected, tuple(risks(look)))


def _seen_after(look: Look, one: TopicPartition, position: int | None) -> tuple[int | None, int | None]:
    """What earlier looks of the session have read after the position: see `PartitionNow`."""
    known, first = look.session.memory.seen_after, 0 if position is None else position + 1
    return None if position is None else known.before(one, first), known.record(one, first)


def risks(look: Look) -> list[Risk]:
    """Partitions whose oldest unmirrored record and retention are known. Without them there is
    no risk to report."""
    found: list[Risk] = []
    with suppress(CouldNotRun):
        configs, at = look.of(source_configs), look.of(committed).at
        for one in look.of(lags):
            retention = _retention_ms(configs.get(one.partition.topic))
            if retention is None or not isinstance(one.window, Window) or not one.window.records:
                continue
            stamp = one.window.records[0].timestamp
            age = at - stamp / 1000
            if age > 0 and stamp >= 0:  # of a record without a timestamp (-1) nothing is known
                found.append(Risk(one.partition, age, retention / 1000))
    return found


def _retention_ms(configs: object) -> int | None:
    """None where records are kept for ever, or are compacted only."""
    if not isinstance(configs, Mapping) or isinstance(configs, Unread):
        return None
    return retention_ms({name: one.value for name, one in configs.items()}) or None

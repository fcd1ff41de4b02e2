"""Rules for the pods of the workers: the raw template repeats no setting, no field holds a secret, and
loggers are complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from settings.loggers import STRIMZIS, is_before_log4j2, parts, with_defaults
from settings.model import Settings
from settings.model.secret import contains_secret, looks_secret
from settings.problems import MISSING, Problem

_REFERENCE = re.compile(r"\$[({]")
"""To another variable (`$(NAME)`), or to a value that a config provider reads."""
_NO_SECRET = re.compile(
    r"(file|path|dir|location|url|uri|endpoint|name|type|class|id|enabled)$", re.IGNORECASE
)
"""What a name ends in that tells where or of which kind a secret is (`AWS_WEB_IDENTITY_TOKEN_FILE`)."""
_REMEDIES = {
    "name": "Set it to the class or package that logs; of an appender, to any name",
    "type": "Set it to log4j2's name of the plugin, such as BurstFilter",
    "ref": "Set it to the name of an appender: STDOUT is Strimzi's",
}
_IN_TEMPLATE = {
    "pod.affinity": "affinity",
    "pod.tolerations": "tolerations",
    "pod.topologySpreadConstraints": "topology_spread_constraints",
    "podDisruptionBudget.maxUnavailable": "max_unavailable",
}


def template_repeats_no_setting(settings: Settings) -> Iterator[Problem]:
    """Else one of the two values would be ignored silently."""
    for path, key in _IN_TEMPLATE.items():
        value: object = settings.workers.template
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            rule = f"has a setting of its own, workers.{key}"
            yield Problem(f"workers.template.{path}", value, rule, "Move it there")


def parts_have_their_kind(settings: Settings) -> Iterator[Problem]:
    """Parts to which this program adds: `pod:` without anything below it is null in YAML."""
    workers = settings.workers
    for key in ("pod", "podDisruptionBudget"):
        if key in workers.template and not isinstance(workers.template[key], Mapping):
            remedy = "Indent its fields below it, or remove the line"
            yield Problem(f"workers.template.{key}", workers.template[key], "must be a mapping", remedy)
    given = workers.jvm_options.get("javaSystemProperties")
    if given is not None and not _are_pairs(given):
        rule, remedy = "must be a list of names and values", "Write e.g. [{name: user.timezone, value: UTC}]"
        yield Problem("workers.jvm_options.javaSystemProperties", MISSING, rule, remedy)


def _are_pairs(given: object) -> bool:
    return isinstance(given, list | tuple) and all(isinstance(one, Mapping) for one in given)


def pods_hold_no_secret(settings: Settings) -> Iterator[Problem]:
    """The fields of the pods are part of a resource that everybody may read, and of the stack file."""
    for path, given in (
        ("workers.jvm_options", settings.workers.jvm_options),
        ("workers.template", settings.workers.template),
    ):
        if named := next(secrets_in(given), None):
            rule = f"holds what looks like a secret ({named}), in plain text"
            remedy = (
                "Keep it in a Secret: an environment variable takes it by `valueFrom.secretKeyRef`, and a "
                "volume as a file"
            )
            yield Problem(path, MISSING, rule, remedy)


def readable_texts_hold_no_secret(settings: Settings) -> Iterator[Problem]:
    """These texts become part of resources that everybody may read, as they are."""
    given: dict[str, object] = {
        "monitoring.runbook_url": settings.monitoring.runbook_url,
        "monitoring.labels": settings.monitoring.labels,
        "verification.service_account_annotations": settings.verification.service_account_annotations,
    }
    if settings.source.oauth is not None:
        given["source.oauth.token_endpoint"] = settings.source.oauth.token_endpoint
    for path, value in given.items():
        texts = value.values() if isinstance(value, Mapping) else (value,)
        if any(contains_secret(text) for text in texts):
            rule = "holds what looks like a secret, in plain text, in a resource that everybody may read"
            yield Problem(path, MISSING, rule, "Write it without the secret, and replace that by a new one")


def secrets_in(value: object, key: str = "") -> Iterator[str]:
    """Find the names of texts that are likely secret: by their content, or by the name beside them."""
    if isinstance(value, Mapping):
        name, text = value.get("name"), value.get("value")
        if isinstance(name, str) and isinstance(text, str):
            if is_secret(name, text):
                yield name
            return
        for inner, part in value.items():
            yield from secrets_in(part, str(inner))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from secrets_in(part, key)
    elif isinstance(value, str) and contains_secret(value):
        yield key


def is_secret(name: str, text: str) -> bool:
    """Tell whether a named text is likely a secret in plain text, and not a reference to one."""
    if not text or _REFERENCE.search(text):
        return False
    return contains_secret(text) or (looks_secret(name) and not _NO_SECRET.search(name))


def loggers_are_complete(settings: Settings) -> Iterator[Problem]:
    """A logger without a name, or a filter without a type, ends every worker that starts: log4j2 throws a
    ConfigurationException (`PropertiesConfigurationBuilder`). Running workers keep the former file, so it
    shows late.
    """
    workers = settings.workers
    if is_before_log4j2(workers.version):
        return
    loggers = with_defaults(workers.loggers, workers.version)
    needed = dict(part for key in workers.loggers for part in parts(key))
    for part in sorted(needed.keys() - STRIMZIS):
        for key in (f"{part}.{one}" for one in needed[part]):
            if not loggers.get(key, "").strip():
                rule = "is missing, so no worker could start: log4j2 refuses the configuration without it"
                yield Problem(f"workers.loggers.{key}", MISSING, rule, _REMEDIES[key.rpartition(".")[2]])


RULES = (
    template_repeats_no_setting,
    parts_have_their_kind,
    pods_hold_no_secret,
    readable_texts_hold_no_secret,
    loggers_are_complete,
)

"""Rules for raw properties: none has a setting of its own, none is secret, none loses data unless allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings import guess, no_loss
from settings.model import Settings
from settings.model.secret import contains_secret, looks_secret
from settings.no_loss.derived import instead
from settings.no_loss.table import CHECKPOINT, SOURCE, WORKER
from settings.problems import MISSING, Problem
from settings.profiles.kafka_defaults import ConfigOwner, kafka_default

_REFERENCE = re.compile(r"\s*\$\{[^{}]+\}\s*")
_NUMBER = re.compile(r"\s*[+-]?[0-9]+\s*")
"""What `ConfigDef.parseType` takes for INT, SHORT and LONG."""
_OWNERS: dict[str, ConfigOwner] = {WORKER: "worker", SOURCE: "source", CHECKPOINT: "checkpoint"}


def properties_are_raw_ones(settings: Settings) -> Iterator[Problem]:
    """Raw properties reach Kafka unchanged, in a resource that everybody may read."""
    for section, raw in no_loss.sections(settings).items():
        for key, value in raw.items():
            path = f"mirror.config.{section}.{key}"
            secret = looks_secret(key) or contains_secret(value)
            if verdict := instead(section, key):
                yield Problem(path, MISSING if secret else value, *verdict)
            elif secret and not _REFERENCE.fullmatch(value):
                rule = "looks secret, and would be in plain text in the KafkaMirrorMaker2"
                remedy = "Refer to a Secret with a config provider, ${strimzisecrets:namespace/secret:key}"
                yield Problem(path, MISSING, rule, remedy)


def numbers_are_numbers(settings: Settings) -> Iterator[Problem]:
    """A worker does not start with a value that its property does not take, and a connector's configuration
    is refused: after the deployment, while workers restart.
    """
    for section, raw in no_loss.sections(settings).items():
        if (owner := _OWNERS.get(section)) is None:
            continue
        for key, value in raw.items():
            default = kafka_default(owner, key)
            number = default is not None and _NUMBER.fullmatch(default)
            if (
                number
                and not instead(section, key)
                and not (_NUMBER.fullmatch(value) or _REFERENCE.fullmatch(value))
            ):
                rule = "must be a whole number: Kafka refuses the configuration otherwise"
                remedy = f"Write it without a unit; Kafka's default is {default}"
                yield Problem(f"mirror.config.{section}.{key}", value, rule, remedy)


def losses_are_permitted(settings: Settings) -> Iterator[Problem]:
    """Each breach of a no-loss rule must be allowed by the name of the rule."""
    allowed = settings.mirror.allow_data_loss
    for breach in no_loss.breaches(settings):
        rule = breach.rule
        if not rule.permissible:
            told = f"breaks the no-loss rule {rule.name}, which cannot be allowed. {rule.lost}"
            yield Problem(breach.path, breach.value, told, rule.instead)
        elif settings.mirror.exactly_once and rule.excluded_by_exactly_once:
            told = f"breaks the no-loss rule {rule.name}, and Kafka refuses it with exactly-once. {rule.lost}"
            yield Problem(
                breach.path,
                breach.value,
                told,
                f"{rule.instead}. Otherwise set mirror.exactly_once: false too",
            )
        elif rule.name not in allowed:
            told = f"breaks the no-loss rule {rule.name}. {rule.lost}"
            remedy = f"{rule.instead}. To accept the loss: mirror.allow_data_loss: [{rule.name}]"
            yield Problem(breach.path, breach.value, told, remedy)


def permissions_are_used(settings: Settings) -> Iterator[Problem]:
    """A permission that is not needed would allow the next mistake."""
    broken = {breach.rule.name for breach in no_loss.breaches(settings)}
    permissible = [rule.name for rule in no_loss.RULES if rule.permissible]
    for index, name in enumerate(settings.mirror.allow_data_loss):
        path = f"mirror.allow_data_loss[{index}]"
        rule = no_loss.BY_NAME.get(name)
        if rule is None:
            remedy = guess.did_you_mean(name, permissible) or f"Known rules: {', '.join(permissible)}"
            yield Problem(path, name, "is not a no-loss rule", remedy)
        elif not rule.permissible:
            yield Problem(path, name, f"cannot be allowed. {rule.lost}", rule.instead)
        elif name not in broken:
            yield Problem(
                path, name, "is not needed: no property in mirror.config breaks this rule", "Remove the line"
            )


RULES = (properties_are_raw_ones, numbers_are_numbers, losses_are_permitted, permissions_are_used)

"""Rules for raw properties: none has a setting of its own, none is secret, none loses data unless allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings import guess, no_loss
from settings.model import Settings
from settings.model.secret import contains_secret, looks_secret
from settings.no_loss.derived import instead
from settings.problems import MISSING, Problem

_REFERENCE = re.compile(r"\s*\$\{[^{}]+\}\s*")


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


RULES = (properties_are_raw_ones, losses_are_permitted, permissions_are_used)

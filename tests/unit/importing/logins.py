"""A public mirror with OAuth, and its source with another login."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from mirror.importing.convert import convert
from mirror.importing.imported import Imported
from mirror.importing.sections import Where

MIRROR: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "mirrors" / "oauth.yaml").read_text())


TARGET = Where("prod", "kafka", "tls")


KAFKAS = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "


ENDPOINT = "https://sso.example.com/token"


def imported(authentication: dict[str, Any] | None = None, **more: Any) -> Imported:
    theirs = copy.deepcopy(MIRROR)
    cluster = theirs["spec"]["clusters"][0]
    cluster["authentication"] = {**(authentication or cluster["authentication"]), **more}
    return convert(theirs, TARGET, "test")


def custom(jaas: str, **config: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "sasl": True,
        "config": {"sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config": jaas, **config},
    }

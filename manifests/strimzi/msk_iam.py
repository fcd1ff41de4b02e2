"""How MM2 logs in to Amazon MSK with an AWS identity: Amazon's login module, in the workers' image.

Strimzi hands `custom` authentication to Kafka's client as it is (`KafkaClientAuthenticationCustom`:
properties `sasl.*` and `ssl.keystore.*`). The credential comes from AWS's default chain: no Secret is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.jaas import options
from settings.model import MskIamSettings

MECHANISM = "AWS_MSK_IAM"
_PACKAGE = "software.amazon.msk.auth.iam"
_ROLE, _REGION = "awsRoleArn", "awsStsRegion"


def client_properties(identity: MskIamSettings) -> dict[str, str]:
    """Render the properties of a Kafka client (aws-msk-iam-auth, `IAMClientCallbackHandler`)."""
    login = f"{_PACKAGE}.IAMLoginModule required"
    if identity.role_arn:
        # Without a region the global endpoint of STS would be asked.
        login += f' {_ROLE}="{identity.role_arn}" {_REGION}="{identity.region}"'
    return {
        "sasl.mechanism": MECHANISM,
        "sasl.client.callback.handler.class": f"{_PACKAGE}.IAMClientCallbackHandler",
        "sasl.jaas.config": f"{login};",
    }


def authentication(identity: MskIamSettings) -> dict[str, Any]:
    """Render the `authentication` of the source in a KafkaMirrorMaker2."""
    return {"type": "custom", "sasl": True, "config": client_properties(identity)}


def role_of(given: Mapping[str, Any]) -> str | None:
    """Read the role that the `authentication` of a side assumes, empty for none; None for another login."""
    config = given.get("config") or {}
    if given.get("type") != "custom" or config.get("sasl.mechanism") != MECHANISM:
        return None
    return options(config.get("sasl.jaas.config", "")).get(_ROLE, "")

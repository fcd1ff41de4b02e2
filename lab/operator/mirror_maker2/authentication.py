"""How a cluster of a KafkaMirrorMaker2 is logged in to (AuthenticationUtils, KafkaClientAuthentication*)."""

import logging
from collections.abc import Mapping
from typing import Any

from lab.operator.failures import invalid_resource
from lab.operator.mirror_maker2.names import Names
from lab.operator.properties import as_strings

log = logging.getLogger(__name__)

_SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SASL = {
    "scram-sha-512": ("SCRAM-SHA-512", _SCRAM_MODULE),
    "scram-sha-256": ("SCRAM-SHA-256", _SCRAM_MODULE),
    "plain": ("PLAIN", _PLAIN_MODULE),
}
_CUSTOM_PREFIXES = ("ssl.keystore.", "sasl.")
"""KafkaClientAuthenticationCustom.ALLOWED_PREFIXES"""


def validate(cluster: Mapping[str, Any]) -> None:
    """AuthenticationUtils.validateClientAuthentication; Strimzi calls it for the target only."""
    authentication = cluster.get("authentication") or {}
    kind = authentication.get("type")
    if kind == "tls":
        if not authentication.get("certificateAndKey"):
            raise invalid_resource(
                "TLS Client authentication selected, but no certificate and key configured."
            )
        if cluster.get("tls") is None:
            log.warning("TLS configuration missing: related TLS client authentication will not work properly")
    elif kind in _SASL and not (authentication.get("username") and authentication.get("passwordSecret")):
        raise invalid_resource(
            f"{kind.upper()} authentication selected, but username or password configuration is missing."
        )


def security_protocol(cluster: Mapping[str, Any]) -> str:
    """Kafka's `security.protocol` for a cluster of `spec`."""
    authentication = cluster.get("authentication") or {}
    sasl = authentication.get("type") in _SASL or (
        authentication.get("type") == "custom" and bool(authentication.get("sasl"))
    )
    encryption = "PLAINTEXT" if cluster.get("tls") is None else "SSL"
    return f"SASL_{encryption}" if sasl else encryption


def trusts_certificates(cluster: Mapping[str, Any]) -> bool:
    """Whether `tls` names certificates to trust."""
    return bool((cluster.get("tls") or {}).get("trustedCertificates"))


def truststore(names: Names, key: str) -> dict[str, str]:
    """The properties of the truststore whose certificates have the key `key`."""
    return {
        "ssl.truststore.certificates": names.placeholder(names.trusted_certificates, key),
        "ssl.truststore.type": "PEM",
    }


def client_properties(cluster: Mapping[str, Any], names: Names) -> dict[str, str]:
    """The Kafka client properties of the cluster's `authentication`, without prefix."""
    authentication = cluster.get("authentication") or {}
    kind = authentication.get("type")
    if kind == "tls" and authentication.get("certificateAndKey"):
        pair = authentication["certificateAndKey"]
        return {
            "ssl.keystore.certificate.chain": names.placeholder(pair["secretName"], pair["certificate"]),
            "ssl.keystore.key": names.placeholder(pair["secretName"], pair["key"]),
            "ssl.keystore.type": "PEM",
        }
    if kind in _SASL:
        mechanism, module = _SASL[kind]
        secret = authentication["passwordSecret"]
        password = names.placeholder(secret["secretName"], secret["password"])
        user = authentication["username"]
        return {
            "sasl.mechanism": mechanism,
            "sasl.jaas.config": f'{module} required username="{user}" password="{password}";',
        }
    if kind == "custom":
        given = as_strings(authentication.get("config") or {})
        return {key: value for key, value in given.items() if key.lower().startswith(_CUSTOM_PREFIXES)}
    return {}


def secrets_to_read(cluster: Mapping[str, Any], names: Names) -> list[str]:
    """The Secrets that Connect must be allowed to read (getAuthenticationSecretsToAccess)."""
    authentication = cluster.get("authentication") or {}
    secrets = [names.trusted_certificates] if trusts_certificates(cluster) else []
    if authentication.get("type") == "tls" and authentication.get("certificateAndKey"):
        secrets.append(authentication["certificateAndKey"]["secretName"])
    elif authentication.get("type") in _SASL:
        secrets.append(authentication["passwordSecret"]["secretName"])
    return secrets

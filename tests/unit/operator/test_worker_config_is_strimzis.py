"""The worker configuration is what Strimzi's own operator rendered, byte for byte."""

from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.worker_config import log4j2_properties, user_configuration, worker_properties

NAMES = Names("mm2", "dr")


def test_observed_worker_properties(resource: dict[str, Any], config_map: dict[str, Any]) -> None:
    assert worker_properties(resource["spec"], NAMES) == config_map["data"]["kafka-connect.properties"]


def test_observed_log4j2_properties(resource: dict[str, Any], config_map: dict[str, Any]) -> None:
    assert log4j2_properties(resource["spec"]) == config_map["data"]["log4j2.properties"]


def test_scram_on_the_target_uses_sasl_for_every_client(resource: dict[str, Any]) -> None:
    resource["spec"]["target"]["authentication"] = {
        "type": "scram-sha-512",
        "username": "u",
        "passwordSecret": {"secretName": "s", "password": "p"},
    }
    text = worker_properties(resource["spec"], NAMES)
    jaas = (
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required"
        ' username="u" password="${strimzisecrets:mm2/s:p}";\n'
    )
    for prefix in ("\n", "\nproducer.", "\nconsumer.", "\nadmin."):
        assert f"{prefix}{jaas}" in text
        assert f"{prefix}security.protocol=SASL_SSL\n" in text


def test_without_tls_the_protocol_is_plaintext(resource: dict[str, Any]) -> None:
    del resource["spec"]["target"]["tls"], resource["spec"]["target"]["authentication"]
    text = worker_properties(resource["spec"], NAMES)
    assert "\nsecurity.protocol=PLAINTEXT\n" in text
    assert "ssl." not in text


def test_reserved_options_are_dropped_and_exceptions_kept() -> None:
    given = {"ssl.protocol": "TLSv1.3", "ssl.keystore.type": "JKS", "REST.port": 1, "offset.flush.x": True}
    left = user_configuration({"config": given})
    assert {"ssl.protocol": "TLSv1.3", "offset.flush.x": "true"}.items() <= left.items()
    assert not {"ssl.keystore.type", "REST.port"} & left.keys()


def test_the_users_config_providers_come_first() -> None:
    spec = {
        "target": {
            "bootstrapServers": "b:1",
            "groupId": "g",
            "configStorageTopic": "c",
            "offsetStorageTopic": "o",
            "statusStorageTopic": "s",
            "config": {"config.providers": "mine"},
        }
    }
    text = worker_properties(spec, NAMES)
    assert "\nconfig.providers=mine,strimzienv,strimzifile,strimzidir,strimzisecrets\n" in text
    assert text.count("config.providers=") == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "a: A null value is not allowed for this key"),
        ([1], "a: Unsupported type class java.util.ArrayList in configuration for this key"),
    ],
)
def test_values_that_are_no_scalars_are_refused(value: object, message: str) -> None:
    with pytest.raises(Failure) as refused:
        user_configuration({"config": {"a": value}})
    assert (refused.value.reason, refused.value.message) == ("InvalidConfigParameterException", message)


def test_inline_loggers_replace_and_add() -> None:
    text = log4j2_properties({"logging": {"type": "inline", "loggers": {"rootLogger.level": "DEBUG"}}})
    assert "\nrootLogger.level=DEBUG\n" in text
    assert "rootLogger.level=INFO" not in text


def test_external_logging_needs_its_config_map() -> None:
    spec = {"logging": {"type": "external", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "k"}}}}
    assert log4j2_properties(spec, "monitorInterval=5\n") == "monitorInterval=5\n"
    with pytest.raises(Failure, match="ConfigMap cm with external logging configuration does not exist"):
        log4j2_properties(spec)

"""Rules for values with which a client logs in: names of users, identity providers, AWS roles."""

from __future__ import annotations

import re
from collections.abc import Mapping

from settings.rules.text import RuleResult, TextRule, whole

# RFC 6749, 3.2: a token endpoint without TLS is for this machine alone, as in a test.
_TOKEN_ENDPOINT = re.compile(r"(https://[^\s\"'\\/]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^\s\"'\\]*)?")
_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
# AWS, IAM identifiers: paths and names of roles.
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)


def user_name(value: str) -> RuleResult:
    """Check the name with which a Kafka user logs in; with Strimzi it is the KafkaUser's metadata.name."""
    if value.strip() == value and value and value.isprintable() and not set(value) & set('"\\'):
        return None
    return (
        "must be the name with which the user logs in, without quotes, backslashes and outer spaces",
        "Use the KafkaUser's metadata.name, or the SASL user name (for Confluent Cloud the API key)",
    )


def token_endpoint(value: str) -> RuleResult:
    """Check the URL of a token endpoint. A client secret must not cross a network unencrypted."""
    if _TOKEN_ENDPOINT.fullmatch(value):
        return None
    return (
        "must be an https:// URL, because the client secret is sent there",
        "Write e.g. https://login.example.com/oauth2/token",
    )


def aws_region(value: str) -> RuleResult:
    """Check the code of an AWS region."""
    if _AWS_REGION.fullmatch(value):
        return None
    return "must be the code of an AWS region", "Write e.g. eu-west-1, as in the brokers' host names"


def role_arn(value: str) -> RuleResult:
    """Check the ARN of an IAM role. It becomes part of a JAAS text."""
    if _ROLE_ARN.fullmatch(value):
        return None
    return "must be the ARN of an IAM role", "Write e.g. arn:aws:iam::123456789012:role/mirror"


JSON_SCHEMA: Mapping[TextRule, Mapping[str, object]] = {
    user_name: {"pattern": r'^[^"\\]+$'},
    token_endpoint: whole(_TOKEN_ENDPOINT),
    aws_region: whole(_AWS_REGION),
    role_arn: whole(_ROLE_ARN),
}

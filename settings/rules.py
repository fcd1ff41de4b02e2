"""The rules for single values. Each is a function that returns (rule, remedy) for a value that breaks it,
else None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from settings import cron, patterns

RuleResult = tuple[str, str] | None
"""The rule that a value breaks and what to do, or None."""
TextRule = Callable[[str], RuleResult]
"""A rule for text; a list's rule applies to each of its elements."""

# Strimzi's CRD, KafkaMirrorMaker2 v1: spec.target.alias and spec.mirrors[].source.alias.
_ALIAS = re.compile(r"[a-zA-Z0-9._-]{1,100}")
# RFC 1035 label: Strimzi makes a Service and a host name out of it.
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s,:\[\]]+):(\d{1,5})")
# Strimzi, KafkaListenerType: the name of a listener.
_OFFSETS = re.compile(r"offsets (\d{1,18}(?:,\d{1,18})*)")
_LISTENER = re.compile(r"[a-z0-9]{1,11}")
# RFC 6749, 3.2: a token endpoint without TLS is for this machine alone, as in a test.
_TOKEN_ENDPOINT = re.compile(r"(https://[^\s\"'\\/]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^\s\"'\\]*)?")
_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
# AWS, IAM identifiers: paths and names of roles.
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+")
# Kubernetes, apimachinery validation: IsQualifiedName and IsValidLabelValue.
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
# Kafka, org.apache.kafka.common.internals.Topic: legal characters of a topic's name.
_SEPARATOR = re.compile(r"[A-Za-z0-9._-]+")
# Pulumi, workspace.ValidateProjectName and tokens.ParseStackName; the id is region-mirror's own.
_OWNER = re.compile(r"unrecorded|[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[0-9a-f]{16}")
# Kubernetes, apimachinery validation: IsConfigMapKey, which holds for Secrets too.
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_KEY_PATTERN = re.compile(r"[-._a-zA-Z0-9*?\[\]]{1,253}")
# distribution/reference: registry with port or not, path, then tag or digest.
_IMAGE = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._/:-]*[a-zA-Z0-9])?(@sha256:[0-9a-f]{64})?")

MIRROR_NAME_MAX = 63 - len("-mirrormaker2-api")
"""Characters. Strimzi names a Service `<mirror>-mirrormaker2-api`, and a Service's name is one DNS label."""


def alias(value: str) -> RuleResult:
    """Check a cluster's alias against Strimzi's pattern."""
    if _ALIAS.fullmatch(value):
        return None
    return (
        "must be 1 to 100 letters, digits, dots, underscores or hyphens",
        "Choose a short name of the region, such as east",
    )


def mirror_name(value: str) -> RuleResult:
    """Check a mirror's name, from which the names of a Service, users, Secrets and topics derive."""
    if _LABEL_1035.fullmatch(value) and len(value) <= MIRROR_NAME_MAX:
        return None
    return (
        f"must be at most {MIRROR_NAME_MAX} lower-case letters, digits or hyphens, begin with a letter and "
        "end with a letter or digit, because Strimzi names a Service after it",
        "Choose a name such as east-to-west",
    )


def namespace(value: str) -> RuleResult:
    """Check the name of a Kubernetes namespace."""
    if _LABEL_1123.fullmatch(value) and len(value) <= 63:
        return None
    return (
        "must be the name of a Kubernetes namespace (at most 63 lower-case letters, digits or hyphens)",
        "See `kubectl get namespaces`",
    )


def resource_name(value: str) -> RuleResult:
    """Check the metadata.name of a Strimzi resource."""
    if _SUBDOMAIN_1123.fullmatch(value) and len(value) <= 253:
        return None
    return (
        "must be the name of a Kubernetes resource (at most 253 lower-case letters, digits, hyphens or dots)",
        "Use its metadata.name",
    )


def listener(value: str) -> RuleResult:
    """Check the name of a listener in Strimzi's Kafka resource."""
    if _LISTENER.fullmatch(value):
        return None
    return (
        "must be the name of a listener (at most 11 lower-case letters or digits)",
        "See spec.kafka.listeners of the Kafka resource",
    )


def bootstrap_servers(value: str) -> RuleResult:
    """Check Kafka's bootstrap.servers: addresses with ports, separated by commas."""
    for address in value.split(","):
        found = _ADDRESS.fullmatch(address.strip())
        if not found or not 0 < int(found[2]) <= 65535:
            return "must be host:port, or several separated by commas", "Write e.g. kafka-1.example.com:9094"
    return None


def separator(value: str) -> RuleResult:
    """Check `replication.policy.separator`, which becomes part of topic names."""
    if _SEPARATOR.fullmatch(value):
        return None
    return "must consist of characters that are allowed in topic names", 'Use ".", "-" or "_"'


def not_blank(value: str) -> RuleResult:
    """Check that a text is not empty."""
    return None if value.strip() else ("must not be empty", "Remove the line, or write a value")


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


def kafka_version(value: str) -> RuleResult:
    """Check the version of a Kafka release."""
    if _VERSION.fullmatch(value):
        return None
    return "must be the version of a Kafka release", 'Write e.g. "4.3.1", in quotes'


def owner(value: str) -> RuleResult:
    """Check the recorded owner of a mirror: `project/stack/id`, or `unrecorded`."""
    if _OWNER.fullmatch(value):
        return None
    return "must be project/stack/id, or unrecorded", "Copy it from the message of `pulumi preview`"


def image(value: str) -> RuleResult:
    """Check the name of a container image."""
    if _IMAGE.fullmatch(value):
        return None
    return "must be the name of a container image", "Write e.g. registry.example.com/region-mirror:0.1.0"


def start(value: str) -> RuleResult:
    """Check the position at which mirroring begins: `earliest`, `latest` or a time with a time zone."""
    if value in ("earliest", "latest") or moment(value) is not None:
        return None
    return (
        "must be earliest, latest or a time with a time zone",
        'Write e.g. "2026-11-01T00:00:00Z", in quotes',
    )


def topic_start(value: str) -> RuleResult:
    """Check the position at which mirroring of a topic begins: as `start`, or each partition's offset."""
    if value in ("earliest", "latest") or moment(value) is not None or offsets(value) is not None:
        return None
    return (
        "must be earliest, latest, a time with a time zone or the offsets of all partitions",
        'Write e.g. "2026-11-01T00:00:00Z", in quotes, or offsets 120,98',
    )


def offsets(value: str) -> tuple[int, ...] | None:
    """Read the first offset of each partition (`offsets 120,98`); None for any other text."""
    found = _OFFSETS.fullmatch(value)
    return tuple(map(int, found[1].split(","))) if found else None


def moment(value: str) -> datetime | None:
    """Read an ISO 8601 time with a time zone (`2026-11-01T00:00:00Z`); None for any other text."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


pattern: TextRule = patterns.fault
"""Check a topic or group pattern."""


def topic_name(value: str) -> RuleResult:
    """Check the name of a topic (Kafka, `Topic.validate`)."""
    if _SEPARATOR.fullmatch(value) and value not in (".", "..") and len(value) <= 249:
        return None
    return "must be the name of a topic (at most 249 letters, digits, dots, - or _)", "Choose another name"


def secret_key(value: str) -> RuleResult:
    """Check the name of a key in a Secret."""
    if _KEY.fullmatch(value) and value not in (".", ".."):
        return None
    return (
        "must be the name of a key in a Secret (letters, digits, dots, underscores or hyphens)",
        "See `kubectl describe secret`",
    )


def key_pattern(value: str) -> RuleResult:
    """Check the name of a key in a Secret, or a glob pattern of such names."""
    if _KEY_PATTERN.fullmatch(value):
        return None
    return "must be the name of a key in a Secret, or a glob pattern of such names", 'Write e.g. "*.crt"'


def label_key(value: str) -> RuleResult:
    """Check the key of a Kubernetes label: a name, optionally after a DNS domain and a slash."""
    domain, slash, name = value.rpartition("/")
    if _LABEL_NAME.fullmatch(name) and (
        not slash or (_SUBDOMAIN_1123.fullmatch(domain) and len(domain) <= 253)
    ):
        return None
    return (
        "must be the key of a Kubernetes label: at most 63 letters, digits, -, _ or ., optionally after a "
        "domain and a slash",
        "See `kubectl get kafkausers --show-labels` at the source",
    )


def label_value(value: str) -> RuleResult:
    """Check the value of a Kubernetes label, which may be empty."""
    if not value or _LABEL_NAME.fullmatch(value):
        return None
    return (
        "must be the value of a Kubernetes label: at most 63 letters, digits, -, _ or ., with a letter or "
        "digit at both ends",
        "See `kubectl get kafkausers --show-labels` at the source",
    )


def _whole(expression: re.Pattern[str], longest: int | None = None) -> dict[str, object]:
    length = {} if longest is None else {"maxLength": longest}
    return {"pattern": f"^({expression.pattern})$", **length}


JSON_SCHEMA: Mapping[TextRule, Mapping[str, object]] = {
    alias: _whole(_ALIAS),
    mirror_name: _whole(_LABEL_1035, MIRROR_NAME_MAX),
    namespace: _whole(_LABEL_1123, 63),
    resource_name: _whole(_SUBDOMAIN_1123, 253),
    listener: _whole(_LISTENER),
    bootstrap_servers: {"pattern": rf"^\s*{_ADDRESS.pattern}\s*(,\s*{_ADDRESS.pattern}\s*)*$"},
    separator: _whole(_SEPARATOR),
    not_blank: {"pattern": r"\S"},
    user_name: {"pattern": r'^[^"\\]+$'},
    token_endpoint: _whole(_TOKEN_ENDPOINT),
    aws_region: _whole(_AWS_REGION),
    role_arn: _whole(_ROLE_ARN),
    kafka_version: _whole(_VERSION),
    image: _whole(_IMAGE),
    owner: _whole(_OWNER),
    cron.schedule: {"pattern": r"^(@[a-z]+|\s*\S+(\s+\S+){4}\s*)$"},
    start: {"pattern": r"^(earliest|latest|\d{4}.+)$"},
    topic_start: {"pattern": r"^(earliest|latest|\d{4}.+|offsets \d{1,18}(,\d{1,18})*)$"},
    pattern: {"pattern": r"^[^,]+$"},
    topic_name: _whole(_SEPARATOR, 249),
    secret_key: _whole(_KEY),
    key_pattern: _whole(_KEY_PATTERN),
    label_key: {"pattern": rf"^([^/]+/)?{_LABEL_NAME.pattern}$"},
    label_value: {"pattern": rf"^({_LABEL_NAME.pattern})?$"},
}
"""Each rule as a JSON Schema, for editors. A schema may accept more than its rule, never less."""

"""Rules for values that Kubernetes defines: names of objects, keys of Secrets, labels, images."""

from __future__ import annotations

import re
from collections.abc import Mapping

from settings.rules.text import RuleResult, TextRule, whole

# RFC 1035 label: Strimzi makes a Service and a host name out of it.
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
# Kubernetes, apimachinery validation: IsQualifiedName and IsValidLabelValue.
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
# Kubernetes, apimachinery validation: IsConfigMapKey, which holds for Secrets too.
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_KEY_PATTERN = re.compile(r"[-._a-zA-Z0-9*?\[\]]{1,253}")
# distribution/reference: registry with port or not, path, then tag or digest.
_IMAGE = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._/:-]*[a-zA-Z0-9])?(@sha256:[0-9a-f]{64})?")

MIRROR_NAME_MAX = 63 - len("-mirrormaker2-api")
"""Characters. Strimzi names a Service `<mirror>-mirrormaker2-api`, and a Service's name is one DNS label."""


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


def image(value: str) -> RuleResult:
    """Check the name of a container image."""
    if _IMAGE.fullmatch(value):
        return None
    return "must be the name of a container image", "Write e.g. registry.example.com/region-mirror:0.1.0"


JSON_SCHEMA: Mapping[TextRule, Mapping[str, object]] = {
    mirror_name: whole(_LABEL_1035, MIRROR_NAME_MAX),
    namespace: whole(_LABEL_1123, 63),
    resource_name: whole(_SUBDOMAIN_1123, 253),
    secret_key: whole(_KEY),
    key_pattern: whole(_KEY_PATTERN),
    label_key: {"pattern": rf"^([^/]+/)?{_LABEL_NAME.pattern}$"},
    label_value: {"pattern": rf"^({_LABEL_NAME.pattern})?$"},
    image: whole(_IMAGE),
}

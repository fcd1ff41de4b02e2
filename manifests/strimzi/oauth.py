"""How MM2 logs in to a source by OAuth: the client credentials grant of OAuth 2.0 (KIP-768, RFC 6749).

Strimzi 1.0 removed `authentication: {type: oauth}`. The type `custom` is handed to Kafka's own client as it
is, in v1 and in v1beta2, so the workers need no library besides Kafka's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.metadata import Manifest, metadata
from manifests.strimzi.login_keys import LoginKeys
from settings.model import OAuthSettings, Settings
from settings.names import Names

MECHANISM = "OAUTHBEARER"
TOKEN_ENDPOINT = "sasl.oauthbearer.token.endpoint.url"  # noqa: S105 - the name of a property
_MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
_HANDLER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
_ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls"
_RBAC = "rbac.authorization.k8s.io"


def client_properties(oauth: OAuthSettings, secret: str) -> dict[str, str]:
    """Render the properties of a Kafka client. `secret`: the placeholder of the client secret, which the
    worker's configuration provider replaces.
    """
    options = {"clientId": oauth.client_id, "clientSecret": secret}
    if oauth.scope:
        options["scope"] = oauth.scope
    options |= {f"extension_{key}": value for key, value in oauth.extensions.items()}
    login = " ".join(f'{key}="{value}"' for key, value in options.items())
    return {
        "sasl.mechanism": MECHANISM,
        "sasl.login.callback.handler.class": _HANDLER,
        TOKEN_ENDPOINT: oauth.token_endpoint,
        "sasl.jaas.config": f"{_MODULE} required {login};",
    }


def authentication(settings: Settings, oauth: OAuthSettings) -> dict[str, Any]:
    """Render the `authentication` of the source in a KafkaMirrorMaker2.

    Strimzi's workers read Secrets from Kubernetes (`KubernetesSecretConfigProvider`, named `strimzisecrets`
    in every Connect cluster of Strimzi).
    """
    secret, key = Names.of(settings).source_user_secret, LoginKeys.of_source(settings).password
    placeholder = f"${{strimzisecrets:{settings.target.namespace}/{secret}:{key}}}"
    return {"type": "custom", "sasl": True, "config": client_properties(oauth, placeholder)}


def jvm_options(settings: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a worker's `jvmOptions` the system property without which Kafka's client asks no token endpoint
    (`ConfigurationUtils.throwIfURLIsNotAllowed`, since Kafka 4.0). A value that the stack file gives remains.
    """
    oauth, options = settings.source.oauth, dict(given)
    if oauth is None:
        return options
    properties = list(options.get("javaSystemProperties") or ())
    if not any(one.get("name") == _ALLOWED_URLS for one in properties):
        properties.append({"name": _ALLOWED_URLS, "value": oauth.token_endpoint})
    return {**options, "javaSystemProperties": properties}


def secret_access(settings: Settings) -> tuple[Manifest, ...]:
    """Render the permission of the workers to read the client secret: a Role and its RoleBinding.

    Strimzi lets its workers read only Secrets that `authentication` names in fields, and those of type
    `custom` are named within a text.
    """
    if settings.source.oauth is None:
        return ()
    names = Names.of(settings)
    role = f"{names.mirror}-source-secret"
    account = {
        "kind": "ServiceAccount",
        "name": f"{names.mirror}-mirrormaker2",
        "namespace": settings.target.namespace,
    }
    return (
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": metadata(settings, role),
            "rules": [
                {
                    "apiGroups": [""],
                    "resources": ["secrets"],
                    "verbs": ["get"],
                    "resourceNames": [names.source_user_secret],
                }
            ],
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata(settings, role),
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": role},
            "subjects": [account],
        },
    )

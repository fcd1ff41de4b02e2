"""What MM2 needs to log in to the source, as Secrets beside the mirror: the CA, and the user's credential."""

from __future__ import annotations

import pulumi

from components.kubernetes import child_of, declared, secret
from manifests.declaration import Declaration


class SourceCredentials(pulumi.ComponentResource):
    """Trimmed copies, beside the mirror, of the source's CA certificates and of the source user's credential.

    A rotation on the source shows in the next preview as an update of the Secret in place.
    """

    def __init__(
        self, name: str, declaration: Declaration, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("region-mirror:index:SourceCredentials", name, {}, opts)
        child = child_of(self, opts)
        for manifest in (declaration.source_ca, declaration.source_user):
            if manifest is not None:
                secret(manifest, child)
        for manifest in declaration.secret_access:
            declared(manifest, child)
        self.register_outputs({})

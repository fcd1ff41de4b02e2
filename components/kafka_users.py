"""The KafkaUsers of a mirror on the target: its own two, and copies of the source's."""

from __future__ import annotations

import pulumi

from components.kubernetes import child_of, custom_resource, secret
from manifests.declaration import Declaration

WAIT_SECONDS = 180
"""How long to wait for the User Operator: normally 1 to 2 seconds, after its start up to 2 minutes.
"""


class KafkaUsers(pulumi.ComponentResource):
    """The mirror's own users with the ACLs that they need, and copies of the source's users with theirs.

    Pulumi waits for each: MirrorMaker 2 cannot start before the User Operator has created the user's Secret.
    """

    def __init__(
        self,
        name: str,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
        *,
        target: str,
        retain: bool = False,
    ) -> None:
        """Declare them; `target` is the alias of the target. With `retain`, copies and their passwords remain
        when Pulumi deletes them.
        """
        super().__init__("region-mirror:index:KafkaUsers", name, {}, opts)
        child = child_of(self, opts)
        for own in (declaration.mirror_user, declaration.verifier_user):
            custom_resource(own, child, wait_seconds=WAIT_SECONDS)
        copy = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(retain_on_delete=retain))
        # Mirrors of one stack may copy a user to several targets: the names in Pulumi differ then, and remain
        # when the mirror is renamed. Earlier versions used the user's name alone.
        for user, manifest in declaration.copied_users.items():
            needed = [secret(declaration.passwords[user], copy)] if user in declaration.passwords else []
            more = pulumi.ResourceOptions(depends_on=needed, aliases=[pulumi.Alias(name=user)])
            after = pulumi.ResourceOptions.merge(copy, more)
            custom_resource(manifest, after, name=f"{target}/{user}", wait_seconds=WAIT_SECONDS)
        self.register_outputs({"copied": list(declaration.copied_users)})

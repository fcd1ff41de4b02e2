"""The actions that the workflows use, pinned by commit: a tag can be moved to other code.

Each commit is the one to which the action's own repository points the tag in the comment.
"""

from __future__ import annotations

ACTIONS = {
    "checkout": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "setup-python": "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "upload-artifact": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "download-artifact": "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "pulumi": "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0",
    "auth-actions": "pulumi/auth-actions@141415910c3beb54e03b48e9057c204c97b956f2 # v2.1.0",
}
PULUMI_VERSION = "3.272.0"
"""The CLI, of the same release as the SDK in requirements.txt."""

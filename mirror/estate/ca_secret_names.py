"""Recognizes the name of a wrong CA Secret, and names the right one.

A cluster has four CA Secrets (`KafkaResources`, Strimzi 1.2.0): `<cluster>-cluster-ca-cert` and
`<cluster>-clients-ca-cert` hold certificates, `<cluster>-cluster-ca` and `<cluster>-clients-ca` private keys.
No release of Strimzi creates a `<cluster>-ca-cert`.
"""

from __future__ import annotations

CLUSTER_CA = "-cluster-ca-cert"


def mistaken(name: str) -> tuple[str, str] | None:
    """What is wrong with trusting the Secret (or file) of this name, and what to use instead.

    None where the name is not known to be wrong.
    """
    stem = name.rsplit("/", 1)[-1]
    for ending in (".yaml", ".yml", ".json"):
        stem = stem.removesuffix(ending)
    if stem.endswith(CLUSTER_CA):
        return None
    for ending, what in (
        ("-clients-ca-cert", "is the clients CA, which signs the certificates of users, not of brokers"),
        (
            "-cluster-ca",
            "holds the private key of the cluster CA, which must never be copied from the source",
        ),
        (
            "-clients-ca",
            "holds the private key of the clients CA, which must never be copied from the source",
        ),
        ("-ca-cert", "has a name that no release of Strimzi uses"),
    ):
        if stem.endswith(ending):
            meant = f"{stem.removesuffix(ending)}{CLUSTER_CA}"
            return what, f"use {meant}: `oc get secret {meant} -o yaml > {meant}.yaml`"
    return None

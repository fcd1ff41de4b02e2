"""Which of Strimzi's Secrets a name means, where it is not the one that is needed.

A cluster has four (`KafkaResources`, Strimzi 1.2.0): `<cluster>-cluster-ca-cert` and `-clients-ca-cert` with
certificates, `-cluster-ca` and `-clients-ca` with private keys. A `<cluster>-ca-cert` is made by no release.
"""

from __future__ import annotations

CLUSTER_CA = "-cluster-ca-cert"


def mistaken(name: str) -> tuple[str, str] | None:
    """Say what is wrong with trusting the Secret (or file) of this name, and which one is meant.

    None: nothing is known against it.
    """
    stem = name.rsplit("/", 1)[-1]
    for ending in (".yaml", ".yml", ".json"):
        stem = stem.removesuffix(ending)
    if stem.endswith(CLUSTER_CA):
        return None
    for ending, what in (
        ("-clients-ca-cert", "is the clients CA, which signs users' certificates and no broker's"),
        ("-cluster-ca", "holds the cluster CA's private key, which must never leave the source"),
        ("-clients-ca", "holds the clients CA's private key, which must never leave the source"),
        ("-ca-cert", "is a name that no Strimzi uses"),
    ):
        if stem.endswith(ending):
            meant = f"{stem.removesuffix(ending)}{CLUSTER_CA}"
            return what, f"{meant} is meant: `oc get secret {meant} -o yaml > {meant}.yaml`"
    return None

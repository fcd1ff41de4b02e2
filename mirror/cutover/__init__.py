"""The planned move, the failover, the recovery, the failback and the teardown of a mirror."""

"""Stand-in for Strimzi's User Operator and Cluster Operator, in the lab only.

Strimzi's operators are in no package registry, so the lab has this program in their place. It does for
KafkaUser and KafkaMirrorMaker2 (kafka.strimzi.io/v1) what Strimzi 1.2.0 does, as far as the lab needs it, and
nothing that Strimzi does not do. There are no Pods: Connect workers are processes of the lab, and run Kafka
4.3.1 whatever `spec.version` says. docs/lab.md lists all differences. Docstrings name the Java classes that
are followed.
"""

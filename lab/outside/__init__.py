"""Kafka clusters outside Kubernetes, as further sources: no operator, no API server, a CA of their own.

They stand for MSK and Confluent Cloud (`north`: PLAIN and SCRAM over TLS), for old clusters (`north`, too:
listeners without TLS), for any Kafka with client certificates (`south`: mTLS with PEM), for one that loses a
broker (`central`: three brokers), and for one before Kafka 4 (`older`). They belong to a lab that is up, and
run on request only.
"""

from lab.outside.source import Source, source, source_down, source_up

__all__ = ["Source", "source", "source_down", "source_up"]

"""The table of the bench `profiles`: CPU seconds by process and kind of thread."""

from __future__ import annotations

from tests.bench.mirrors.threads import SOURCE, WORKER, Cpu

NAMES = {
    (WORKER, 1): "task-thread-drill-bench-1",
    (WORKER, 2): "task-thread-drill-bench-2",
    (WORKER, 3): "kafka-producer-network-thread | connector-producer-1",
    (WORKER, 4): "C2 CompilerThread0",
    (SOURCE, 1): "data-plane-kafka-network-thread-0-ListenerName(SCRAM)-SASL_SSL-0",
}


def test_threads_of_a_kind_are_added_up() -> None:
    before = Cpu({(WORKER, 1): 1.0, (SOURCE, 1): 5.0})
    after = Cpu(dict.fromkeys(NAMES, 10.0) | {(WORKER, 9): 0.5}, NAMES)
    assert (after - before).grouped() == {
        (WORKER, "task: poll from the source, TLS, conversion"): 19.0,
        (WORKER, "producers: TLS, requests to the target"): 10.0,
        (WORKER, "compilers of the JVM"): 10.0,
        (SOURCE, "network threads: TLS"): 5.0,
        (WORKER, "other threads"): 0.5,
    }

#!/usr/bin/env bash
# After a broker was paused, `AdminClient.list_offsets` of librdkafka fails with FENCED_LEADER_EPOCH for minutes, and a retry never helps.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 4.3.1 (two brokers), Java 17 or newer.
# Guess:      FENCED_LEADER_EPOCH is retriable: the client refreshes its metadata, as a consumer does, so the next call succeeds.
# Behaviour:  A broker that pauses for longer than `broker.session.timeout.ms` leads its partitions again with another epoch, and the
#             client's connection never ends. Each call of `list_offsets` fails then, until something else refreshes the metadata
#             (`topic.metadata.refresh.interval.ms`, five minutes). A consumer of the same age and a new client get the answer at once,
#             and so does the same client after `list_topics`.
# Matters:    A lag exporter or a verification that keeps its AdminClient sees no offset of a healthy cluster after a long pause
#             (garbage collection, a virtual machine that is moved, a disk that stalls).
# Output:     before: 5
#             after, the same client, 5 tries in 10 s: FENCED_LEADER_EPOCH x 5
#             after, a consumer as old: 5
#             after, a new client: 5
#             after list_topics, the same client: 5
set -euo pipefail
work=$(mktemp -d); cd "$work"
trap 'kill -9 $(cat "$work"/*.pid) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 >&2
cat > see.py <<'PYTHON'
import os, pathlib, signal, socket, subprocess, time
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

controller, ports = free(), {1: free(), 2: free()}
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]

def node(number):
    listeners = f"listeners=PLAINTEXT://127.0.0.1:{ports[number]}" + (f",CONTROLLER://127.0.0.1:{controller}" if number == 1 else "")
    pathlib.Path(f"{number}.properties").write_text("\n".join([
        "process.roles=" + ("broker,controller" if number == 1 else "broker"), f"node.id={number}", listeners,
        f"controller.quorum.voters=1@127.0.0.1:{controller}", "controller.listener.names=CONTROLLER", f"log.dirs=data{number}",
        "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "broker.session.timeout.ms=6000"]))
    subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", f"{number}.properties"],
                   check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen([*java, "kafka.Kafka", f"{number}.properties"], stdout=open(f"{number}.log", "a"), stderr=subprocess.STDOUT)
    pathlib.Path(f"{number}.pid").write_text(str(process.pid))
    return process

config = {"bootstrap.servers": ",".join(f"127.0.0.1:{port}" for port in ports.values()), "log_level": 0}
orders = TopicPartition("orders", 0)

def until(what, condition):
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            if condition():
                return
        except KafkaException:
            pass
        time.sleep(0.5)
    raise SystemExit(f"not seen within 180 s: {what}")

def leader():
    return AdminClient(config).list_topics("orders", timeout=10).topics["orders"].partitions[0].leader

def end_of(admin):
    try:
        return admin.list_offsets({orders: OffsetSpec.latest()}, request_timeout=10)[orders].result().offset
    except KafkaException as error:
        return error.args[0].name()

node(1)
second = node(2)
until("two brokers", lambda: set(AdminClient(config).list_topics(timeout=10).brokers) == {1, 2})
creating = AdminClient(config)
creating.create_topics([NewTopic("orders", 1, replica_assignment=[[2]])])["orders"].result()
producer = Producer(config)
for _ in range(5):
    producer.produce("orders", b"value", partition=0)
producer.flush()
lasting, consumer = AdminClient(config), Consumer({**config, "group.id": "readers"})
consumer.get_watermark_offsets(orders, timeout=10)
print("before:", end_of(lasting))
second.send_signal(signal.SIGSTOP)
until("a partition without a leader", lambda: leader() == -1)
second.send_signal(signal.SIGCONT)
until("its leader again", lambda: leader() == 2)
time.sleep(2)
tries = []
for _ in range(5):
    tries.append(end_of(lasting))
    time.sleep(2)
print("after, the same client, 5 tries in 10 s:", ", ".join(f"{one} x {tries.count(one)}" for one in dict.fromkeys(tries)))
print("after, a consumer as old:", consumer.get_watermark_offsets(orders, timeout=10)[1])
print("after, a new client:", end_of(AdminClient(config)))
lasting.list_topics("orders", timeout=10)
print("after list_topics, the same client:", end_of(lasting))
PYTHON
venv/bin/python see.py 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
before: 5
after, the same client, 5 tries in 10 s: FENCED_LEADER_EPOCH x 5
after, a consumer as old: 5
after, a new client: 5
after list_topics, the same client: 5
EXPECTED

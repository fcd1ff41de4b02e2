#!/usr/bin/env bash
# A consumer of librdkafka reads a topic that it assigns for the first time up to a second late, each time, however near the broker is.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 4.3.1 (one broker), Java 17 or newer.
# Guess:      `assign` asks for the leader of a topic that the client does not know, so its first record takes some round trips more.
# Behaviour:  The leader is found by the scan of all topics (`rd_kafka_topic_scan_tmr_cb`), which runs once a second. So the first record
#             takes up to a second for every topic that is assigned for the first time. No setting changes this interval. If the client has
#             read the metadata of all topics before (`list_topics`), the same assignment takes milliseconds.
# Matters:    Tools that read a few records here and there (the last record of each topic, a window of a log, offsets by content) wait most
#             of their time for that scan: the looks of this project took 5 s of which 3 s were such waits.
# Output:     assigned at once: slowest of 4 topics over 300 ms, 4 topics over 1000 ms in all
#             after list_topics: slowest of 4 topics under 200 ms
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
import pathlib, socket, subprocess, time
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

controller, port = free(), free()
pathlib.Path("server.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
    f"advertised.listeners=PLAINTEXT://127.0.0.1:{port}", f"controller.quorum.voters=1@127.0.0.1:{controller}",
    "controller.listener.names=CONTROLLER", "log.dirs=data", "offsets.topic.replication.factor=1"]))
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "server.properties"],
               check=True, stdout=subprocess.DEVNULL)
process = subprocess.Popen([*java, "kafka.Kafka", "server.properties"], stdout=open("broker.log", "a"), stderr=subprocess.STDOUT)
pathlib.Path("broker.pid").write_text(str(process.pid))

servers = {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0}
topics = [f"orders-{number}" for number in range(5)]
end = time.monotonic() + 120
while True:
    try:
        admin = AdminClient(servers)
        for future in admin.create_topics([NewTopic(topic, 1, 1) for topic in topics], request_timeout=5).values():
            future.result()
        break
    except KafkaException:
        assert time.monotonic() < end, "the broker did not start"
        time.sleep(1)
producer = Producer(servers)
for topic in topics:
    producer.produce(topic, b"one")
assert producer.flush(30) == 0

def seconds(first):
    """How long each topic takes from its assignment to its first record; one consumer, one topic after the other."""
    consumer = Consumer({**servers, "group.id": "none", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                         "fetch.wait.max.ms": 5})  # the fetch of the topic before must not be what is waited for
    consumer.assign([TopicPartition(topics[0], 0, 0)])  # it is logged in before anything is measured
    while consumer.poll(5) is None:
        pass
    if first:
        consumer.list_topics(timeout=10)
    found = []
    for topic in topics[1:]:
        began = time.monotonic()
        consumer.assign([TopicPartition(topic, 0, 0)])
        while (message := consumer.poll(0.01)) is None or message.error() or message.topic() != topic:
            assert time.monotonic() < began + 30
        found.append(time.monotonic() - began)
    consumer.close()
    return found

late, soon = seconds(False), seconds(True)
print("measured:", [round(one, 3) for one in late], [round(one, 3) for one in soon], flush=True)
assert max(late) > 0.3 and sum(late) > 1, late
print("assigned at once: slowest of 4 topics over 300 ms, 4 topics over 1000 ms in all")
assert max(soon) < 0.2, soon
print("after list_topics: slowest of 4 topics under 200 ms")
process.kill()
PYTHON
venv/bin/python see.py

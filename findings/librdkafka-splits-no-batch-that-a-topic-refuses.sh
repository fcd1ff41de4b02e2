#!/usr/bin/env bash
# A topic takes no record of librdkafka, although each one is far below its max.message.bytes.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 and kafka-tools 4.3.1, Java 17 or newer, Maven.
# Guess:      `max.message.bytes` limits a record. Records of 200 bytes are taken by a topic with 8,000, by each client in the
#             same way; a batch that is too large is divided and sent again.
# Behaviour:  The broker compares the batch, after compression. Java's producer divides a batch that is refused with
#             MESSAGE_TOO_LARGE and sends the halves (KIP-126, `Sender.completeBatch`). librdkafka does not: every record of
#             the batch fails for good. It fills batches up to `batch.size` (1,000,000 bytes) and `message.max.bytes`; of the
#             topic's limit it knows nothing.
# Matters:    Whoever fills a topic as fast as he can (a restore, a replay, a copy by hand) reaches such batches, and a live
#             producer with few records a second does not. It fails in the same way each time it is run again. With
#             `batch.size` at the topic's limit every record is taken.
# Output:     librdkafka: 0 of 2000 records accepted, MSG_SIZE_TOO_LARGE x 2000
#             librdkafka, batch.size=8000: 2000 of 2000 records accepted
#             Java: 2000 of 2000 records accepted
set -euo pipefail
work=$(mktemp -d); cd "$work"
trap 'kill -9 $(cat "$work"/*.pid) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 >&2
cat > see.py <<'PYTHON'
import collections, pathlib, socket, subprocess, time
from confluent_kafka import KafkaException, Producer, TopicPartition, Consumer
from confluent_kafka.admin import AdminClient, NewTopic

COUNT, SIZE, LIMIT = 2000, 200, 8000
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
port, controller = [one.getsockname()[1] for one in sockets]
for one in sockets:
    one.close()
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
    f"controller.quorum.voters=1@127.0.0.1:{controller}", "controller.listener.names=CONTROLLER", "log.dirs=data",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "broker.properties"],
               check=True, stdout=subprocess.DEVNULL)
broker = subprocess.Popen([*java, "kafka.Kafka", "broker.properties"], stdout=open("broker.log", "w"), stderr=subprocess.STDOUT)
pathlib.Path("broker.pid").write_text(str(broker.pid))
config = {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0}
admin, end = AdminClient(config), time.monotonic() + 180
while True:
    try:
        admin.list_topics(timeout=5)
        break
    except KafkaException:
        if time.monotonic() > end:
            raise

def topic(name):
    admin.create_topics([NewTopic(name, 1, 1, config={"max.message.bytes": str(LIMIT)})])[name].result()
    return name

def accepted(name):
    consumer = Consumer({**config, "group.id": "none"})
    low, high = consumer.get_watermark_offsets(TopicPartition(name, 0), timeout=30)
    consumer.close()
    return f"{high - low} of {COUNT} records accepted"

def fill(name, more):
    errors = collections.Counter()
    producer = Producer({**config, "linger.ms": 500, **more})
    for _ in range(COUNT):
        producer.produce(name, b"x" * SIZE, partition=0, on_delivery=lambda error, _: errors.update([error.name()] if error else []))
    producer.flush(60)
    return "".join(f", {name} x {count}" for name, count in errors.items())

told = fill(topic("default"), {})
print(f"librdkafka: {accepted('default')}{told}")
told = fill(topic("small"), {"batch.size": LIMIT})
print(f"librdkafka, batch.size={LIMIT}: {accepted('small')}{told}")
subprocess.run([*java, "org.apache.kafka.tools.ProducerPerformance", "--topic", topic("java"), "--num-records", str(COUNT), "--record-size", str(SIZE),
                "--throughput", "-1", "--command-property", f"bootstrap.servers=127.0.0.1:{port}", "linger.ms=500"], check=True,
               stdout=open("java.log", "w"), stderr=subprocess.STDOUT)
print(f"Java: {accepted('java')}")
PYTHON
venv/bin/python see.py 2>log | tee seen || { tail -n 20 log >&2; cat java.log >&2; exit 1; }
diff seen - <<'EXPECTED'
librdkafka: 0 of 2000 records accepted, MSG_SIZE_TOO_LARGE x 2000
librdkafka, batch.size=8000: 2000 of 2000 records accepted
Java: 2000 of 2000 records accepted
EXPECTED

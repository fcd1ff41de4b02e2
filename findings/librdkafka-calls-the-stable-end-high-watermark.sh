#!/usr/bin/env bash
# While a transaction is open, `get_watermark_offsets` of librdkafka is not the high watermark, and with `cached=True` it is.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 4.3.1 (one broker), Java 17 or newer, Maven.
# Guess:      `get_watermark_offsets` returns the high watermark, as its name says: the end that all replicas have, whatever
#             becomes of an open transaction. `cached=True` only saves the request. Admin's `list_offsets` has the same end.
# Behaviour:  The request goes with the client's `isolation.level`, which is `read_committed` by default (Java's default is the
#             other one): the answer is the last stable offset. `cached=True` returns what the last fetch brought, and that is
#             the real high watermark. `list_offsets` asks read_uncommitted unless told otherwise.
# Matters:    "Low equals high" does not mean that a topic is empty, and lag that falls to 0 does not mean that no transaction is
#             open: a topic that looks drained before a move gets records when the transaction commits. Two tools, or two
#             calls of one tool, differ by all that was written since the transaction began.
# Output:     one record is committed, three are in an open transaction
#             get_watermark_offsets: high 2
#             get_watermark_offsets, cached: high 5
#             get_watermark_offsets, isolation.level=read_uncommitted: high 5
#             list_offsets: 5
#             list_offsets, read_committed: 2
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
from confluent_kafka import Consumer, IsolationLevel, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
port, controller = [one.getsockname()[1] for one in sockets]
for one in sockets:
    one.close()
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
    f"controller.quorum.voters=1@127.0.0.1:{controller}", "controller.listener.names=CONTROLLER", "log.dirs=data",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1", "transaction.state.log.num.partitions=1"]))
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
admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
partition = TopicPartition("orders", 0)
producer = Producer({**config, "transactional.id": "app"})
producer.init_transactions(60)
producer.begin_transaction()
producer.produce("orders", b"committed", partition=0)
producer.commit_transaction(60)
producer.begin_transaction()
for _ in range(3):
    producer.produce("orders", b"open", partition=0)
producer.flush(60)
print("one record is committed, three are in an open transaction")

def consumer(**more):
    return Consumer({**config, "group.id": "none", "auto.offset.reset": "earliest", **more})

def listed(**more):
    return admin.list_offsets({partition: OffsetSpec.latest()}, **more)[partition].result().offset

reader = consumer()
print("get_watermark_offsets: high", reader.get_watermark_offsets(partition, timeout=30)[1])
reader.assign([partition])
while reader.poll(1) is None or reader.get_watermark_offsets(partition, cached=True)[1] < 0:
    assert time.monotonic() < end, "no record"
print("get_watermark_offsets, cached: high", reader.get_watermark_offsets(partition, cached=True)[1])
other = consumer(**{"isolation.level": "read_uncommitted"})
print("get_watermark_offsets, isolation.level=read_uncommitted: high", other.get_watermark_offsets(partition, timeout=30)[1])
print("list_offsets:", listed())
print("list_offsets, read_committed:", listed(isolation_level=IsolationLevel.READ_COMMITTED))
producer.abort_transaction(60)
reader.close()
other.close()
PYTHON
venv/bin/python see.py 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
one record is committed, three are in an open transaction
get_watermark_offsets: high 2
get_watermark_offsets, cached: high 5
get_watermark_offsets, isolation.level=read_uncommitted: high 5
list_offsets: 5
list_offsets, read_committed: 2
EXPECTED

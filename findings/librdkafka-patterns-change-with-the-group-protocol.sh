#!/usr/bin/env bash
# A topic pattern of confluent-kafka selects other topics with `group.protocol=consumer` than with `classic`.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 4.3.1, Java 17 or newer.
# Guess:      The group protocol (KIP-848) says how partitions are shared out. What the application subscribes to stays the same.
# Behaviour:  With `classic` the client looks for the pattern anywhere in each name (POSIX). With `consumer` it sends the pattern, and
#             the broker takes the topics whose whole name matches (RE2). `^orders` loses `orders-eu`, without an error; `\d` becomes a
#             digit. A pattern of the whole name without such classes, `^(east\.)?orders$`, selects the same with both.
# Matters:    Clients of a mirror subscribe by patterns, because MM2's default policy puts the alias in front of a name. One that gets
#             the new protocol together with its new bootstrap servers reads fewer topics than before, and nothing says so.
# Output:     ^orders classic: orders, orders-1, orders-eu
#             ^orders consumer: orders
#             ^orders-\d$|^orders-eu$ classic: orders-eu
#             ^orders-\d$|^orders-eu$ consumer: orders-1, orders-eu
#             ^(east\.)?orders$ classic: east.orders, orders
#             ^(east\.)?orders$ consumer: east.orders, orders
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
from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

broker, controller = f"127.0.0.1:{free()}", f"127.0.0.1:{free()}"
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
    f"listeners=PLAINTEXT://{broker},CONTROLLER://{controller}", "log.dirs=data", "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "broker.properties"],
               check=True, stdout=subprocess.DEVNULL)
process = subprocess.Popen([*java, "kafka.Kafka", "broker.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
pathlib.Path("broker.pid").write_text(str(process.pid))
config = {"bootstrap.servers": broker, "log_level": 0}
admin = AdminClient(config)
end = time.monotonic() + 120
while True:
    try:
        admin.list_topics(timeout=10)
        break
    except KafkaException:
        if time.monotonic() > end:
            raise
for made in admin.create_topics([NewTopic(name, 1, 1) for name in ("orders", "orders-1", "orders-eu", "east.orders")]).values():
    made.result()

def selected(pattern, protocol):
    consumer = Consumer({**config, "group.id": f"{protocol} {pattern}", "group.protocol": protocol})
    topics = set()
    consumer.subscribe([pattern], on_assign=lambda _, partitions: topics.update(one.topic for one in partitions))
    end = time.monotonic() + 60
    while not topics and time.monotonic() < end:
        consumer.poll(0.5)
    consumer.poll(3)
    consumer.close()
    return ", ".join(sorted(topics)) or "none"

for pattern in (r"^orders", r"^orders-\d$|^orders-eu$", r"^(east\.)?orders$"):
    for protocol in ("classic", "consumer"):
        print(f"{pattern} {protocol}: {selected(pattern, protocol)}")
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
^orders classic: orders, orders-1, orders-eu
^orders consumer: orders
^orders-\d$|^orders-eu$ classic: orders-eu
^orders-\d$|^orders-eu$ consumer: orders-1, orders-eu
^(east\.)?orders$ classic: east.orders, orders
^(east\.)?orders$ consumer: east.orders, orders
EXPECTED

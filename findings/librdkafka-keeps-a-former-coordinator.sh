#!/usr/bin/env bash
# An AdminClient of librdkafka goes on asking a group's former coordinator, and a retry never helps.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 4.3.1 (two brokers), Java 17 or newer.
# Guess:      NOT_COORDINATOR is retriable: the client looks the coordinator up again, as Java's does, so the next call succeeds.
# Behaviour:  After a broker was away for some seconds and another one has taken its groups over, every call of
#             `describe_consumer_groups` ends with NOT_COORDINATOR, with an empty text. The cache of coordinators drops an
#             entry that was unused for `metadata.max.age.ms`, and each try uses it. A new client gets the answer at once.
# Matters:    An exporter or a controller that keeps its AdminClient loses sight of these groups after the restart of one
#             broker, until it is restarted itself.
# Output:     before: coordinator 2
#             after, the same client, 10 tries in 20 s: NOT_COORDINATOR x 10
#             after, a new client: coordinator 1
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
from confluent_kafka.admin import AdminClient, NewTopic

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
        "offsets.topic.replication.factor=2", "offsets.topic.num.partitions=8", "group.initial.rebalance.delay.ms=0",
        "auto.leader.rebalance.enable=false", "broker.session.timeout.ms=6000"]))
    if not pathlib.Path(f"data{number}").exists():
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", f"{number}.properties"],
                       check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen([*java, "kafka.Kafka", f"{number}.properties"], stdout=open(f"{number}.log", "a"), stderr=subprocess.STDOUT)
    pathlib.Path(f"{number}.pid").write_text(str(process.pid))
    return process

servers = ",".join(f"127.0.0.1:{port}" for port in ports.values())
config = {"bootstrap.servers": servers, "log_level": 0}

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

def coordinator(admin, group):
    try:
        return f"coordinator {admin.describe_consumer_groups([group], request_timeout=10)[group].result().coordinator.id}"
    except KafkaException as error:
        return error.args[0].name()

def brokers():
    return set(AdminClient(config).list_topics(timeout=10).brokers)

node(1)
second = node(2)
until("two brokers", lambda: brokers() == {1, 2})
creating = AdminClient(config)
creating.create_topics([NewTopic("orders", 1, 2)])["orders"].result()
groups = [f"group-{number}" for number in range(16)]
for group in groups:
    def commit(group=group):
        consumer = Consumer({**config, "group.id": group})
        consumer.commit(offsets=[TopicPartition("orders", 0, 0)], asynchronous=False)
        consumer.close()
        return True
    until("a commit", commit)
lasting = AdminClient(config)
until("a group of broker 2", lambda: any(coordinator(lasting, one) == "coordinator 2" for one in groups))
chosen = next(one for one in groups if coordinator(lasting, one) == "coordinator 2")
print("before:", coordinator(lasting, chosen))
second.kill()
second.wait()
until("another coordinator", lambda: coordinator(AdminClient(config), chosen) == "coordinator 1")
node(2)
until("two brokers again", lambda: brokers() == {1, 2})
time.sleep(5)
tries = []
for _ in range(10):
    tries.append(coordinator(lasting, chosen))
    time.sleep(2)
print("after, the same client, 10 tries in 20 s:", ", ".join(f"{one} x {tries.count(one)}" for one in dict.fromkeys(tries)))
print("after, a new client:", coordinator(AdminClient(config), chosen))
PYTHON
venv/bin/python see.py 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
before: coordinator 2
after, the same client, 10 tries in 20 s: NOT_COORDINATOR x 10
after, a new client: coordinator 1
EXPECTED

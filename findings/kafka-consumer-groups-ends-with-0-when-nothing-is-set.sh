#!/usr/bin/env bash
# `kafka-consumer-groups --reset-offsets --execute` ends with exit code 0 when it has set nothing, and when it has set other offsets than it was told.
#
# Versions:   org.apache.kafka:kafka_2.13 and kafka-tools 4.3.1, confluent-kafka 2.16.1 (PyPI), Java 17, Python 3.11.
# Guess:      In a script with `set -e` a reset that fails ends the script, as a failed kubectl does. An offset that the log does not have is refused.
# Behaviour:  The tool prints `Error: ...` to its standard output, and ends with 0: for a group with members, a topic that does not exist, a
#             line of the file that is no offset. Of several groups those without members are set. With one unknown topic in a file nothing
#             is set. An offset past the end becomes the end; only the table has another number than the file.
# Matters:    A runbook moves a group's offsets by a file, sees success, and starts consumers that begin elsewhere. Numbers of the source in a
#             file for the target, where logs are shorter, place a group at the end: it skips what it had not read. Compare the table, or
#             better the offsets of the group, with the file.
# Output:     a group with members: exit code 0, Error printed, offset none
#             two groups, one with members: exit code 0, Error printed, offset 3
#             a topic that does not exist: exit code 0, Error printed, offset none
#             a file with an unknown topic beside orders: exit code 0, Error printed, offset none
#             a file without numbers: exit code 0, Error printed, offset none
#             500 of 10 records: exit code 0, no Error printed, offset 10
#             3 of 10 records: exit code 0, no Error printed, offset 3
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
import pathlib, socket, subprocess, time
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

server, controller = f"127.0.0.1:{free()}", f"127.0.0.1:{free()}"
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
log = open("log", "a")
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
    f"listeners=PLAINTEXT://{server},CONTROLLER://{controller}", "log.dirs=data", "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "broker.properties"], check=True, stdout=log)
broker = subprocess.Popen([*java, "kafka.Kafka", "broker.properties"], stdout=log, stderr=log)
pathlib.Path("broker.pid").write_text(f"{broker.pid}\n")
admin = AdminClient({"bootstrap.servers": server, "log_level": 0})

def until(what, condition):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            if condition():
                return
        except KafkaException:
            pass
        time.sleep(0.5)
    raise SystemExit(f"not seen within 120 s: {what}")

def committed(group):
    [answer] = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition("orders", 0)])]).values()
    [one] = answer.result().topic_partitions
    return one.offset if one.offset >= 0 else "none"

def reset(name, group, *how):
    command = [*java, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", server, "--reset-offsets", "--execute"]
    ended = subprocess.run([*command, "--group", group, *how], stdout=subprocess.PIPE, stderr=log, text=True)
    print(f"{name}: exit code {ended.returncode}, {'Error' if 'Error: ' in ended.stdout else 'no Error'} printed, offset {committed(group)}", flush=True)

def file(text):
    pathlib.Path("offsets.csv").write_text(text)
    return "--from-file", "offsets.csv"

until("the broker", lambda: admin.list_topics(timeout=10).brokers)
admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
until("a leader", lambda: admin.list_topics("orders", timeout=10).topics["orders"].partitions[0].leader == 1)
producer = Producer({"bootstrap.servers": server})
for number in range(10):
    producer.produce("orders", str(number), partition=0)
producer.flush(60)
member = Consumer({"bootstrap.servers": server, "group.id": "busy", "auto.offset.reset": "earliest", "enable.auto.commit": False})
member.subscribe(["orders"])
assert member.poll(60).error() is None
reset("a group with members", "busy", "--topic", "orders", "--to-offset", "3")
reset("two groups, one with members", "second", "--group", "busy", *file("second,orders,0,3\nbusy,orders,0,3\n"))
member.close()
reset("a topic that does not exist", "third", "--topic", "unknown", "--to-offset", "3")
reset("a file with an unknown topic beside orders", "third", *file("orders,0,3\nunknown,0,3\n"))
reset("a file without numbers", "third", *file("orders,0,three\n"))
reset("500 of 10 records", "third", *file("orders,0,500\n"))
reset("3 of 10 records", "third", *file("orders,0,3\n"))
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
a group with members: exit code 0, Error printed, offset none
two groups, one with members: exit code 0, Error printed, offset 3
a topic that does not exist: exit code 0, Error printed, offset none
a file with an unknown topic beside orders: exit code 0, Error printed, offset none
a file without numbers: exit code 0, Error printed, offset none
500 of 10 records: exit code 0, no Error printed, offset 10
3 of 10 records: exit code 0, no Error printed, offset 3
EXPECTED

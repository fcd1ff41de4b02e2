#!/usr/bin/env bash
# Groups of Kafka Streams (KIP-1071) and share groups (KIP-932) that run are DEAD, without members and without an error, to librdkafka.
#
# Versions:   confluent-kafka 2.16.1 (PyPI, Linux with glibc), org.apache.kafka:kafka_2.13 and kafka-streams 4.3.1, Java 17 or newer.
# Guess:      A group that librdkafka does not support is an error, or at least in the list of groups; DEAD means that there is no such group.
# Behaviour:  `list_consumer_groups` leaves both out. `describe_consumer_groups` answers with state DEAD and no members, as for a group that
#             does not exist, while Java's `kafka-groups` lists both. The offsets of a Streams group can be read all the same.
# Matters:    A tool that takes DEAD for "idle, or gone" resets the offsets of a running application, or moves a cluster without it.
# Output:     Java lists: readers Share, totals Streams
#             librdkafka lists: nothing
#             readers: DEAD, 0 members, no error
#             totals: DEAD, 0 members, no error
#             nobody: DEAD, 0 members, no error
#             committed by totals: orders-0 at 5
set -euo pipefail
work=$(mktemp -d); cd "$work"
trap 'kill -9 $(cat "$work"/*.pid) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 >&2
cat > Running.java <<'JAVA'
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;

public class Running {
    public static void main(String[] servers) {
        StreamsBuilder topology = new StreamsBuilder();
        topology.stream("orders").foreach((key, value) -> { });
        Properties streams = new Properties();
        streams.putAll(java.util.Map.of("application.id", "totals", "bootstrap.servers", servers[0], "group.protocol", "streams",
            "commit.interval.ms", "500", "state.dir", "state", "auto.offset.reset", "earliest",
            "default.key.serde", Serdes.ByteArraySerde.class.getName(), "default.value.serde", Serdes.ByteArraySerde.class.getName()));
        new KafkaStreams(topology.build(), streams).start();
        Properties share = new Properties();
        share.putAll(java.util.Map.of("group.id", "readers", "bootstrap.servers", servers[0]));
        try (var consumer = new KafkaShareConsumer<>(share, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("orders"));
            while (true) consumer.poll(Duration.ofMillis(500));
        }
    }
}
JAVA
cat > see.py <<'PYTHON'
import pathlib, socket, subprocess, time
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

broker, controller = free(), free()
servers, config = f"127.0.0.1:{broker}", {"bootstrap.servers": f"127.0.0.1:{broker}", "log_level": 0}
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("server.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"listeners=PLAINTEXT://{servers},CONTROLLER://127.0.0.1:{controller}",
    f"controller.quorum.voters=1@127.0.0.1:{controller}", "controller.listener.names=CONTROLLER", "log.dirs=data",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "group.initial.rebalance.delay.ms=0",
    "share.coordinator.state.topic.replication.factor=1", "share.coordinator.state.topic.num.partitions=1",
    "share.coordinator.state.topic.min.isr=1"]))

def start(name, *words):
    process = subprocess.Popen([*java, *words], stdout=open(f"{name}.log", "a"), stderr=subprocess.STDOUT)
    pathlib.Path(f"{name}.pid").write_text(str(process.pid))

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

def listed_by_java():
    ran = subprocess.run([*java, "org.apache.kafka.tools.GroupsCommand", "--bootstrap-server", servers, "--list"],
                         capture_output=True, text=True)
    rows = [line.split() for line in ran.stdout.splitlines()[1:] if line.strip()]
    return sorted(f"{row[0]} {row[1]}" for row in rows)

subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "server.properties"],
               check=True, stdout=subprocess.DEVNULL)
start("broker", "kafka.Kafka", "server.properties")
until("a broker", lambda: AdminClient(config).list_topics(timeout=10).brokers)
admin = AdminClient(config)
admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
producer = Producer(config)
for _ in range(5):
    producer.produce("orders", b"value")
producer.flush()
start("running", "Running.java", servers)
until("two groups in Java's list", lambda: len(listed_by_java()) == 2)

def committed():
    asked = [ConsumerGroupTopicPartitions("totals", [TopicPartition("orders", 0)])]
    return admin.list_consumer_group_offsets(asked)["totals"].result().topic_partitions[0].offset

until("an offset of the Streams group", lambda: committed() == 5)
print("Java lists:", ", ".join(listed_by_java()))
print("librdkafka lists:", ", ".join(one.group_id for one in admin.list_consumer_groups().result().valid) or "nothing")
for group in ("readers", "totals", "nobody"):
    found = admin.describe_consumer_groups([group])[group].result()
    print(f"{group}: {found.state.name}, {len(found.members)} members, no error")
print("committed by totals: orders-0 at", committed())
PYTHON
venv/bin/python see.py 2>log | tee seen || { tail -n 20 log running.log >&2; exit 1; }
diff seen - <<'EXPECTED'
Java lists: readers Share, totals Streams
librdkafka lists: nothing
readers: DEAD, 0 members, no error
totals: DEAD, 0 members, no error
nobody: DEAD, 0 members, no error
committed by totals: orders-0 at 5
EXPECTED

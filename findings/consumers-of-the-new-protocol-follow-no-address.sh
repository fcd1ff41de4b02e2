#!/usr/bin/env bash
# A consumer with `group.protocol=consumer` that follows its bootstrap address to another cluster fails for good there; a classic one goes on.
#
# Versions:   kafka-clients and org.apache.kafka:kafka_2.13 4.3.1, confluent-kafka 2.16.1 (PyPI, Linux with glibc), Java 17, Python 3.11.
# Guess:      With `metadata.recovery.strategy=rebootstrap` (KIP-899, the default) consumers follow a DNS name to the other region by
#             themselves. The coordinator there knows no such member, so it joins anew, and goes on at the offset that the group has there.
# Behaviour:  Classic consumers do so. With the protocol of KIP-848 the coordinator answers GROUP_ID_NOT_FOUND to the heartbeat of a member that
#             has joined elsewhere. Java's poll raises GroupIdNotFoundException, librdkafka calls it a fatal error: both have to be made
#             anew. It is the same if the group has offsets there, which an Admin client has set (MM2 has one, too): they make a classic
#             group, which becomes one of the new protocol when a new member joins. Only a group in which a consumer of the new protocol has
#             been on that cluster answers UNKNOWN_MEMBER_ID, and then the consumer goes on.
# Matters:    A failover by DNS that was tested with classic consumers stops all consumers once they have the new protocol. A first drill
#             fails, and a second one to the same cluster succeeds. Start consumers anew when the name is moved.
# Output:     classic, offset 7 set by Admin: Java reads from 7, librdkafka reads from 7
#             consumer, no such group: Java GroupIdNotFoundException, librdkafka _FATAL
#             consumer, offset 7 set by Admin: Java GroupIdNotFoundException, librdkafka _FATAL
#             consumer, offset 7 committed by such a consumer: Java reads from 7, librdkafka reads from 7
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
cat > Readers.java <<'JAVA'
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.*;

public class Readers {
    /** Reads with one consumer for each `GROUP PROTOCOL`, and prints `GROUP VALUE`, at last `GROUP ERROR`. */
    public static void main(String[] words) {
        for (var at = 1; at < words.length; at += 2) {
            String server = words[0], group = words[at], protocol = words[at + 1];
            new Thread(() -> read(server, group, protocol)).start();
        }
    }

    static void read(String server, String group, String protocol) {
        Map<String, Object> config = Map.of("bootstrap.servers", server, "group.id", group, "group.protocol", protocol, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            while (true)
                for (var record : consumer.poll(Duration.ofSeconds(1))) System.out.println(group + " " + record.value());
        } catch (KafkaException failed) {
            System.out.println(group + " " + failed.getClass().getSimpleName());
        }
    }
}
JAVA
cat > see.py <<'PYTHON'
import pathlib, socket, subprocess, threading, time
from collections import defaultdict
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
CASES = {  # by the end of the group's name
    "classic": ("classic, offset 7 set by Admin", "classic"),
    "none": ("consumer, no such group", "consumer"),
    "set": ("consumer, offset 7 set by Admin", "consumer"),
    "used": ("consumer, offset 7 committed by such a consumer", "consumer"),
}
seen = defaultdict(list)  # what the consumer of a group has told, by the group

def listening():
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one

def free():
    with listening() as one:
        return one.getsockname()[1]

def until(what, condition):
    end = time.monotonic() + 240
    while time.monotonic() < end:
        try:
            if condition():
                return
        except KafkaException:
            pass
        time.sleep(0.5)
    raise SystemExit(f"not seen within 240 s: {what}; {dict(seen)}")

class Cluster:
    """A broker with ten records in the topic `orders`: `NAME 0` to `NAME 9`."""

    def __init__(self, name, identity):
        self.port, controller = free(), f"127.0.0.1:{free()}"
        self.server = f"127.0.0.1:{self.port}"
        pathlib.Path(f"{name}.properties").write_text("\n".join([
            "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
            f"listeners=PLAINTEXT://{self.server},CONTROLLER://{controller}", f"log.dirs={name}", "group.initial.rebalance.delay.ms=0",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", identity, "-c", f"{name}.properties"], check=True, stdout=subprocess.DEVNULL)
        self.broker = subprocess.Popen([*java, "kafka.Kafka", f"{name}.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
        pathlib.Path(f"{name}.pid").write_text(f"{self.broker.pid}\n")
        self.admin = AdminClient({"bootstrap.servers": self.server, "log_level": 0})
        until("the broker", lambda: self.admin.list_topics(timeout=10).brokers)
        self.admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
        until("a leader", lambda: self.admin.list_topics("orders", timeout=10).topics["orders"].partitions[0].leader == 1)
        producer = Producer({"bootstrap.servers": self.server})
        for number in range(10):
            producer.produce("orders", f"{name} {number}", partition=0)
        producer.flush(60)

    def set(self, group):
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition("orders", 0, 7)])
        [done] = self.admin.alter_consumer_group_offsets([wanted])[group].result().topic_partitions
        return done.error is None

    def use(self, group):
        consumer = consumer_of(self.server, group, "consumer")
        while (record := consumer.poll(60)).offset() != 6:
            pass
        consumer.commit(record, asynchronous=False)
        consumer.close()

class Address:
    """Forwards to one cluster, and later to another one: what a DNS name does that is changed."""

    def __init__(self, cluster):
        self.cluster, self.socket = cluster, listening()
        self.socket.listen()
        self.server = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            here, _ = self.socket.accept()
            try:
                there = socket.create_connection(("127.0.0.1", self.cluster.port))
            except OSError:
                here.close()
                continue
            for pair in ((here, there), (there, here)):
                threading.Thread(target=self.copy, args=pair, daemon=True).start()

    @staticmethod
    def copy(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        finally:
            one.close()
            other.close()

def consumer_of(server, group, protocol):
    consumer = Consumer({"bootstrap.servers": server, "group.id": group, "group.protocol": protocol, "auto.offset.reset": "earliest", "log_level": 0,
                         "enable.auto.commit": False})
    consumer.subscribe(["orders"])
    return consumer

def by_librdkafka(server, group, protocol):
    consumer = consumer_of(server, group, protocol)
    while True:
        record = consumer.poll(1)
        if record is not None and record.error() is None:
            seen[group].append(record.value().decode())
        elif record is not None and record.error().code() == KafkaError._FATAL:
            return seen[group].append(record.error().name())

def by_java(lines):
    for line in lines:
        group, told = line.strip().split(" ", 1)
        seen[group].append(told)

def outcome(group):
    values = [one for one in seen[group] if not one.startswith("east")]
    return f"reads from {values[0].removeprefix('west ')}" if values and values[0].startswith("west") else "".join(values)

east = Cluster("east", "MkU3OEVBNTcwNTJENDM2Qk")
address = Address(east)
of_java, of_librdkafka = {f"java-{case}": protocol for case, (_, protocol) in CASES.items()}, {f"c-{case}": protocol for case, (_, protocol) in CASES.items()}
words = [word for pair in of_java.items() for word in pair]
readers = subprocess.Popen([*java, "Readers.java", address.server, *words], stdout=subprocess.PIPE, stderr=open("log", "a"), text=True)
pathlib.Path("java.pid").write_text(f"{readers.pid}\n")
threading.Thread(target=by_java, args=(readers.stdout,), daemon=True).start()
for group, protocol in of_librdkafka.items():
    threading.Thread(target=by_librdkafka, args=(address.server, group, protocol), daemon=True).start()
groups = [*of_java, *of_librdkafka]
until("all consumers at the end", lambda: all("east 9" in seen[group] for group in groups))
east.broker.kill()
east.broker.wait()
west = Cluster("west", "NkU3OEVBNTcwNTJENDM2Qk")
for group in groups:
    if group.endswith(("classic", "set")):
        until("an offset", lambda: west.set(group))
    elif group.endswith("used"):
        west.use(group)
address.cluster = west
until("an outcome of each", lambda: all(outcome(group) for group in groups))
for case, (name, _) in CASES.items():
    print(f"{name}: Java {outcome(f'java-{case}')}, librdkafka {outcome(f'c-{case}')}")
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
classic, offset 7 set by Admin: Java reads from 7, librdkafka reads from 7
consumer, no such group: Java GroupIdNotFoundException, librdkafka _FATAL
consumer, offset 7 set by Admin: Java GroupIdNotFoundException, librdkafka _FATAL
consumer, offset 7 committed by such a consumer: Java reads from 7, librdkafka reads from 7
EXPECTED

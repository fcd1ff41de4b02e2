#!/usr/bin/env bash
# A group's offsets that an Admin client copies to another cluster take the leader epoch along: Java and franz-go consumers go back by it.
#
# Versions:   kafka-clients and org.apache.kafka:kafka_2.13 4.3.1, confluent-kafka 2.16.1 and kafka-python 3.0.12 (PyPI),
#             github.com/twmb/franz-go 1.22.3; Java 17, Go 1.26, Python 3.11.
# Guess:      What `list_consumer_group_offsets` returns can be given to `alter_consumer_group_offsets` of a cluster with the same
#             records at the same offsets: then each group goes on there where it has stopped.
# Behaviour:  The list also has the leader epoch of the last record that was read. The other cluster stores it, although its own epochs
#             count its own changes of leaders. Java and franz-go ask where that epoch ended there, take what is behind it for
#             truncated, and go back to there; franz-go returns ErrDataLoss, too. librdkafka and kafka-python go on at the offset, as
#             all of them do if the epoch is left out.
# Matters:    A script that moves groups to a copy works in each test where no leader has changed. After a rolling restart of the
#             target, consumers read again all records that were copied since then. Give the Admin client offsets without an epoch.
# Output:     on east: offset 95, epoch 0
#             on west Java reads from 10, and without the epoch from 95
#             on west franz-go reads from 10, and without the epoch from 95
#             on west librdkafka reads from 95, and without the epoch from 95
#             on west kafka-python reads from 95, and without the epoch from 95
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
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 kafka-python==3.0.12 >&2
mkdir go && cat > go/main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, end := context.WithTimeout(context.Background(), 60*time.Second)
	defer end()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ConsumerGroup(os.Args[2]), kgo.ConsumeTopics("orders"), kgo.DisableAutoCommit())
	if err != nil {
		panic(err)
	}
	defer consumer.Close()
	for ctx.Err() == nil { // the first answer is ErrDataLoss where it goes back
		for _, record := range consumer.PollRecords(ctx, 1).Records() {
			fmt.Println(record.Offset)
			return
		}
	}
}
GO
(cd go && go mod init finding && go get github.com/twmb/franz-go@v1.22.3 && go mod tidy && go build -o ../reader .) >log 2>&1 ||
    { tail -n 20 log >&2; exit 1; }
cat > Reader.java <<'JAVA'
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Reader {
    public static void main(String[] words) {
        Map<String, Object> config = Map.of("bootstrap.servers", words[0], "group.id", words[1], "enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("orders"));
            for (var end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end;)
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.offset());
                    return;
                }
            throw new IllegalStateException("no record within 60 s");
        }
    }
}
JAVA
cat > see.py <<'PYTHON'
import pathlib, socket, subprocess, time
import confluent_kafka, kafka
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

servers = {name: f"127.0.0.1:{free()}" for name in ("east", "west")}
admins = {name: AdminClient({"bootstrap.servers": server, "log_level": 0}) for name, server in servers.items()}
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
for name, server in servers.items():
    controller = f"127.0.0.1:{free()}"
    pathlib.Path(f"{name}.properties").write_text("\n".join([
        "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
        f"listeners=PLAINTEXT://{server},CONTROLLER://{controller}", f"log.dirs=data-{name}", "group.initial.rebalance.delay.ms=0",
        "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
    subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", f"{name}.properties"],
                   check=True, stdout=subprocess.DEVNULL)

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

def start(name):
    broker = subprocess.Popen([*java, "kafka.Kafka", f"{name}.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
    pathlib.Path(f"{name}.pid").write_text(str(broker.pid))
    until(f"broker {name}", lambda: admins[name].list_topics(timeout=10).brokers)
    return broker

def send(name, numbers):
    producer = Producer({"bootstrap.servers": servers[name]})
    for number in numbers:
        producer.produce("orders", str(number), partition=0)
    producer.flush(60)

def listed(name, group):
    [answer] = admins[name].list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    return answer.result().topic_partitions

def copied(group, offsets):
    admins["west"].alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, offsets)])[group].result()
    return [one.offset for one in listed("west", group)] == [95]

def by_java(group):
    return subprocess.run([*java, "Reader.java", servers["west"], group], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

def by_franz_go(group):
    return subprocess.run(["./reader", servers["west"], group], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

def by_librdkafka(group):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": servers["west"], "group.id": group, "enable.auto.commit": False})
    consumer.subscribe(["orders"])
    offset = consumer.poll(60).offset()
    consumer.close()
    return offset

def by_kafka_python(group):
    consumer = kafka.KafkaConsumer("orders", bootstrap_servers=servers["west"], group_id=group, enable_auto_commit=False)
    offset = next(consumer).offset
    consumer.close(autocommit=False)
    return offset

brokers = {name: start(name) for name in servers}
for name in servers:
    admins[name].create_topics([NewTopic("orders", 1, 1)])["orders"].result()
send("east", range(100))
send("west", range(10))
brokers["west"].terminate()
brokers["west"].wait()
start("west")
until("a leader", lambda: admins["west"].list_topics("orders", timeout=10).topics["orders"].partitions[0].leader == 1)
send("west", range(10, 100))
consumer = confluent_kafka.Consumer({"bootstrap.servers": servers["east"], "group.id": "readers", "auto.offset.reset": "earliest",
                                     "enable.auto.commit": False})
consumer.subscribe(["orders"])
while (record := consumer.poll(60)).offset() != 94:
    pass
consumer.commit(record, asynchronous=False)
consumer.close()
[offset] = listed("east", "readers")
print(f"on east: offset {offset.offset}, epoch {offset.leader_epoch}")
for name, read in {"Java": by_java, "franz-go": by_franz_go, "librdkafka": by_librdkafka, "kafka-python": by_kafka_python}.items():
    until("a copied offset", lambda: copied(f"{name}, as listed", [offset]))
    until("a copied offset", lambda: copied(f"{name}, without", [TopicPartition(offset.topic, offset.partition, offset.offset)]))
    print(f"on west {name} reads from {read(f'{name}, as listed')}, and without the epoch from {read(f'{name}, without')}")
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
on east: offset 95, epoch 0
on west Java reads from 10, and without the epoch from 95
on west franz-go reads from 10, and without the epoch from 95
on west librdkafka reads from 95, and without the epoch from 95
on west kafka-python reads from 95, and without the epoch from 95
EXPECTED

#!/usr/bin/env bash
# aiokafka and kafka-go commit no leader epoch. Sarama commits the one that the group had before, and a Java consumer after it goes back.
#
# Versions:   kafka-clients and org.apache.kafka:kafka_2.13 4.3.1, confluent-kafka 2.16.1, kafka-python 3.0.12 and aiokafka 0.14.0 (PyPI),
#             github.com/IBM/sarama 1.61.1, github.com/twmb/franz-go 1.22.3, github.com/segmentio/kafka-go 0.4.51; Java 17, Go 1.26, Python 3.11.
# Guess:      Consumers commit the leader epoch of the last record with its offset (KIP-320). So an offset without an epoch was
#             written by a tool or by MM2, and any client can go on where another one has stopped.
# Behaviour:  Java, librdkafka, kafka-python and franz-go commit that epoch; aiokafka and kafka-go commit none. Sarama commits, with each
#             new offset, the epoch of the offset from which it began. A Java consumer that takes over asks the broker where that
#             epoch ended, takes what is behind it for truncated, and goes back to there.
# Matters:    A tool that tells by the epoch whether a group reads on the target of a mirror does not see three of these clients: MM2
#             sets offsets without an epoch, so Sarama commits none behind them. On a cluster whose leaders have changed since Sarama
#             began, the first Java consumer in its group reads again what was read since that change.
# Output:     (before the broker's restart offset 5 was set, once without an epoch and once with epoch 0; records from 10 on have a later one)
#             Java: None -> that of the record, 0 -> that of the record; then Java reads from 95
#             librdkafka: None -> that of the record, 0 -> that of the record; then Java reads from 95
#             kafka-python: None -> that of the record, 0 -> that of the record; then Java reads from 95
#             franz-go: None -> that of the record, 0 -> that of the record; then Java reads from 95
#             aiokafka: None -> None, 0 -> None; then Java reads from 95
#             kafka-go: None -> None, 0 -> None; then Java reads from 95
#             sarama: None -> None, 0 -> 0; then Java reads from 10
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
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 kafka-python==3.0.12 aiokafka==0.14.0 >&2
mkdir go && cat > go/main.go <<'GO'
package main

import (
	"context"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type reader struct{ end func() }

func (reader) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (reader) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (one reader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for record := range claim.Messages() {
		session.MarkMessage(record, "")
		if record.Offset == 94 {
			session.Commit()
			one.end()
			return nil
		}
	}
	return nil
}

func main() {
	client, server, group := os.Args[1], os.Args[2], os.Args[3]
	ctx, end := context.WithTimeout(context.Background(), 60*time.Second)
	defer end()
	switch client {
	case "sarama":
		config := sarama.NewConfig()
		config.Version = sarama.V3_9_0_0
		consumer, err := sarama.NewConsumerGroup([]string{server}, group, config)
		check(err)
		check(consumer.Consume(ctx, []string{"orders"}, reader{end}))
		check(consumer.Close())
	case "franz-go":
		consumer, err := kgo.NewClient(kgo.SeedBrokers(server), kgo.ConsumerGroup(group), kgo.ConsumeTopics("orders"), kgo.DisableAutoCommit())
		check(err)
		for done := false; !done; check(ctx.Err()) {
			consumer.PollFetches(ctx).EachRecord(func(record *kgo.Record) {
				if record.Offset == 94 {
					check(consumer.CommitRecords(ctx, record))
					done = true
				}
			})
		}
		consumer.Close()
	case "kafka-go":
		consumer := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{server}, GroupID: group, Topic: "orders"})
		for {
			record, err := consumer.FetchMessage(ctx)
			check(err)
			if record.Offset == 94 {
				check(consumer.CommitMessages(ctx, record))
				break
			}
		}
		check(consumer.Close())
	}
}
GO
(cd go && go mod init finding && go get github.com/IBM/sarama@v1.61.1 github.com/twmb/franz-go@v1.22.3 github.com/segmentio/kafka-go@v0.4.51 &&
    go mod tidy && go build -o ../reader .) >log 2>&1 || { tail -n 20 log >&2; exit 1; }
cat > Reader.java <<'JAVA'
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Reader {
    /** Prints the first offset that it reads, and commits behind offset 94. */
    public static void main(String[] words) {
        Map<String, Object> config = Map.of("bootstrap.servers", words[0], "group.id", words[1], "enable.auto.commit", "false",
            "max.poll.records", "1");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("orders"));
            var first = -1L;
            for (var end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end;)
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (first < 0) System.out.println(first = record.offset());
                    if (record.offset() == 94) consumer.commitSync();
                    if (record.offset() >= 94) return;
                }
            throw new IllegalStateException("no record within 60 s");
        }
    }
}
JAVA
cat > see.py <<'PYTHON'
import asyncio, pathlib, socket, subprocess, time
import aiokafka, confluent_kafka, kafka
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

server, controller = f"127.0.0.1:{free()}", f"127.0.0.1:{free()}"
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
    f"listeners=PLAINTEXT://{server},CONTROLLER://{controller}", "log.dirs=data", "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1"]))
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "broker.properties"],
               check=True, stdout=subprocess.DEVNULL)
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

def start():
    broker = subprocess.Popen([*java, "kafka.Kafka", "broker.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
    pathlib.Path("broker.pid").write_text(str(broker.pid))
    until("the broker", lambda: admin.list_topics(timeout=10).brokers)
    return broker

def send(numbers):
    producer = Producer({"bootstrap.servers": server})
    for number in numbers:
        producer.produce("orders", str(number), partition=0)
    producer.flush(60)

def committed(group):
    [answer] = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    [one] = answer.result().topic_partitions or [TopicPartition("orders", 0, -1)]
    return one.offset, one.leader_epoch

def commit(group, epoch):
    given = {} if epoch is None else {"leader_epoch": epoch}
    admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition("orders", 0, 5, **given)])])[group].result()
    return committed(group) == (5, epoch)

def by_java(group):
    return subprocess.run([*java, "Reader.java", server, group], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

def by_librdkafka(group):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": server, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe(["orders"])
    while (record := consumer.poll(60)).offset() != 94:
        pass
    consumer.commit(record, asynchronous=False)
    consumer.close()

def by_kafka_python(group):
    consumer = kafka.KafkaConsumer("orders", bootstrap_servers=server, group_id=group, enable_auto_commit=False)
    while next(consumer).offset != 94:
        pass
    consumer.commit()
    consumer.close(autocommit=False)

def by_aiokafka(group):
    async def read():
        consumer = aiokafka.AIOKafkaConsumer("orders", bootstrap_servers=server, group_id=group, enable_auto_commit=False)
        await consumer.start()
        while (await consumer.getone()).offset != 94:
            pass
        await consumer.commit()
        await consumer.stop()
    asyncio.run(asyncio.wait_for(read(), 60))

def by_go(client):
    return lambda group: subprocess.run(["./reader", client, server, group], check=True)

readers = {"Java": by_java, "librdkafka": by_librdkafka, "kafka-python": by_kafka_python, "franz-go": by_go("franz-go"),
           "aiokafka": by_aiokafka, "kafka-go": by_go("kafka-go"), "sarama": by_go("sarama")}
broker = start()
admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
send(range(10))
for name in readers:
    for epoch in (None, 0):
        until(f"an offset with epoch {epoch}", lambda name=name, epoch=epoch: commit(f"{name} {epoch}", epoch))
broker.terminate()
broker.wait()
start()
until("a leader", lambda: admin.list_topics("orders", timeout=10).topics["orders"].partitions[0].leader == 1)
send(range(10, 100))
for name, read in readers.items():
    found = []
    for epoch in (None, 0):
        group = f"{name} {epoch}"
        read(group)
        offset, written = committed(group)
        assert offset == 95
        found.append(f"{epoch} -> {'that of the record' if written else written}")
    print(f"{name}: {', '.join(found)}; then Java reads from {by_java(group)}")
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
Java: None -> that of the record, 0 -> that of the record; then Java reads from 95
librdkafka: None -> that of the record, 0 -> that of the record; then Java reads from 95
kafka-python: None -> that of the record, 0 -> that of the record; then Java reads from 95
franz-go: None -> that of the record, 0 -> that of the record; then Java reads from 95
aiokafka: None -> None, 0 -> None; then Java reads from 95
kafka-go: None -> None, 0 -> None; then Java reads from 95
sarama: None -> None, 0 -> 0; then Java reads from 10
EXPECTED

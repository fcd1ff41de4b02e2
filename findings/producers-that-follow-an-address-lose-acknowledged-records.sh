#!/usr/bin/env bash
# A producer that follows its bootstrap address to another cluster is told that records are written which nobody has, and so is a producer there.
#
# Versions:   kafka-clients and org.apache.kafka:kafka_2.13 4.3.1, confluent-kafka 2.16.1 (PyPI, Linux with glibc), github.com/twmb/franz-go 1.22.3;
#             Java 17, Go 1.26, Python 3.11.
# Guess:      With `metadata.recovery.strategy=rebootstrap` (KIP-899, the default since 4.0) clients follow a DNS name to the other region by
#             themselves. With acks=all and idempotence (both default) a record that is acknowledged is in the log.
# Behaviour:  The producer keeps its producer id and its sequence numbers, which the first cluster gave it. Each cluster counts ids from 0 (in blocks of
#             1,000, `ProducerIdsBlock`), so another producer may have that id there. The broker takes what has the sequence number of one
#             of the last five batches of that id for a repetition: it writes nothing, and acknowledges with the other record's offset.
#             Now both producers count on, and each loses records to the other. Where the numbers differ, Java takes the next epoch of the
#             id, and then the other producer loses records, after one error. librdkafka is like Java in the first case. franz-go refuses
#             with UNKNOWN_TOPIC_ID until it is made anew; with `none` the producer stays where it was.
# Matters:    A failover by DNS without a restart of the producers loses records, with no error and no gap on either side, where two ids meet:
#             small ones, as on a new target, whose first producers are MM2's own. A producer that is made anew gets an id that is free.
# Output:     (e: records on east; m: of the same producer once its address leads to west; r: of a producer of west, with 3 before the m, or 10)
#             Java: ids 0 and 0; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: m1 m2 r4
#             Java, 3 and 10 records before: ids 1 and 1; m1 m2 m3 acknowledged; west's own r11 InvalidProducerEpochException, r12 acknowledged; acknowledged and in no log: r12
#             librdkafka, idempotent: ids 2 and 2; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: m1 m2 r4
#             franz-go: ids 3 and 3; m1 m2 m3 UNKNOWN_TOPIC_ID; west's own r4 r5 acknowledged; acknowledged and in no log: none
#             Java, metadata.recovery.strategy=none: ids 4 and 4; m1 m2 m3 TimeoutException; west's own r4 r5 acknowledged; acknowledged and in no log: none
#             Java, made anew: ids 5 and 5; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: none
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
mkdir go && cat > go/main.go <<'GO'
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		err := client.ProduceSync(context.Background(), &kgo.Record{Topic: os.Args[2], Value: lines.Bytes()}).FirstErr()
		if err == nil {
			fmt.Println("acknowledged")
		} else {
			fmt.Println(strings.Split(err.Error(), ":")[0])
		}
	}
}
GO
(cd go && go mod init finding && go get github.com/twmb/franz-go@v1.22.3 && go mod tidy && go build -o ../producer .) >log 2>&1 ||
    { tail -n 20 log >&2; exit 1; }
cat > Producers.java <<'JAVA'
import java.util.*;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

public class Producers {
    /** Reads lines: `id ADDRESS TOPIC`, or `send NAME ADDRESS STRATEGY TOPIC VALUE`; a producer is made when its name is first used. */
    public static void main(String[] none) throws Exception {
        var producers = new HashMap<String, KafkaProducer<String, String>>();
        for (var lines = new Scanner(System.in); lines.hasNextLine();) {
            var words = lines.nextLine().split(" ");
            if (words[0].equals("id")) {
                var partition = new TopicPartition(words[2], 0);
                try (var admin = Admin.create(Map.of("bootstrap.servers", words[1]))) {
                    var seen = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
                    System.out.println(seen.get(0).producerId());
                }
                continue;
            }
            var producer = producers.computeIfAbsent(words[1], name -> new KafkaProducer<>(Map.of("bootstrap.servers", words[2],
                "metadata.recovery.strategy", words[3], "delivery.timeout.ms", "10000", "request.timeout.ms", "5000", "linger.ms", "0"),
                new StringSerializer(), new StringSerializer()));
            try {
                producer.send(new ProducerRecord<>(words[4], 0, null, words[5])).get();
                System.out.println("acknowledged");
            } catch (ExecutionException failed) {
                System.out.println(failed.getCause().getClass().getSimpleName());
            }
        }
    }
}
JAVA
cat > see.py <<'PYTHON'
import pathlib, socket, subprocess, threading, time
from itertools import groupby
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]

def listening():
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one

def free():
    with listening() as one:
        return one.getsockname()[1]

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

class Cluster:
    def __init__(self, name, identity):
        self.port, controller = free(), f"127.0.0.1:{free()}"
        self.server = f"127.0.0.1:{self.port}"
        pathlib.Path(f"{name}.properties").write_text("\n".join([
            "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
            f"listeners=PLAINTEXT://{self.server},CONTROLLER://{controller}", f"log.dirs={name}"]))
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", identity, "-c", f"{name}.properties"], check=True, stdout=subprocess.DEVNULL)
        self.broker = subprocess.Popen([*java, "kafka.Kafka", f"{name}.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
        pathlib.Path(f"{name}.pid").write_text(f"{self.broker.pid}\n")
        admin = AdminClient({"bootstrap.servers": self.server, "log_level": 0})
        until("the broker", lambda: admin.list_topics(timeout=10).brokers)
        [made.result() for made in admin.create_topics([NewTopic(topic, 1, 1) for topic in "abcdef"]).values()]
        until("leaders", lambda: all(admin.list_topics(one, timeout=10).topics[one].partitions[0].leader == 1 for one in "abcdef"))

    def values(self, topic):
        consumer = Consumer({"bootstrap.servers": self.server, "group.id": "reader", "enable.auto.commit": False, "enable.partition.eof": True})
        consumer.assign([TopicPartition(topic, 0, 0)])
        found = []
        while not (record := consumer.poll(60)).error():
            found.append(record.value().decode())
        consumer.close()
        return found

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

class Program:
    def __init__(self, name, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open("log", "a"), text=True)
        pathlib.Path(f"{name}.pid").write_text(f"{self.process.pid}\n")

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

producers = Program("java", *java, "Producers.java")

def by_java(name, server, topic, strategy="rebootstrap"):
    return lambda value: producers.ask(f"send {name}-{topic} {server} {strategy} {topic} {value}")

def by_librdkafka(server, topic):
    made = []
    def send(value):
        producer = made[0] if made else Producer({"bootstrap.servers": server, "enable.idempotence": True, "log_level": 0})
        made[:] = [producer]
        reports = []
        producer.produce(topic, value, partition=0, on_delivery=lambda error, _: reports.append(error.name() if error else "acknowledged"))
        producer.flush(60)
        return reports[0]
    return send

def by_franz_go(server, topic):
    return Program("go", "./producer", server, topic).ask

def said(sent):
    return ", ".join(f"{' '.join(value for value, _ in some)} {answer}" for answer, some in groupby(sent, lambda one: one[1]))

east, west = Cluster("east", "MkU3OEVBNTcwNTJENDM2Qk"), Cluster("west", "NkU3OEVBNTcwNTJENDM2Qk")
address = Address(east)
cases = [
    ("Java", 1, 3, by_java("moved", address.server, "a")),
    ("Java, 3 and 10 records before", 3, 10, by_java("moved", address.server, "b")),
    ("librdkafka, idempotent", 1, 3, by_librdkafka(address.server, "c")),
    ("franz-go", 1, 3, by_franz_go(address.server, "d")),
    ("Java, metadata.recovery.strategy=none", 1, 3, by_java("moved", address.server, "e", "none")),
    ("Java, made anew", 1, 3, by_java("moved", address.server, "f")),
]
own = {topic: by_java("own", west.server, topic) for topic in "abcdef"}
ids = []
for topic, (_, before, there, send) in zip("abcdef", cases):
    # A producer gets its id with its first record: so both clusters give out the same one in each of these turns.
    assert {own[topic](f"r{number}") for number in range(1, there + 1)} == {"acknowledged"}
    assert {send(f"e{number}") for number in range(1, before + 1)} == {"acknowledged"}
    ids.append([producers.ask(f"id {cluster.server} {topic}") for cluster in (east, west)])
address.cluster = west
east.broker.terminate()
east.broker.wait()
for topic, (name, _, there, send), of in zip("abcdef", cases, ids):
    if name.endswith("anew"):
        send = by_java("anew", address.server, topic)
    moved = [(value, send(value)) for value in ("m1", "m2", "m3")]
    own_ones = [(value, own[topic](value)) for value in (f"r{there + 1}", f"r{there + 2}")]
    log = west.values(topic)
    missing = [value for value, answer in moved + own_ones if answer == "acknowledged" and value not in log]
    print(f"{name}: ids {' and '.join(of)}; {said(moved)}; west's own {said(own_ones)}; "
          f"acknowledged and in no log: {' '.join(missing) or 'none'}")
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
Java: ids 0 and 0; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: m1 m2 r4
Java, 3 and 10 records before: ids 1 and 1; m1 m2 m3 acknowledged; west's own r11 InvalidProducerEpochException, r12 acknowledged; acknowledged and in no log: r12
librdkafka, idempotent: ids 2 and 2; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: m1 m2 r4
franz-go: ids 3 and 3; m1 m2 m3 UNKNOWN_TOPIC_ID; west's own r4 r5 acknowledged; acknowledged and in no log: none
Java, metadata.recovery.strategy=none: ids 4 and 4; m1 m2 m3 TimeoutException; west's own r4 r5 acknowledged; acknowledged and in no log: none
Java, made anew: ids 5 and 5; m1 m2 m3 acknowledged; west's own r4 r5 acknowledged; acknowledged and in no log: none
EXPECTED

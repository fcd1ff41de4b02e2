#!/usr/bin/env bash
# Java's Admin leaves an offset that waits for a transaction out of its answer, and raises no error.
#
# Versions:   org.apache.kafka:kafka_2.13, kafka-clients 4.3.1, Java 17 or newer, Maven.
# Guess:      With `requireStable` (KIP-447) listConsumerGroupOffsets waits for the end of the transaction, as a consumer
#             does, or fails. A partition that is not in the answer has no committed offset.
# Behaviour:  The broker answers UNSTABLE_OFFSET_COMMIT for the partition. ListConsumerGroupOffsetsHandler skips every
#             partition with an error, and logs it at WARN. The future succeeds at once, and the partition is absent or
#             null, as one that was never committed. (librdkafka hands out the partition's error.)
# Matters:    `requireStable` is what a tool asks for that must not move an application with exactly-once to an offset
#             that is about to be replaced. In this answer such a partition looks like one that the group has not read.
# Output:     committed: {orders-0=1}
#             the next one in a transaction, stable: {}, not stable: {orders-0=1}
#             after the transaction: {orders-0=2}
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > See.java <<'JAVA'
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.serialization.*;

public class See {
    static final int broker = free(), controller = free();
    static final String servers = "127.0.0.1:" + broker;
    static Admin admin;

    static int free() {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (Exception refused) {
            throw new RuntimeException(refused);
        }
    }

    interface Step { void run() throws Exception; }

    static void background(Step step) {
        var thread = new Thread(() -> { try { step.run(); } catch (Exception failed) { failed.printStackTrace(); } });
        thread.setDaemon(true);
        thread.start();
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        for (var end = System.nanoTime() + 300_000_000_000L; System.nanoTime() < end; Thread.sleep(500)) {
            try {
                if (condition.call()) return;
            } catch (Exception notYet) { }
        }
        throw new IllegalStateException("not seen within 300 s: " + what);
    }

    static void startBroker(String... more) throws Exception {
        Files.writeString(Path.of("broker.properties"), String.join("\n", "process.roles=broker,controller", "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER", "log.dirs=data",
            "listeners=PLAINTEXT://" + servers + ",CONTROLLER://127.0.0.1:" + controller, "group.initial.rebalance.delay.ms=0",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=1",
            "share.coordinator.state.topic.replication.factor=1", "share.coordinator.state.topic.min.isr=1",
            "share.coordinator.state.topic.num.partitions=1", String.join("\n", more)));
        kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", "broker.properties"}, System.err);
        background(() -> kafka.Kafka.main(new String[] {"broker.properties"}));
        admin = Admin.create(Map.of("bootstrap.servers", servers));
        await("the broker", () -> admin.describeCluster().nodes().get().size() == 1);
    }

    static Map<TopicPartition, Long> offsets(boolean stable) throws Exception {
        var options = new ListConsumerGroupOffsetsOptions().requireStable(stable);
        var found = new TreeMap<TopicPartition, Long>(Comparator.comparing(TopicPartition::toString));
        admin.listConsumerGroupOffsets("billing", options).partitionsToOffsetAndMetadata().get()
            .forEach((one, offset) -> { if (offset != null) found.put(one, offset.offset()); });
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        startBroker();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        var orders = new TopicPartition("orders", 0);
        admin.alterConsumerGroupOffsets("billing", Map.of(orders, new OffsetAndMetadata(1))).all().get();
        System.out.println("committed: " + offsets(true));
        var config = Map.<String, Object>of("bootstrap.servers", servers, "transactional.id", "app");
        var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(orders, new OffsetAndMetadata(2)), new ConsumerGroupMetadata("billing"));
        System.out.println("the next one in a transaction, stable: " + offsets(true) + ", not stable: " + offsets(false));
        producer.commitTransaction();
        await("the end of the transaction", () -> offsets(true).equals(Map.of(orders, 2L)));
        System.out.println("after the transaction: " + offsets(true));
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
committed: {orders-0=1}
the next one in a transaction, stable: {}, not stable: {orders-0=1}
after the transaction: {orders-0=2}
EXPECTED

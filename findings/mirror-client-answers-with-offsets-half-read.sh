#!/usr/bin/env bash
# RemoteClusterUtils.translateOffsets returns older offsets, or none, once its timeout is over, and raises nothing.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-mirror-client 4.3.1, Java 17 or newer, Maven.
# Guess:      The timeout is that of a call: it ends with an answer or with a TimeoutException, which the method declares.
# Behaviour:  `MirrorClient.remoteConsumerOffsets` reads the checkpoints topic from its beginning until its end or until the
#             timeout, and returns what it has by then: the checkpoints of long ago, or an empty map, as for a group that was
#             never translated. Nothing is logged. The topic has the checkpoints of all groups, and is compacted only now and
#             then. The caller's settings do not make the read faster: of them only the address and the security are used.
# Matters:    This is the documented way to find a group's place on the target. A consumer that seeks there in a failover, with a
#             slow network or many groups, reads again what it had read long ago, or starts by `auto.offset.reset`.
# Output:     with time enough: 500000
#             in half the time: an older offset
#             in a millisecond: none
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror-client</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > See.java <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.connect.mirror.*;

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

    static final int checkpoints = 500_000;

    static Struct value(long offset) {
        return new Struct(Checkpoint.VALUE_SCHEMA_V0).set("upstreamOffset", offset).set("offset", offset).set("metadata", "");
    }

    static byte[] bytes(Struct... structs) {
        var buffer = ByteBuffer.allocate(Stream.of(structs).mapToInt(Struct::sizeOf).sum());
        for (var one : structs) one.writeTo(buffer);
        return buffer.array();
    }

    static long translated(long milliseconds) throws Exception {
        var found = RemoteClusterUtils.translateOffsets(Map.<String, Object>of("bootstrap.servers", servers), "east", "billing", Duration.ofMillis(milliseconds));
        var offset = found.get(new TopicPartition("east.orders", 0));
        return offset == null ? -1 : offset.offset();
    }

    static void see() throws Exception {
        startBroker();
        admin.createTopics(List.of(new NewTopic("east.checkpoints.internal", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
        var key = bytes(new Struct(Checkpoint.KEY_SCHEMA).set("group", "billing").set("topic", "east.orders").set("partition", 0));
        var header = new Struct(Checkpoint.HEADER_SCHEMA).set("version", (short) 0);
        try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", servers, "linger.ms", "50"), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (var offset = 1; offset <= checkpoints; offset++) {
                producer.send(new ProducerRecord<>("east.checkpoints.internal", 0, key, bytes(header, value(offset))));
            }
        }
        translated(300_000);
        var begin = System.nanoTime();
        System.out.println("with time enough: " + translated(300_000));
        var needed = (System.nanoTime() - begin) / 1_000_000;
        System.err.println("needed: " + needed + " ms");
        var half = translated(needed / 2);
        System.err.println("in half the time: " + half);
        System.out.println("in half the time: " + (half < 0 ? "none" : half < checkpoints ? "an older offset" : "the same"));
        System.out.println("in a millisecond: " + (translated(1) < 0 ? "none" : "an offset"));
    }

    public static void main(String[] arguments) {
        try {
            see();
            Runtime.getRuntime().halt(0);
        } catch (Throwable failed) {
            failed.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
with time enough: 500000
in half the time: an older offset
in a millisecond: none
EXPECTED

#!/usr/bin/env bash
# A checkpoint connector of MM2 that is PAUSED, with a task that is PAUSED, goes on setting groups' offsets on the target.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `PUT /connectors/X/pause` ends what the connector does until it is resumed. Whoever wants to set a group back on the
#             target, and MM2 not to interfere, pauses the connector; `stop` only also frees its tasks.
# Behaviour:  Connect stops to poll a task that is paused, and tells it nothing (SourceTask has no method for it).
#             MirrorCheckpointTask sets the offsets in a thread of its own (`Scheduler`, `syncGroupOffset`) that only `stop` ends.
#             No new checkpoint is written, and the last one is applied again and again: a group that is set back is set
#             forward within `sync.group.offsets.interval.seconds`.
# Matters:    A reset on the target that was seen to succeed is undone: consumers that start then skip what they were to read
#             again. Strimzi's `state: paused` is this pause. Only STOPPED, with no task left, keeps an offset where it is.
# Output:     connector and tasks [PAUSED, PAUSED]: set from 5 to 2, 15 s later 5
#             connector and tasks [STOPPED]: set from 5 to 2, 15 s later 2
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > See.java <<'JAVA'
import java.net.URI;
import java.net.http.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.serialization.*;

public class See {
    static final int broker = free(), controller = free(), rest = free();
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

    static void startConnect() throws Exception {
        var storage = Stream.of("config", "offset", "status").map(s -> s + ".storage.topic=connect-" + s + "\n" + s + ".storage.replication.factor=1");
        Files.writeString(Path.of("connect.properties"), storage.collect(Collectors.joining("\n")) + "\n" + String.join("\n",
            "bootstrap.servers=" + servers, "listeners=http://127.0.0.1:" + rest, "group.id=connect", "offset.storage.partitions=1",
            "status.storage.partitions=1", "offset.flush.interval.ms=1000", "plugin.discovery=service_load",
            "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter"));
        background(() -> org.apache.kafka.connect.cli.ConnectDistributed.main(new String[] {"connect.properties"}));
        await("Connect", () -> call("GET", "/connectors", "").statusCode() == 200);
    }

    static HttpResponse<String> call(String method, String path, String body) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + rest + path))
            .header("Content-Type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    static void connector(String name, String more) throws Exception {
        var config = "{\"connector.class\": \"org.apache.kafka.connect.mirror.Mirror" + name + "Connector\", \"tasks.max\": \"1\","
            + "\"source.cluster.alias\": \"east\", \"source.cluster.bootstrap.servers\": \"" + servers + "\","
            + "\"target.cluster.alias\": \"west\", \"target.cluster.bootstrap.servers\": \"" + servers + "\","
            + "\"replication.factor\": \"1\", \"offset-syncs.topic.replication.factor\": \"1\","
            + "\"checkpoints.topic.replication.factor\": \"1\", " + more + "}";
        await("connector " + name, () -> call("PUT", "/connectors/" + name + "/config", config).statusCode() < 300);
    }

    static long end(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset();
    }

    static void send(String topic, String... values) throws Exception {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            for (var value : values) producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
        }
    }

    static List<String> states(String name) throws Exception {
        var status = call("GET", "/connectors/" + name + "/status", "").body();
        return Pattern.compile("\"state\":\"(\\w+)\"").matcher(status).results().map(m -> m.group(1)).toList();
    }

    static void group(String topic, long offset) throws Exception {
        admin.alterConsumerGroupOffsets("billing", Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset))).all().get();
    }

    static long committed(String topic) throws Exception {
        var found = admin.listConsumerGroupOffsets("billing").partitionsToOffsetAndMetadata().get().get(new TopicPartition(topic, 0));
        return found == null ? -1 : found.offset();
    }

    static void setBack(String verb, List<String> rest) throws Exception {
        call("PUT", "/connectors/Checkpoint/" + verb, "");
        await(verb, () -> states("Checkpoint").equals(rest));
        Thread.sleep(5_000);
        var before = committed("east.orders");
        group("east.orders", 2);
        var set = committed("east.orders");
        Thread.sleep(15_000);
        System.out.println("connector and tasks " + states("Checkpoint") + ": set from " + before + " to " + set + ", 15 s later " + committed("east.orders"));
    }

    static void see() throws Exception {
        startBroker();
        startConnect();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        connector("Source", "\"topics\": \"orders\", \"offset.lag.max\": \"0\", \"sync.topic.acls.enabled\": \"false\"");
        for (var number = 0; number < 5; number++) {
            send("orders", "record " + number);
            var copies = number + 1;
            await("the copy and its offset sync", () -> end("east.orders") == copies && end("mm2-offset-syncs.west.internal") >= copies);
        }
        group("orders", 5);
        connector("Checkpoint", "\"groups\": \"billing\", \"sync.group.offsets.enabled\": \"true\","
            + "\"sync.group.offsets.interval.seconds\": \"1\", \"emit.checkpoints.interval.seconds\": \"1\","
            + "\"refresh.groups.interval.seconds\": \"1\"");
        await("the group on the target", () -> committed("east.orders") == 5);
        setBack("pause", List.of("PAUSED", "PAUSED"));
        setBack("stop", List.of("STOPPED"));
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
connector and tasks [PAUSED, PAUSED]: set from 5 to 2, 15 s later 5
connector and tasks [STOPPED]: set from 5 to 2, 15 s later 2
EXPECTED

#!/usr/bin/env bash
# Offsets that MM2 keeps on the target expire while their group still runs on the source.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `offsets.retention.minutes` begins when a group has lost its last member. A group that runs on the source
#             keeps its offsets there, so it also keeps the ones that MM2 has set for it on the target.
# Behaviour:  On the target the group has never had a member. Offsets of such a group expire by their own commit time, each
#             partition by itself. MM2 sets an offset when it changes, and anew when it has found it missing; nothing sets it
#             once the checkpoint connector is stopped, as it is for a move.
# Matters:    Consumers that start some days after a move, or on a partition where nothing has been written for a week, find
#             no offset and start by `auto.offset.reset`. With `latest`, the default, they skip what was waiting for them.
# Output:     (offsets.retention.minutes=1 on the target)
#             while MM2 runs: source 3, target 3; 90 s later: source 3, target 3
#             while it is stopped, 90 s later: source 3, target none
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
    static final int broker = free(), controller = free(), rest = free();
    static final String servers = "127.0.0.1:" + broker, there = "127.0.0.1:" + free();
    static Admin admin, source;

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

    static Admin startBroker(String folder, String servers, int controller, String... more) throws Exception {
        var properties = folder + ".properties";
        Files.writeString(Path.of(properties), String.join("\n", "process.roles=broker,controller", "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER", "log.dirs=" + folder,
            "listeners=PLAINTEXT://" + servers + ",CONTROLLER://127.0.0.1:" + controller, "group.initial.rebalance.delay.ms=0",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=1",
            "share.coordinator.state.topic.replication.factor=1", "share.coordinator.state.topic.min.isr=1",
            "share.coordinator.state.topic.num.partitions=1", String.join("\n", more)));
        kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", properties}, System.err);
        // A process of its own: two brokers in one would share their metrics.
        var java = ProcessHandle.current().info().command().orElseThrow();
        var process = new ProcessBuilder(java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*",
            "kafka.Kafka", properties).redirectErrorStream(true).redirectOutput(Path.of(folder + ".log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        var made = Admin.create(Map.of("bootstrap.servers", servers));
        await("the broker", () -> made.describeCluster().nodes().get().size() == 1);
        return made;
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
            + "\"source.cluster.alias\": \"east\", \"source.cluster.bootstrap.servers\": \"" + there + "\","
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
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", there), new StringSerializer(), new StringSerializer())) {
            for (var value : values) producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
        }
    }

    static String committed(Admin admin, String topic) throws Exception {
        var found = admin.listConsumerGroupOffsets("billing").partitionsToOffsetAndMetadata().get().get(new TopicPartition(topic, 0));
        return found == null ? "none" : "" + found.offset();
    }

    static String both() throws Exception {
        return "source " + committed(source, "orders") + ", target " + committed(admin, "east.orders");
    }

    static void consume() {
        var config = Map.<String, Object>of("bootstrap.servers", there, "group.id", "billing", "auto.offset.reset", "earliest",
            "auto.commit.interval.ms", "1000");
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            while (true) consumer.poll(Duration.ofSeconds(1));
        }
    }

    public static void main(String[] arguments) throws Exception {
        source = startBroker("source", there, free());
        admin = startBroker("target", servers, controller, "offsets.retention.minutes=1", "offsets.retention.check.interval.ms=1000");
        startConnect();
        source.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        send("orders", "a", "b", "c");
        background(See::consume);
        connector("Source", "\"topics\": \"orders\", \"offset.lag.max\": \"0\", \"sync.topic.acls.enabled\": \"false\"");
        connector("Checkpoint", "\"groups\": \"billing\", \"sync.group.offsets.enabled\": \"true\","
            + "\"sync.group.offsets.interval.seconds\": \"1\", \"emit.checkpoints.interval.seconds\": \"1\","
            + "\"refresh.groups.interval.seconds\": \"1\"");
        await("both offsets", () -> both().equals("source 3, target 3"));
        var before = both();
        Thread.sleep(90_000);
        await("the offset, set anew", () -> !committed(admin, "east.orders").equals("none"));
        System.out.println("while MM2 runs: " + before + "; 90 s later: " + both());
        call("PUT", "/connectors/Checkpoint/stop", "");
        await("the stop", () -> call("GET", "/connectors/Checkpoint/status", "").body().contains("STOPPED"));
        Thread.sleep(90_000);
        System.out.println("while it is stopped, 90 s later: " + both());
        System.exit(0);
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
while MM2 runs: source 3, target 3; 90 s later: source 3, target 3
while it is stopped, 90 s later: source 3, target none
EXPECTED

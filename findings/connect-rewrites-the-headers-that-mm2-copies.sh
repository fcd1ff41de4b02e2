#!/usr/bin/env bash
# MM2 in a Connect cluster of one's own copies keys and values as they are, and writes other bytes into the headers.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      With ByteArrayConverter as `key.converter` and `value.converter` MM2 copies records byte by byte, headers too.
# Behaviour:  Headers have a converter of their own. `header.converter` is SimpleHeaderConverter by default, and MM2 hands it
#             bytes: it writes them as base64. Nothing fails and nothing is logged. Strimzi's KafkaMirrorMaker2 and Kafka's
#             `connect-mirror-maker` set ByteArrayConverter for all three; whoever runs MirrorSourceConnector as a connector of
#             a KafkaConnect or of a Connect service sets it himself, on the worker or on the connector.
# Matters:    Traces end at the mirror (`traceparent`), and consumers that choose a type or a schema by a header fail after a
#             move. A comparison of keys and values, counts and offsets finds no difference.
# Output:     source: key, value, type=order
#             copy: key, value, type=b3JkZXI=
#             connector and tasks: [RUNNING, RUNNING]
#             copy with header.converter: key, value, type=order
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

    static List<String> states(String name) throws Exception {
        var status = call("GET", "/connectors/" + name + "/status", "").body();
        return Pattern.compile("\"state\":\"(\\w+)\"").matcher(status).results().map(m -> m.group(1)).toList();
    }

    static void send(String topic) throws Exception {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            var record = new ProducerRecord<>(topic, 0, "key", "value");
            record.headers().add("type", "order".getBytes());
            producer.send(record).get();
        }
    }

    static void say(String what, String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        await("a record in " + topic, () -> end(topic) == 1);
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < 1) for (var record : consumer.poll(Duration.ofSeconds(1))) {
                System.out.println(what + ": " + record.key() + ", " + record.value() + ", type=" + new String(record.headers().lastHeader("type").value()));
            }
        }
    }

    static void mirror(String topic, String more) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        await("a leader", () -> end(topic) == 0);
        send(topic);
        connector("Source", "\"topics\": \"" + topic + "\", \"sync.topic.acls.enabled\": \"false\"" + more);
    }

    static void see() throws Exception {
        startBroker();
        startConnect();
        mirror("orders", "");
        say("source", "orders");
        say("copy", "east.orders");
        System.out.println("connector and tasks: " + states("Source"));
        mirror("payments", ", \"header.converter\": \"org.apache.kafka.connect.converters.ByteArrayConverter\"");
        say("copy with header.converter", "east.payments");
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
source: key, value, type=order
copy: key, value, type=b3JkZXI=
connector and tasks: [RUNNING, RUNNING]
copy with header.converter: key, value, type=order
EXPECTED

#!/usr/bin/env bash
# A topic's property that is removed on the source stays on the copy for good, where the source's broker file has that property, too.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `sync.topic.configs.enabled` keeps the copy like the source. What is set on the source topic is set on the copy within an interval,
#             and what is removed there (`--delete-config`, a line less in a KafkaTopic) is removed from the copy.
# Behaviour:  MM2 removes a property from the copy if the source's is Kafka's default (DEFAULT_CONFIG), and leaves out what comes from the broker's
#             file (STATIC_BROKER_CONFIG, `MirrorSourceConnector.targetConfig`). A topic without a value of its own has that of the file: so
#             MM2 neither sets nor removes it, and the copy keeps what the topic had before. Nothing is logged.
# Matters:    To empty a topic one sets `retention.ms` to a second, waits and removes it. If MM2 sees that moment, the copy deletes all that
#             is mirrored from then on within seconds, for ever, and the source keeps it. Strimzi writes `spec.kafka.config` of a Kafka
#             into the broker's file. Remove the property from the copy by hand. (`log.retention.hours` counts as a default here.)
# Output:     set on orders: retention.ms=1000, max.message.bytes=2000000; on east.orders: retention.ms=1000, max.message.bytes=2000000
#             removed from orders: retention.ms=604800000 (STATIC_BROKER_CONFIG), max.message.bytes=1048588 (DEFAULT_CONFIG); on east.orders: retention.ms=1000, max.message.bytes=1048588
#             connector and tasks: [RUNNING, RUNNING]
#             records that are sent now: 3 of 3 left in orders, 0 of 3 in east.orders
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
import org.apache.kafka.common.config.ConfigResource;
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

    static String states(String name) throws Exception {
        var status = call("GET", "/connectors/" + name + "/status", "").body();
        return "connector and tasks: " + Pattern.compile("\"state\":\"(\\w+)\"").matcher(status).results().map(m -> m.group(1)).toList();
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

    static List<String> values(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var seen = new ArrayList<String>();
            while (consumer.position(partition) < end(topic)) consumer.poll(Duration.ofSeconds(1)).forEach(record -> seen.add(record.value()));
            return seen;
        }
    }

    static ConfigEntry config(String topic, String name) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name);
    }

    static void configure(AlterConfigOp.OpType type, Map<String, String> values) throws Exception {
        var changes = values.entrySet().stream().map(one -> new AlterConfigOp(new ConfigEntry(one.getKey(), one.getValue()), type)).toList();
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "orders"), changes)).all().get();
    }

    static String told(String topic, boolean withSource) throws Exception {
        var told = new ArrayList<String>();
        for (var name : List.of("retention.ms", "max.message.bytes")) {
            var entry = config(topic, name);
            told.add(name + "=" + entry.value() + (withSource ? " (" + entry.source() + ")" : ""));
        }
        return String.join(", ", told);
    }

    static long begin(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset();
    }

    static void see() throws Exception {
        startBroker("log.retention.ms=604800000", "log.retention.check.interval.ms=1000", "log.initial.task.delay.ms=1000");
        startConnect();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        await("a leader", () -> end("orders") == 0);
        send("orders", "a", "b");
        connector("Source", "\"topics\": \"orders\", \"sync.topic.configs.interval.seconds\": \"1\", \"sync.topic.acls.enabled\": \"false\"");
        await("the copies", () -> end("east.orders") == 2);
        var passing = Map.of("retention.ms", "1000", "max.message.bytes", "2000000");
        configure(AlterConfigOp.OpType.SET, passing);
        await("both properties on the copy", () -> told("east.orders", false).equals(told("orders", false)));
        System.out.println("set on orders: " + told("orders", false) + "; on east.orders: " + told("east.orders", false));
        await("the source topic is empty", () -> begin("orders") == 2);
        configure(AlterConfigOp.OpType.DELETE, passing);
        await("a property that is removed from the copy", () -> config("east.orders", "max.message.bytes").value().equals("1048588"));
        Thread.sleep(15_000);
        System.out.println("removed from orders: " + told("orders", true) + "; on east.orders: " + told("east.orders", false));
        System.out.println(states("Source"));
        send("orders", "c", "d", "e");
        await("the copies of new records", () -> end("east.orders") == 5);
        Thread.sleep(15_000);
        System.out.println("records that are sent now: " + values("orders").size() + " of 3 left in orders, " + values("east.orders").size() + " of 3 in east.orders");
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
set on orders: retention.ms=1000, max.message.bytes=2000000; on east.orders: retention.ms=1000, max.message.bytes=2000000
removed from orders: retention.ms=604800000 (STATIC_BROKER_CONFIG), max.message.bytes=1048588 (DEFAULT_CONFIG); on east.orders: retention.ms=1000, max.message.bytes=1048588
connector and tasks: [RUNNING, RUNNING]
records that are sent now: 3 of 3 left in orders, 0 of 3 in east.orders
EXPECTED

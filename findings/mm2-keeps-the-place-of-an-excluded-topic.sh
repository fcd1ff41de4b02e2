#!/usr/bin/env bash
# A topic that is excluded keeps its place: made anew and included again, its first records are never mirrored.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `topics.exclude` makes MM2 forget a topic. Once it is included again it is copied as a new one, from its
#             beginning; or, since its id is another one, the task fails or says so.
# Behaviour:  Connect keeps the source offset of a partition that no task reads any more (only `alter` and `reset` of
#             offsets remove it). A task that gets the partition again seeks to the offset after it, whatever topic
#             has the name now. Records below are left out; connector and task are RUNNING, and nothing is logged.
# Matters:    Whoever leaves a topic out for a while, to clear it or to make it anew with other partitions, loses its
#             first records on the target, as many as the former topic had.
# Output:     offset of orders while it is excluded: 1
#             orders made anew: [1, 2, 3, 4, 5]
#             connector and tasks: [RUNNING, RUNNING]
#             east.orders: [a, b, 3, 4, 5]
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

    static TreeMap<String, String> offsets() throws Exception {
        var found = new TreeMap<String, String>();
        var topic = Pattern.compile("\"topic\":\"(\\w+)\"");
        for (var one : call("GET", "/connectors/Source/offsets", "").body().split("\\},\\{\"partition\"")) {
            var name = topic.matcher(one);
            var offset = Pattern.compile("\"offset\":\\{\"offset\":(\\d+)").matcher(one);
            if (name.find() && offset.find()) found.put(name.group(1), offset.group(1));
        }
        return found;
    }

    static void mirror(String excluded) throws Exception {
        connector("Source", "\"topics\": \"orders,other\", \"topics.exclude\": \"" + excluded + "\","
            + "\"refresh.topics.interval.seconds\": \"1\", \"sync.topic.acls.enabled\": \"false\"");
    }

    public static void main(String[] arguments) throws Exception {
        startBroker();
        startConnect();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("other", 1, (short) 1))).all().get();
        send("orders", "a", "b");
        send("other", "o");
        mirror("none");
        await("the copies", () -> end("east.orders") == 2 && end("east.other") == 1 && offsets().size() == 2);
        mirror("orders");
        send("other", "p");
        await("a task without the topic", () -> end("east.other") == 2);
        admin.deleteTopics(List.of("orders")).all().get();
        await("the deletion", () -> !admin.listTopics().names().get().contains("orders"));
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        await("a leader", () -> end("orders") == 0);
        send("orders", "1", "2", "3", "4", "5");
        System.out.println("offset of orders while it is excluded: " + offsets().get("orders"));
        System.out.println("orders made anew: " + values("orders"));
        mirror("none");
        await("records of the new topic", () -> end("east.orders") > 2);
        Thread.sleep(15_000);
        System.out.println(states("Source"));
        System.out.println("east.orders: " + values("east.orders"));
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
offset of orders while it is excluded: 1
orders made anew: [1, 2, 3, 4, 5]
connector and tasks: [RUNNING, RUNNING]
east.orders: [a, b, 3, 4, 5]
EXPECTED

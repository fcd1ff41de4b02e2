#!/usr/bin/env bash
# A topic that is deleted on the source comes back there, empty and with another number of partitions: MM2 creates it.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      MM2 only reads the source (with `offset-syncs.topic.location=target`). A topic that is deleted there stays deleted;
#             if anything brings it back it is one of its producers.
# Behaviour:  The task's consumer keeps its assigned partitions and asks for their metadata, and a consumer has
#             `allow.auto.create.topics=true`. A broker with `auto.create.topics.enable` (Kafka's default) makes the topic anew
#             within seconds, with the broker's number of partitions, before `refresh.topics.interval.seconds` takes it from
#             the task. With `source.consumer.allow.auto.create.topics=false` in the connector the topic stays deleted.
# Matters:    Whoever makes the topic anew with other partitions finds that it exists already, with the broker's defaults
#             (retention, cleanup.policy). Whoever retires topics one by one finds them again. A source user that has only Read
#             and Describe cannot create one; on a cluster without an authorizer every user can.
# Output:     orders is deleted, 30 s later: 1 partition, connector and tasks [RUNNING, RUNNING]
#             payments is deleted, 30 s later: no such topic, connector and tasks [RUNNING, RUNNING]
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

    static String partitions(String topic) throws Exception {
        if (!admin.listTopics().names().get().contains(topic)) return "no such topic";
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() + " partition";
    }

    static void delete(String topic, String more) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
        await("a leader", () -> end(topic) == 0);
        send(topic, "a");
        connector("Source", "\"topics\": \"" + topic + "\", \"sync.topic.acls.enabled\": \"false\", \"refresh.topics.interval.seconds\": \"60\","
            + "\"offset-syncs.topic.location\": \"target\"" + more);
        await("the copy", () -> end("east." + topic) == 1);
        admin.deleteTopics(List.of(topic)).all().get();
        Thread.sleep(30_000);
        System.out.println(topic + " is deleted, 30 s later: " + partitions(topic) + ", connector and tasks " + states("Source"));
    }

    static void see() throws Exception {
        startBroker();
        startConnect();
        delete("orders", "");
        delete("payments", ", \"source.consumer.allow.auto.create.topics\": \"false\"");
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
orders is deleted, 30 s later: 1 partition, connector and tasks [RUNNING, RUNNING]
payments is deleted, 30 s later: no such topic, connector and tasks [RUNNING, RUNNING]
EXPECTED

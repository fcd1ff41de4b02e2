#!/usr/bin/env bash
# A compacted topic of Kafka 3 becomes one that expires on Kafka 4, where one of its properties is refused there.
#
# Versions:   source org.apache.kafka:kafka_2.13 3.9.2, target and MM2 (connect-runtime, connect-mirror) 4.3.1, Java 17
#             or newer, Maven.
# Guess:      MM2 sets the properties that the target takes, or it does not copy the topic, or it fails.
# Behaviour:  MM2 creates a copy with all properties of the source topic, and later sets them in one request. Kafka 4
#             takes no segment.bytes below 1 MiB (KIP-1030) and refuses both as a whole. MM2's producer then asks for
#             the topic, and brokers with auto.create.topics.enable (Kafka's default) create it with their defaults:
#             cleanup.policy is delete, retention a week, partitions as the brokers like. Connector and task are
#             RUNNING; the worker's log has a warning an interval.
# Matters:    Small segments are usual for compacted topics. All records arrive, and after a week the target deletes
#             what the source keeps for ever. `config.properties.exclude` with the refused property mends it.
# Output:     connector and tasks: [RUNNING, RUNNING]
#             state: cleanup.policy=compact, segment.bytes=524288, retention.ms=604800000
#             east.state half a minute later: cleanup.policy=delete, segment.bytes=1073741824, retention.ms=604800000
#             east.state without segment.bytes: cleanup.policy=compact, segment.bytes=1073741824, retention.ms=604800000
set -euo pipefail
work=$(mktemp -d); broker=; trap 'kill $broker 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"
for version in 3.9.2 4.3.1; do
  more=$([ $version = 3.9.2 ] || printf '<dependency><groupId>org.apache.kafka</groupId><artifactId>%s</artifactId><version>4.3.1</version></dependency>' connect-runtime connect-mirror)
  cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>$more</dependencies></project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="jars-$version" >&2
done
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
older=$(port); controller=$(port)
cat > older.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
log.dirs=older
listeners=PLAINTEXT://127.0.0.1:$older,CONTROLLER://127.0.0.1:$controller
offsets.topic.replication.factor=1
PROPERTIES
java -cp "jars-3.9.2/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c older.properties >log 2>&1
java -Xmx256m -XX:+UseSerialGC -cp "jars-3.9.2/*" kafka.Kafka older.properties >older.log 2>&1 & broker=$!
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
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class See {
    static final int broker = free(), controller = free(), rest = free();
    static final String servers = "127.0.0.1:" + broker;
    static String older;
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
            + "\"source.cluster.alias\": \"east\", \"source.cluster.bootstrap.servers\": \"" + older + "\","
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
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", older), new StringSerializer(), new StringSerializer())) {
            for (var value : values) producer.send(new ProducerRecord<>(topic, 0, "key", value)).get();
        }
    }

    static void mirror(String excluded) throws Exception {
        connector("Source", "\"topics\": \"state\", \"config.properties.exclude\": \"" + excluded + "\","
            + "\"refresh.topics.interval.seconds\": \"1\", \"sync.topic.configs.interval.seconds\": \"1\", \"sync.topic.acls.enabled\": \"false\"");
    }

    static String properties(Admin admin, String topic) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        return Stream.of("cleanup.policy", "segment.bytes", "retention.ms").map(name -> name + "=" + config.get(name).value()).collect(Collectors.joining(", "));
    }

    public static void main(String[] arguments) throws Exception {
        Thread.currentThread().setUncaughtExceptionHandler((thread, failed) -> { failed.printStackTrace(); Runtime.getRuntime().halt(1); });
        older = arguments[0];
        source = Admin.create(Map.of("bootstrap.servers", older));
        await("the older broker", () -> source.describeCluster().nodes().get().size() == 1);
        startBroker();
        startConnect();
        source.createTopics(List.of(new NewTopic("state", 1, (short) 1).configs(Map.of("cleanup.policy", "compact", "segment.bytes", "524288")))).all().get();
        send("state", "a");
        mirror("none");
        await("the record", () -> end("east.state") == 1);
        Thread.sleep(30_000);
        System.out.println(states("Source"));
        System.out.println("state: " + properties(source, "state"));
        System.out.println("east.state half a minute later: " + properties(admin, "east.state"));
        mirror("segment.bytes");
        await("the policy", () -> properties(admin, "east.state").startsWith("cleanup.policy=compact"));
        System.out.println("east.state without segment.bytes: " + properties(admin, "east.state"));
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars-4.3.1/*" See.java 127.0.0.1:"$older" >seen 2>log || { tail -n 20 log >&2; exit 1; }
cat seen
diff seen - <<'EXPECTED'
connector and tasks: [RUNNING, RUNNING]
state: cleanup.policy=compact, segment.bytes=524288, retention.ms=604800000
east.state half a minute later: cleanup.policy=delete, segment.bytes=1073741824, retention.ms=604800000
east.state without segment.bytes: cleanup.policy=compact, segment.bytes=1073741824, retention.ms=604800000
EXPECTED

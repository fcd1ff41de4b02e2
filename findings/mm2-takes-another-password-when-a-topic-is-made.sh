#!/usr/bin/env bash
# Another password in a Secret reaches a running MM2 when a topic is made, and the right one does not come back with the Secret.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      A connector logs in with what its configuration said when somebody deployed or restarted it. A Secret may hold
#             another password for a moment, as in a rotation, while nobody touches Connect (Strimzi's reconciliation is paused).
# Behaviour:  Connect resolves `${file:...}` when a task starts, and MM2 restarts its tasks by itself: whenever it finds a topic or
#             partition, or misses one. Such a task logs in with what the Secret holds at that moment, is refused, and stays
#             RUNNING: MM2 takes that for a poll that failed. Once the Secret is right again nothing restarts the task.
# Matters:    A mirror stands still for as long as the task lives, although every state is RUNNING and the Secret is right. It takes
#             a topic that comes or goes between two steps of a rotation: change the user and the Secret together, and restart
#             the tasks (`strimzi.io/restart-connector-task`) where records wait.
# Output:     the right password: copied, connector and task [RUNNING, RUNNING]
#             another password in the file: copied, connector and task [RUNNING, RUNNING]
#             then a topic is made: not copied, connector and task [RUNNING, RUNNING]
#             the right password again: not copied, connector and task [RUNNING, RUNNING]
#             the task is restarted: copied, connector and task [RUNNING, RUNNING]
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
    static final int broker = free(), controller = free(), rest = free(), login = free();
    static final String servers = "127.0.0.1:" + broker, guarded = "127.0.0.1:" + login;
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
            "listeners=PLAINTEXT://" + servers + ",SASL_PLAINTEXT://" + guarded + ",CONTROLLER://127.0.0.1:" + controller, "group.initial.rebalance.delay.ms=0",
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
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter", "config.providers=file",
            "config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider"));
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
            + "\"source.cluster.alias\": \"east\", \"source.cluster.bootstrap.servers\": \"" + guarded + "\","
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

    static void password(String text) throws Exception {
        Files.writeString(Path.of("secret.properties"), "password=" + text + "\n");
    }

    static void records(String when) throws Exception {
        send("orders", when);
        var copied = false;
        for (var end = System.nanoTime() + 30_000_000_000L; !copied && System.nanoTime() < end; Thread.sleep(500)) copied = end("east.orders") >= end("orders");
        System.out.println(when + ": " + (copied ? "copied" : "not copied") + ", connector and task " + states("Source"));
    }

    static void see() throws Exception {
        var module = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
        startBroker("listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms=PLAIN", "listener.name.sasl_plaintext.plain.sasl.jaas.config=" + module + "user_mirror=right;");
        password("right");
        startConnect();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        connector("Source", "\"topics\": \"orders.*\", \"sync.topic.acls.enabled\": \"false\", \"refresh.topics.interval.seconds\": \"2\","
            + "\"offset-syncs.topic.location\": \"target\", \"source.cluster.security.protocol\": \"SASL_PLAINTEXT\","
            + "\"source.cluster.sasl.mechanism\": \"PLAIN\", \"source.cluster.sasl.jaas.config\": \"" + module
            + "username=mirror password=${file:" + Path.of("secret.properties").toAbsolutePath() + ":password};\"");
        await("the copy", () -> admin.listTopics().names().get().contains("east.orders") && states("Source").size() == 2);
        records("the right password");
        password("other");
        records("another password in the file");
        admin.createTopics(List.of(new NewTopic("orders-new", 1, (short) 1))).all().get();
        await("the new copy", () -> admin.listTopics().names().get().contains("east.orders-new"));
        Thread.sleep(10_000);
        records("then a topic is made");
        password("right");
        records("the right password again");
        await("a restart", () -> call("POST", "/connectors/Source/tasks/0/restart", "").statusCode() < 300);
        records("the task is restarted");
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
the right password: copied, connector and task [RUNNING, RUNNING]
another password in the file: copied, connector and task [RUNNING, RUNNING]
then a topic is made: not copied, connector and task [RUNNING, RUNNING]
the right password again: not copied, connector and task [RUNNING, RUNNING]
the task is restarted: copied, connector and task [RUNNING, RUNNING]
EXPECTED

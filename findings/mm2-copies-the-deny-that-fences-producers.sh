#!/usr/bin/env bash
# A DENY of Write that fences a source topic reaches its copy: it stops MM2's own task, and stays there when the fence is taken down.
#
# Versions:   org.apache.kafka:kafka_2.13 (KRaft, StandardAuthorizer), connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `sync.topic.acls.enabled` (true by default) is about who may read a copy: MM2 leaves permissions to write out, so that only MM2 writes
#             there. A fence by ACLs on the source keeps producers out of the source, and MM2 copies what is left.
# Behaviour:  MM2 leaves out ALLOW of Write, and turns ALLOW of All into Read. A DENY it copies as it is, for the copy's name, and it never
#             removes an ACL from the target. DENY goes before ALLOW, and `User:*` is also MM2's user: its task fails with
#             TopicAuthorizationException at the next record, if that user is no super user.
# Matters:    The drain that the fence is for never ends, and after a rollback the mirror still cannot write. With identical names the DENY is on
#             the topic to which producers are to write in the new region. The sync runs every 10 minutes by default, so a short rehearsal
#             does not show it. Fence with `sync.topic.acls.enabled=false`, or take the DENY from the target, too.
# Output:     before: orders [ALLOW WRITE User:shop], east.orders []
#             fenced: orders [ALLOW WRITE User:shop, DENY WRITE User:*], east.orders [DENY WRITE User:*]
#             a record that waited for the copy (sent by a super user): connector and tasks: [RUNNING, FAILED], east.orders has [a, b]
#             fence removed: orders [ALLOW WRITE User:shop], east.orders [DENY WRITE User:*]
#             task restarted: connector and tasks: [RUNNING, FAILED], east.orders has [a, b]
#             DENY removed from east.orders, task restarted: connector and tasks: [RUNNING, RUNNING], east.orders has [a, b, c]
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
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.resource.*;
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
        admin = Admin.create(as("root"));
        await("the broker", () -> admin.describeCluster().nodes().get().size() == 1);
    }

    static void startConnect() throws Exception {
        var storage = Stream.of("config", "offset", "status").map(s -> s + ".storage.topic=connect-" + s + "\n" + s + ".storage.replication.factor=1");
        Files.writeString(Path.of("connect.properties"), storage.collect(Collectors.joining("\n")) + "\n" + String.join("\n",
            properties("mirror", "", "producer.", "consumer.", "admin."), "listeners=http://127.0.0.1:" + rest, "group.id=connect", "offset.storage.partitions=1",
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
        var clusters = new StringBuilder();
        for (var alias : Map.of("source", "east", "target", "west").entrySet()) {
            var prefix = alias.getKey() + ".cluster.";
            clusters.append("\"" + prefix + "alias\": \"" + alias.getValue() + "\", ");
            as("mirror").forEach((key, value) -> clusters.append("\"" + prefix + key + "\": \"" + value.toString().replace("\"", "\\\"") + "\", "));
        }
        var config = "{\"connector.class\": \"org.apache.kafka.connect.mirror.Mirror" + name + "Connector\", \"tasks.max\": \"1\", " + clusters
            + "\"replication.factor\": \"1\", \"offset-syncs.topic.replication.factor\": \"1\", " + more + "}";
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
        try (var producer = new KafkaProducer<>(as("root"), new StringSerializer(), new StringSerializer())) {
            for (var value : values) producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
        }
    }

    static List<String> values(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(as("root"), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var seen = new ArrayList<String>();
            while (consumer.position(partition) < end(topic)) consumer.poll(Duration.ofSeconds(1)).forEach(record -> seen.add(record.value()));
            return seen;
        }
    }

    static String jaas(String user) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user + "\" password=\"example\";";
    }

    static Map<String, Object> as(String user) {
        return Map.of("bootstrap.servers", servers, "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config", jaas(user));
    }

    static String properties(String user, String... prefixes) {
        return Stream.of(prefixes).flatMap(prefix -> as(user).entrySet().stream().map(one -> prefix + one.getKey() + "=" + one.getValue()))
            .collect(Collectors.joining("\n"));
    }

    static AclBinding acl(ResourceType type, String name, String user, AclOperation operation, AclPermissionType permission) {
        return new AclBinding(new ResourcePattern(type, name, PatternType.LITERAL), new AccessControlEntry("User:" + user, "*", operation, permission));
    }

    static AclBinding deny(String topic) {
        return acl(ResourceType.TOPIC, topic, "*", AclOperation.WRITE, AclPermissionType.DENY);
    }

    static List<String> acls(String topic) throws Exception {
        var filter = new AclBindingFilter(new ResourcePatternFilter(ResourceType.TOPIC, topic, PatternType.LITERAL), AccessControlEntryFilter.ANY);
        return admin.describeAcls(filter).values().get().stream().map(AclBinding::entry)
            .map(one -> one.permissionType() + " " + one.operation() + " " + one.principal()).sorted().toList();
    }

    static void say(String what) throws Exception {
        System.out.println(what + ": orders " + acls("orders") + ", east.orders " + acls("east.orders"));
    }

    static void sayStates(String what) throws Exception {
        System.out.println(what + ": " + states("Source") + ", east.orders has " + values("east.orders"));
    }

    static void restartTask() throws Exception {
        await("the restart", () -> call("POST", "/connectors/Source/tasks/0/restart", "").statusCode() == 204);
    }

    static void see() throws Exception {
        startBroker("authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:root;User:ANONYMOUS",
            "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT", "inter.broker.listener.name=PLAINTEXT",
            "sasl.enabled.mechanisms=PLAIN", "sasl.mechanism.inter.broker.protocol=PLAIN", "listener.name.plaintext.plain.sasl.jaas.config="
            + jaas("root").replace(";", " user_root=\"example\" user_mirror=\"example\";"));
        var given = new ArrayList<>(List.of(acl(ResourceType.TOPIC, "orders", "shop", AclOperation.WRITE, AclPermissionType.ALLOW),
            acl(ResourceType.CLUSTER, "kafka-cluster", "mirror", AclOperation.ALL, AclPermissionType.ALLOW)));
        for (var type : List.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID))
            given.add(acl(type, "*", "mirror", AclOperation.ALL, AclPermissionType.ALLOW));
        admin.createAcls(given).all().get();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        await("a leader", () -> end("orders") == 0);
        send("orders", "a", "b");
        startConnect();
        connector("Source", "\"topics\": \"orders\", \"sync.topic.acls.interval.seconds\": \"1\"");
        await("the copies", () -> end("east.orders") == 2);
        Thread.sleep(5_000);
        say("before");
        admin.createAcls(List.of(deny("orders"))).all().get();
        await("an ACL on the copy", () -> !acls("east.orders").isEmpty());
        say("fenced");
        send("orders", "c");
        await("a failed task", () -> states("Source").contains("FAILED"));
        sayStates("a record that waited for the copy (sent by a super user)");
        admin.deleteAcls(List.of(deny("orders").toFilter())).all().get();
        Thread.sleep(10_000);
        say("fence removed");
        restartTask();
        await("the restarted task", () -> states("Source").contains("RUNNING, RUNNING"));
        await("a failed task", () -> states("Source").contains("FAILED"));
        sayStates("task restarted");
        admin.deleteAcls(List.of(deny("east.orders").toFilter())).all().get();
        restartTask();
        await("the third copy", () -> end("east.orders") == 3);
        sayStates("DENY removed from east.orders, task restarted");
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
before: orders [ALLOW WRITE User:shop], east.orders []
fenced: orders [ALLOW WRITE User:shop, DENY WRITE User:*], east.orders [DENY WRITE User:*]
a record that waited for the copy (sent by a super user): connector and tasks: [RUNNING, FAILED], east.orders has [a, b]
fence removed: orders [ALLOW WRITE User:shop], east.orders [DENY WRITE User:*]
task restarted: connector and tasks: [RUNNING, FAILED], east.orders has [a, b]
DENY removed from east.orders, task restarted: connector and tasks: [RUNNING, RUNNING], east.orders has [a, b, c]
EXPECTED

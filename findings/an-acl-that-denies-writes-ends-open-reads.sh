#!/usr/bin/env bash
# The first ACL on an open topic, a DENY of Write, also ends everybody's reads of that topic.
#
# Versions:   org.apache.kafka:kafka_2.13 4.3.1 (KRaft, StandardAuthorizer), Java 17 or newer, Maven.
# Guess:      With `allow.everyone.if.no.acl.found=true`, a DENY of Write for User:* stops producers and leaves readers.
# Behaviour:  "No ACL found" is asked per resource, not per operation: a topic that has any ACL is closed to everybody
#             whom no ALLOW names. Reading and describing it fail like writing does. Other topics stay open.
# Matters:    Who fences producers of a cluster with this setting by DENY ACLs, to drain it before a move, takes the
#             topic from its consumers and from the mirror that has to drain it. An ALLOW of Read for User:* beside
#             the DENY gives them back.
# Output:     no ACL: write yes, read yes
#             DENY Write: write TopicAuthorizationException, read TopicAuthorizationException
#             DENY Write, another topic: write yes, read yes
#             DENY Write, ALLOW Read: write TopicAuthorizationException, read yes
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > See.java <<'JAVA'
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.*;

public class See {
    static final int broker = free(), controller = free();
    static final String servers = "127.0.0.1:" + broker;

    static int free() {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (Exception refused) {
            throw new RuntimeException(refused);
        }
    }

    static Admin started() throws Exception {
        Files.writeString(Path.of("broker.properties"), String.join("\n", "process.roles=broker,controller", "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER", "log.dirs=data",
            "listeners=PLAINTEXT://" + servers + ",CONTROLLER://127.0.0.1:" + controller,
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found=true", "auto.create.topics.enable=false"));
        kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", "broker.properties"}, System.err);
        var thread = new Thread(() -> kafka.Kafka.main(new String[] {"broker.properties"}));
        thread.setDaemon(true);
        thread.start();
        var admin = Admin.create(Map.of("bootstrap.servers", servers));
        for (var end = System.nanoTime() + 120_000_000_000L; ; Thread.sleep(500)) {
            try {
                if (admin.describeCluster().nodes().get().size() == 1) return admin;
            } catch (Exception notYet) { }
            if (System.nanoTime() > end) throw new IllegalStateException("no broker within 120 s");
        }
    }

    static String write(String topic) throws Exception {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "a record")).get();
            return "yes";
        } catch (ExecutionException refused) {
            return refused.getCause().getClass().getSimpleName();
        }
    }

    static String read(String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", servers);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (var end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; ) {
                if (!consumer.poll(Duration.ofMillis(500)).isEmpty()) return "yes";
            }
            return "no record within 60 s";
        } catch (KafkaException refused) {
            return refused.getClass().getSimpleName();
        }
    }

    static void acl(Admin admin, AclOperation operation, AclPermissionType type) throws Exception {
        var topic = new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.LITERAL);
        admin.createAcls(List.of(new AclBinding(topic, new AccessControlEntry("User:*", "*", operation, type)))).all().get();
        Thread.sleep(3_000);  // the broker applies it from the metadata log
    }

    static void say(String what, String topic) throws Exception {
        System.out.println(what + ": write " + write(topic) + ", read " + read(topic));
    }

    public static void main(String[] arguments) throws Exception {
        try (var admin = started()) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("payments", 1, (short) 1))).all().get();
            say("no ACL", "orders");
            acl(admin, AclOperation.WRITE, AclPermissionType.DENY);
            say("DENY Write", "orders");
            say("DENY Write, another topic", "payments");
            acl(admin, AclOperation.READ, AclPermissionType.ALLOW);
            say("DENY Write, ALLOW Read", "orders");
        }
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
no ACL: write yes, read yes
DENY Write: write TopicAuthorizationException, read TopicAuthorizationException
DENY Write, another topic: write yes, read yes
DENY Write, ALLOW Read: write TopicAuthorizationException, read yes
EXPECTED

#!/usr/bin/env bash
# MM2 polls a source that refuses its login thousands of times a second, and logs each poll.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, log4j 2.25.3, Java 17 or newer, Maven.
# Guess:      Once the source refuses the password, the task fails with the AuthenticationException, and Connect reports
#             it as FAILED. Or it waits between two attempts, as `reconnect.backoff.max.ms` says.
# Behaviour:  Only the attempts to connect wait. Between them `consumer.poll` throws the exception of the last one at
#             once (`AbstractFetch.maybeThrowAuthFailure`). `MirrorSourceTask.poll` catches it (a KafkaException), logs
#             `Failure during poll.` with the exception and returns null, and Connect calls it again. Connector and task
#             are RUNNING. Once the login is accepted again, the task goes on by itself.
# Matters:    One task fills megabytes of log a second, and keeps a CPU core busy, for as long as a password, a
#             certificate or a host name is refused (of a certificate each message has 50 lines). Kubernetes rotates a
#             container's log at 10 MiB, so the lines that say why are gone after seconds; and nobody is told, because
#             every state is RUNNING.
# Output:     (seen on two busy cores in 10 s: 493009 failed polls, 91707208 bytes of log, 5.1 s of CPU)
#             accepted: [RUNNING, RUNNING], no poll failed in 10 s
#             refused: [RUNNING, RUNNING], more than 1000 polls failed in 10 s
#             accepted again: [RUNNING, RUNNING], the next record is mirrored
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.3</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.3</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > log4j2.properties <<'LOG4J'
appender.console.type = Console
appender.console.name = STDOUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1}:%L - %m%n
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = STDOUT
LOG4J
cat > See.java <<'JAVA'
import java.io.*;
import java.net.URI;
import java.net.http.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.*;
import java.util.regex.Pattern;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.serialization.StringSerializer;

public class See {
    static final int east = free(), west = free(), rest = free();
    static final Map<String, Object> administrator = login("admin", "admin-secret");
    static final AtomicLong failures = new AtomicLong(), bytes = new AtomicLong();
    static final List<Process> processes = new ArrayList<>();

    static int free() {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (Exception refused) {
            throw new RuntimeException(refused);
        }
    }

    static String jaas(String user, String password, String more) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user
            + "\" password=\"" + password + "\"" + more + ";";
    }

    static Map<String, Object> login(String user, String password) {
        return Map.of("bootstrap.servers", "127.0.0.1:" + east, "security.protocol", "SASL_PLAINTEXT",
            "sasl.mechanism", "PLAIN", "sasl.jaas.config", jaas(user, password, ""));
    }

    static Process java(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("java", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dlog4j2.configurationFile=log4j2.properties", "-cp", "jars/*"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    /** Counts what a process writes, and keeps none of it. */
    static void count(Process process) {
        var thread = new Thread(() -> {
            try (var lines = process.inputReader()) {
                for (String line; (line = lines.readLine()) != null; bytes.addAndGet(line.length() + 1)) {
                    if (line.endsWith("Failure during poll.")) failures.incrementAndGet();
                }
            } catch (IOException ended) { }
        });
        thread.setDaemon(true);
        thread.start();
    }

    static Process broker(String name, int port, String listener, String... more) throws Exception {
        var file = name + ".properties";
        var controller = free();
        Files.writeString(Path.of(file), String.join("\n", "process.roles=broker,controller", "node.id=1", "log.dirs=data-" + name,
            "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER",
            "listeners=" + listener + "://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
            "inter.broker.listener.name=" + listener, "group.initial.rebalance.delay.ms=0",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=1", String.join("\n", more)));
        if (!Files.exists(Path.of("data-" + name))) {
            kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file}, System.err);
        }
        var process = java("kafka.Kafka", file);
        count(process);
        return process;
    }

    static Process source(String password) throws Exception {
        var users = " user_admin=\"admin-secret\" user_mirror=\"" + password + "\"";
        var process = broker("east", east, "SASL_PLAINTEXT", "sasl.enabled.mechanisms=PLAIN",
            "sasl.mechanism.inter.broker.protocol=PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config=" + jaas("admin", "admin-secret", users));
        await("the source", () -> {
            try (var admin = Admin.create(administrator)) {
                return admin.describeCluster().nodes().get().size() == 1;
            }
        });
        return process;
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        for (var end = System.nanoTime() + 300_000_000_000L; System.nanoTime() < end; Thread.sleep(250)) {
            try {
                if (condition.call()) return;
            } catch (Exception notYet) { }
        }
        throw new IllegalStateException("not seen within 300 s: " + what);
    }

    static HttpResponse<String> call(String method, String path, String body) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + rest + path))
            .header("Content-Type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    static List<String> states() throws Exception {
        var status = call("GET", "/connectors/mirror/status", "").body();
        return Pattern.compile("\"state\":\"(\\w+)\"").matcher(status).results().map(m -> m.group(1)).toList();
    }

    static void send(String value) throws Exception {
        try (var producer = new KafkaProducer<>(administrator, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", 0, null, value)).get();
        }
    }

    static void awaitCopies(long count) throws Exception {
        var partition = new TopicPartition("east.orders", 0);
        try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + west))) {
            await(count + " copies", () ->
                admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset() == count);
        }
    }

    /** Counts the polls that fail in 10 s. */
    static String watched(Process connect) throws Exception {
        long failed = failures.get(), written = bytes.get();
        var cpu = connect.info().totalCpuDuration().get();
        Thread.sleep(10_000);
        failed = failures.get() - failed;
        System.err.println("seen in 10 s: " + failed + " failed polls, " + (bytes.get() - written) + " bytes of log, "
            + connect.info().totalCpuDuration().get().minus(cpu) + " of CPU");
        var count = failed == 0 ? "no poll failed" : failed > 1000 ? "more than 1000 polls failed" : failed + " polls failed";
        return states() + ", " + count + " in 10 s";
    }

    static void observe() throws Exception {
        var source = source("first");
        broker("west", west, "PLAINTEXT");
        try (var admin = Admin.create(administrator)) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        }
        send("one");
        var storage = Stream.of("config", "offset", "status").map(s -> s + ".storage.topic=connect-" + s + "\n" + s + ".storage.replication.factor=1");
        Files.writeString(Path.of("connect.properties"), storage.collect(Collectors.joining("\n")) + "\n" + String.join("\n",
            "bootstrap.servers=127.0.0.1:" + west, "listeners=http://127.0.0.1:" + rest, "group.id=connect",
            "offset.storage.partitions=1", "status.storage.partitions=1", "plugin.discovery=service_load",
            "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter"));
        var connect = java("org.apache.kafka.connect.cli.ConnectDistributed", "connect.properties");
        count(connect);
        var config = "{\"connector.class\": \"org.apache.kafka.connect.mirror.MirrorSourceConnector\", \"tasks.max\": \"1\","
            + "\"source.cluster.alias\": \"east\", \"target.cluster.alias\": \"west\","
            + "\"target.cluster.bootstrap.servers\": \"127.0.0.1:" + west + "\","
            + login("mirror", "first").entrySet().stream().map(one -> "\"source.cluster." + one.getKey() + "\": \""
                + one.getValue().toString().replace("\"", "\\\"") + "\",").collect(Collectors.joining())
            + "\"topics\": \"orders\", \"replication.factor\": \"1\", \"offset-syncs.topic.replication.factor\": \"1\","
            + "\"offset-syncs.topic.location\": \"target\", \"sync.topic.acls.enabled\": \"false\"}";
        await("the connector", () -> call("PUT", "/connectors/mirror/config", config).statusCode() < 300);
        awaitCopies(1);
        System.out.println("accepted: " + watched(connect));
        source.destroyForcibly().waitFor();
        source = source("second");
        await("a refused login", () -> failures.get() > 0);
        System.out.println("refused: " + watched(connect));
        source.destroyForcibly().waitFor();
        source("first");
        send("two");
        awaitCopies(2);
        System.out.println("accepted again: " + states() + ", the next record is mirrored");
    }

    public static void main(String[] arguments) throws Exception {
        try {
            observe();
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=OFF -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
grep "seen in" log >&2
diff seen - <<'EXPECTED'
accepted: [RUNNING, RUNNING], no poll failed in 10 s
refused: [RUNNING, RUNNING], more than 1000 polls failed in 10 s
accepted again: [RUNNING, RUNNING], the next record is mirrored
EXPECTED

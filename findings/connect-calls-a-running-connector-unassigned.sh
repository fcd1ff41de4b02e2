#!/usr/bin/env bash
# After an outage of its broker, Connect can show a connector as UNASSIGNED for as long as it runs.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      A connector that stays UNASSIGNED runs on no worker, and a worker that takes it over says RUNNING. The status topic
#             ends in what holds: Connect compares generations before it writes (`KafkaStatusBackingStore.putSafe`).
# Behaviour:  A worker that loses its broker gives its connector up, and hands UNASSIGNED to its producer, which tries without
#             end. Connect compares generations when the state is handed on, not when it is written. If that worker gets through
#             after the one that took the connector over, its UNASSIGNED is the newest record. Nothing writes the state again
#             before the connector starts again; the task, which the same worker runs, is RUNNING.
# Matters:    Strimzi reports this state in the KafkaMirrorMaker2, and its automatic restart acts on FAILED only. An alert on
#             "not RUNNING" fires until somebody restarts the connector, who searches for a worker that is missing. Here the
#             worker is held for a while; with MM2, two workers and a broker that hung for a minute it happened by itself.
# Output:     before: connector RUNNING on a, task RUNNING on a
#             broker back, worker a still held: connector RUNNING on b, task RUNNING on b
#             worker a back: connector UNASSIGNED on a, task RUNNING on b
#             45 s later, 40 or more heartbeats: connector UNASSIGNED on a, task RUNNING on b
#             restarted: connector RUNNING on b, task RUNNING on b
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
import org.apache.kafka.common.*;

public class See {
    static final int broker = free(), controller = free(), a = free(), b = free();
    static final String servers = "127.0.0.1:" + broker;
    static final List<Process> processes = new ArrayList<>();

    static int free() {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (Exception refused) {
            throw new RuntimeException(refused);
        }
    }

    static Process java(String name, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("java", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"));
        command.addAll(List.of(arguments));
        var output = new java.io.File(name + ".log");
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
        processes.add(process);
        return process;
    }

    static void signal(String name, Process process) throws Exception {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        for (var end = System.nanoTime() + 300_000_000_000L; System.nanoTime() < end; Thread.sleep(250)) {
            try {
                if (condition.call()) return;
            } catch (Exception notYet) { }
        }
        throw new IllegalStateException("not seen within 300 s: " + what);
    }

    static Process worker(String name, int port) throws Exception {
        var storage = Stream.of("config", "offset", "status").map(s -> s + ".storage.topic=connect-" + s + "\n" + s + ".storage.replication.factor=1");
        Files.writeString(Path.of(name), storage.collect(Collectors.joining("\n")) + "\n" + String.join("\n",
            "bootstrap.servers=" + servers, "listeners=http://127.0.0.1:" + port, "group.id=connect", "offset.storage.partitions=1",
            "status.storage.partitions=1", "scheduled.rebalance.max.delay.ms=0", "plugin.discovery=service_load",
            "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter"));
        var started = java(name + ".worker", "org.apache.kafka.connect.cli.ConnectDistributed", name);
        await("worker " + name, () -> call(port, "GET", "/health", "").statusCode() == 200);
        return started;
    }

    static HttpResponse<String> call(int port, String method, String path, String body) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(java.time.Duration.ofSeconds(20)).header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    static String seen() throws Exception {
        var status = call(b, "GET", "/connectors/beat/status", "").body();
        var states = Pattern.compile("\"state\":\"(\\w+)\",\"worker_id\":\"127.0.0.1:(\\d+)\"").matcher(status).results()
            .map(m -> m.group(1) + " on " + (m.group(2).equals("" + a) ? "a" : "b")).toList();
        return "connector " + states.get(0) + ", task " + states.get(1);
    }

    static void told(String when, String expected) throws Exception {
        await(expected, () -> seen().equals(expected));
        System.out.println(when + ": " + seen());
    }

    static void see() throws Exception {
        Files.writeString(Path.of("broker.properties"), String.join("\n", "process.roles=broker,controller", "node.id=1", "log.dirs=data",
            "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER",
            "listeners=PLAINTEXT://" + servers + ",CONTROLLER://127.0.0.1:" + controller, "group.initial.rebalance.delay.ms=0",
            "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=1"));
        kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", "broker.properties"}, System.err);
        var kafka = java("kafka", "kafka.Kafka", "broker.properties");
        var admin = Admin.create(Map.of("bootstrap.servers", servers));
        await("the broker", () -> admin.describeCluster().nodes().get().size() == 1);
        var first = worker("a", a);
        var config = "{\"connector.class\": \"org.apache.kafka.connect.mirror.MirrorHeartbeatConnector\", \"tasks.max\": \"1\","
            + "\"source.cluster.alias\": \"east\", \"target.cluster.alias\": \"west\", \"heartbeats.topic.replication.factor\": \"1\","
            + "\"source.cluster.bootstrap.servers\": \"" + servers + "\", \"target.cluster.bootstrap.servers\": \"" + servers + "\"}";
        await("the connector", () -> call(a, "PUT", "/connectors/beat/config", config).statusCode() < 300);
        worker("b", b);
        told("before", "connector RUNNING on a, task RUNNING on a");

        signal("STOP", kafka);
        Thread.sleep(75_000);  // both workers give up after 13 s, and what they had sent by then times out after 30 s
        signal("STOP", first);
        signal("CONT", kafka);
        told("broker back, worker a still held", "connector RUNNING on b, task RUNNING on b");
        signal("CONT", first);
        told("worker a back", "connector UNASSIGNED on a, task RUNNING on b");

        var partition = new TopicPartition("heartbeats", 0);
        Callable<Long> end = () -> admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset();
        var before = end.call();
        Thread.sleep(45_000);
        var beats = end.call() - before;
        System.out.println("45 s later, " + (beats >= 40 ? "40 or more" : beats) + " heartbeats: " + seen());
        call(b, "POST", "/connectors/beat/restart", "");
        told("restarted", "connector RUNNING on b, task RUNNING on b");
    }

    public static void main(String[] arguments) {
        var code = 1;
        try {
            see();
            code = 0;
        } catch (Throwable failed) {
            failed.printStackTrace();
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        Runtime.getRuntime().halt(code);
    }
}
JAVA
java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
before: connector RUNNING on a, task RUNNING on a
broker back, worker a still held: connector RUNNING on b, task RUNNING on b
worker a back: connector UNASSIGNED on a, task RUNNING on b
45 s later, 40 or more heartbeats: connector UNASSIGNED on a, task RUNNING on b
restarted: connector RUNNING on b, task RUNNING on b
EXPECTED

#!/usr/bin/env bash
# A stopped MM2 connector is reported as RUNNING for most of a minute if its source is dead, with no task left.
#
# Versions:   org.apache.kafka:kafka_2.13, connect-runtime, connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `PUT /connectors/X/stop` takes seconds, as with a source that answers; a connector that is still RUNNING
#             after half a minute is still copying, or the worker hangs.
# Behaviour:  The task is gone from the status within seconds. The connector stays RUNNING until its scheduler has
#             ended (`Scheduler.close`), and the refresh of topics waits for the dead cluster until the Admin client's
#             `default.api.timeout.ms` of 60 s. The request itself was answered at once.
# Matters:    A failover that waits for STOPPED before it lets clients go on waits for the cluster that it leaves. One
#             that takes RUNNING for "still copying" never goes on. The tasks say whether anything is copied.
# Output:     alive: HTTP 204, no task: in seconds, STOPPED: in seconds
#             dead: HTTP 204, no task: in seconds, STOPPED: 20 to 100 seconds later
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
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.Uuid;

public class See {
    static final int rest = free();

    record Cluster(String name, int broker, int controller) {
        String servers() { return "127.0.0.1:" + broker; }

        Process started() throws Exception {
            var file = name + ".properties";
            Files.writeString(Path.of(file), String.join("\n", "process.roles=broker,controller", "node.id=1", "log.dirs=data-" + name,
                "controller.quorum.voters=1@127.0.0.1:" + controller, "controller.listener.names=CONTROLLER",
                "listeners=PLAINTEXT://" + servers() + ",CONTROLLER://127.0.0.1:" + controller, "group.initial.rebalance.delay.ms=0",
                "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=1", "transaction.state.log.min.isr=1",
                "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=1"));
            kafka.tools.StorageTool.execute(new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file}, System.err);
            return java(name, "kafka.Kafka", file);
        }
    }

    static int free() {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (Exception refused) {
            throw new RuntimeException(refused);
        }
    }

    static final List<Process> processes = new ArrayList<>();

    static Process java(String name, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("java", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"));
        command.addAll(List.of(arguments));
        var output = new java.io.File(name + ".log");
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
        processes.add(process);
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

    static String status() throws Exception { return call("GET", "/connectors/mirror/status", "").body(); }

    static void waitForTask() throws Exception { await("a task", () -> status().contains("\"tasks\":[{\"id\":0,\"state\":\"RUNNING\"")); }

    static String said(long seconds) {
        System.err.println(seconds + " s");
        return seconds < 20 ? "in seconds" : seconds <= 100 ? "20 to 100 seconds later" : seconds + " seconds later";
    }

    static void stop(String source) throws Exception {
        var code = call("PUT", "/connectors/mirror/stop", "").statusCode();
        var began = System.nanoTime();
        await("no task", () -> status().contains("\"tasks\":[]"));
        var gone = (System.nanoTime() - began) / 1_000_000_000;
        await("the stop", () -> status().contains("\"connector\":{\"state\":\"STOPPED\""));
        var stopped = (System.nanoTime() - began) / 1_000_000_000;
        System.out.println(source + ": HTTP " + code + ", no task: " + said(gone) + ", STOPPED: " + said(stopped));
    }

    static void observe() throws Exception {
        var east = new Cluster("east", free(), free());
        var west = new Cluster("west", free(), free());
        var source = east.started();
        west.started();
        var admin = Admin.create(Map.of("bootstrap.servers", east.servers()));
        await("the source", () -> admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get() == null);
        var storage = Stream.of("config", "offset", "status").map(s -> s + ".storage.topic=connect-" + s + "\n" + s + ".storage.replication.factor=1");
        Files.writeString(Path.of("connect.properties"), storage.collect(Collectors.joining("\n")) + "\n" + String.join("\n",
            "bootstrap.servers=" + west.servers(), "listeners=http://127.0.0.1:" + rest, "group.id=connect",
            "offset.storage.partitions=1", "status.storage.partitions=1", "plugin.discovery=service_load",
            "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter"));
        java("connect", "org.apache.kafka.connect.cli.ConnectDistributed", "connect.properties");
        var config = "{\"connector.class\": \"org.apache.kafka.connect.mirror.MirrorSourceConnector\", \"tasks.max\": \"1\","
            + "\"source.cluster.alias\": \"east\", \"source.cluster.bootstrap.servers\": \"" + east.servers() + "\","
            + "\"target.cluster.alias\": \"west\", \"target.cluster.bootstrap.servers\": \"" + west.servers() + "\","
            + "\"topics\": \"orders\", \"replication.factor\": \"1\", \"offset-syncs.topic.replication.factor\": \"1\","
            + "\"offset-syncs.topic.location\": \"target\", \"refresh.topics.interval.seconds\": \"1\"}";
        await("the connector", () -> call("PUT", "/connectors/mirror/config", config).statusCode() < 300);
        waitForTask();
        stop("alive");
        call("PUT", "/connectors/mirror/resume", "");
        waitForTask();
        source.destroyForcibly().waitFor();
        Thread.sleep(5_000);  // a refresh of topics, one a second, has met the dead cluster
        stop("dead");
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
java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "jars/*" See.java 2>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
alive: HTTP 204, no task: in seconds, STOPPED: in seconds
dead: HTTP 204, no task: in seconds, STOPPED: 20 to 100 seconds later
EXPECTED

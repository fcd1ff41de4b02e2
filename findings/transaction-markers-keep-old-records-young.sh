#!/usr/bin/env bash
# The marker of a transaction makes old records young: retention keeps them, and MAX_TIMESTAMP dates them by the commit.
#
# Versions:   org.apache.kafka:kafka_2.13 4.3.1, Java 17 or newer, Maven.
# Guess:      `retention.ms` and ListOffsets with MAX_TIMESTAMP (KIP-734) go by the timestamps of the records. Copies have the
#             timestamps of the originals (as MM2's have), so they expire with them, and the newest one shows how far a mirror is.
# Behaviour:  A commit writes a control batch with the broker's time into each partition. A segment's largest timestamp counts
#             it as any other batch. So a segment lives until `retention.ms` after its last commit, whatever its records' age is,
#             and MAX_TIMESTAMP answers with the offset of a marker, where no record is. A look for the first offset since a time
#             finds the marker, too.
# Matters:    A mirror with exactly-once writes markers: records that the source deletes after 7 days are on the target for up to 7
#             days after they were copied, which counts where data must be gone by a date. Tools that take the lag of a mirror
#             in seconds from MAX_TIMESTAMP of both sides see none, or a negative one, however old the newest copy is.
# Output:     plain: offsets 0 to 2 are [120 minutes old]; MAX_TIMESTAMP: offset 0, 120 minutes old; since an hour ago: offset -1
#             transactions: offsets 0 to 2 are [120 minutes old]; MAX_TIMESTAMP: offset 3, 0 minutes old; since an hour ago: offset 3
#             plain, with a retention of 60 minutes: 0 of 3 records left
#             transactions, with a retention of 60 minutes: 3 of 3 records left
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
import java.util.concurrent.Callable;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class See {
    static final int broker = free(), controller = free();
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

    static long now;

    static ListOffsetsResult.ListOffsetsResultInfo offset(String topic, OffsetSpec spec) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
    }

    static String age(long timestamp) {
        return Math.round((now - timestamp) / 60_000.0) + " minutes old";
    }

    static void write(String topic, boolean transaction) throws Exception {
        var config = new HashMap<String, Object>(Map.of("bootstrap.servers", servers));
        if (transaction) config.put("transactional.id", "copies");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            if (transaction) producer.initTransactions();
            if (transaction) producer.beginTransaction();
            for (var value : List.of("a", "b", "c")) producer.send(new ProducerRecord<>(topic, 0, now - 7_200_000, null, value)).get();
            if (transaction) producer.commitTransaction();
        }
    }

    static int records(String topic, Set<String> ages) throws Exception {
        var partition = new TopicPartition(topic, 0);
        var found = 0;
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < offset(topic, OffsetSpec.latest()).offset()) for (var record : consumer.poll(Duration.ofSeconds(1))) {
                ages.add(age(record.timestamp()));
                found++;
            }
        }
        return found;
    }

    static void say(String topic) throws Exception {
        var ages = new TreeSet<String>();
        var count = records(topic, ages);
        var newest = offset(topic, OffsetSpec.maxTimestamp());
        var since = offset(topic, OffsetSpec.forTimestamp(now - 3_600_000));
        System.out.println(topic + ": offsets 0 to " + (count - 1) + " are " + ages + "; MAX_TIMESTAMP: offset " + newest.offset() + ", "
            + age(newest.timestamp()) + "; since an hour ago: offset " + since.offset());
    }

    static void see() throws Exception {
        startBroker("log.retention.check.interval.ms=1000", "log.initial.task.delay.ms=1000");
        now = System.currentTimeMillis();
        var topics = List.of("plain", "transactions");
        admin.createTopics(topics.stream().map(topic -> new NewTopic(topic, 1, (short) 1)).toList()).all().get();
        for (var topic : topics) {
            await("a leader", () -> offset(topic, OffsetSpec.latest()).offset() == 0);
            write(topic, topic.equals("transactions"));
            say(topic);
        }
        for (var topic : topics) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "3600000"), AlterConfigOp.OpType.SET)))).all().get();
        }
        await("the retention of an hour", () -> offset("plain", OffsetSpec.earliest()).offset() == 3);
        Thread.sleep(15_000);
        for (var topic : topics) System.out.println(topic + ", with a retention of 60 minutes: " + records(topic, new TreeSet<>()) + " of 3 records left");
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
plain: offsets 0 to 2 are [120 minutes old]; MAX_TIMESTAMP: offset 0, 120 minutes old; since an hour ago: offset -1
transactions: offsets 0 to 2 are [120 minutes old]; MAX_TIMESTAMP: offset 3, 0 minutes old; since an hour ago: offset 3
plain, with a retention of 60 minutes: 0 of 3 records left
transactions, with a retention of 60 minutes: 3 of 3 records left
EXPECTED

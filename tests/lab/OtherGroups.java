import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.internals.AsyncKafkaConsumer;
import org.apache.kafka.clients.consumer.internals.StreamsRebalanceData;
import org.apache.kafka.clients.consumer.internals.StreamsRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Makes groups of the types of KIP-1071 and KIP-932, with the group protocol that Kafka Streams and share consumers use. Told on
 * stdin, where nobody else reads along, each word as hex of UTF-8: `property NAME VALUE`, then `streams GROUP TOPIC OFFSET`, which
 * joins, commits and leaves, or `share GROUP TOPIC`. Answers `done GROUP` to each.
 */
public class OtherGroups {
    public static void main(String[] args) throws Exception {
        Map<String, Object> properties = new HashMap<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("property")) {
                properties.put(text(words[1]), text(words[2]));
            } else if (words[0].equals("streams")) {
                streams(properties, text(words[1]), text(words[2]), Long.parseLong(text(words[3])));
                System.out.println("done " + words[1]);
            } else if (words[0].equals("share")) {
                share(properties, text(words[1]), text(words[2]));
                System.out.println("done " + words[1]);
            }
        }
    }

    private static void streams(Map<String, Object> given, String group, String topic, long offset) {
        Map<String, Object> properties = properties(given, group);
        properties.put("group.protocol", "consumer");
        properties.put("enable.auto.commit", "false");
        StreamsRebalanceData data = new StreamsRebalanceData(UUID.randomUUID(), Optional.empty(), Optional.empty(),
                Map.of("0", new StreamsRebalanceData.Subtopology(Set.of(topic), Set.of(), Map.of(), Map.of(), Set.of())), Map.of());
        boolean[] assigned = {false};
        try (AsyncKafkaConsumer<byte[], byte[]> consumer = new AsyncKafkaConsumer<>(new ConsumerConfig(properties),
                new ByteArrayDeserializer(), new ByteArrayDeserializer(), Optional.of(data))) {
            consumer.subscribe(Set.of(topic), new StreamsRebalanceListener() {
                public void onTasksRevoked(Set<StreamsRebalanceData.TaskId> tasks) { }
                public void onTasksAssigned(StreamsRebalanceData.Assignment assignment) {
                    assigned[0] = assigned[0] || !assignment.activeTasks().isEmpty();
                }
                public void onAllTasksLost() { }
            });
            long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (!assigned[0]) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("no task was assigned in time");
                }
                consumer.poll(Duration.ofMillis(200));
            }
            consumer.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)));
        }
    }

    private static void share(Map<String, Object> given, String group, String topic) {
        try (KafkaShareConsumer<byte[], byte[]> consumer = new KafkaShareConsumer<>(properties(given, group))) {
            consumer.subscribe(List.of(topic));
            for (int polls = 0; polls < 5; polls++) {
                consumer.poll(Duration.ofMillis(500));
            }
        }
    }

    private static Map<String, Object> properties(Map<String, Object> given, String group) {
        Map<String, Object> properties = new HashMap<>(given);
        properties.put("group.id", group);
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return properties;
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }
}

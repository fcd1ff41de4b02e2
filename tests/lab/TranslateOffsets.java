import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;

/**
 * What RemoteClusterUtils translates. Told on stdin, where nobody else reads along: `property NAME VALUE`, then `group ALIAS NAME`,
 * each word as hex of UTF-8. Answers: `answer GROUP TOPIC PARTITION OFFSET METADATA`, words as hex again.
 */
public class TranslateOffsets {
    public static void main(String[] args) throws Exception {
        Map<String, Object> properties = new HashMap<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("property")) {
                properties.put(text(words[1]), text(words[2]));
            } else if (words[0].equals("group")) {
                Map<TopicPartition, OffsetAndMetadata> found =
                        RemoteClusterUtils.translateOffsets(properties, text(words[1]), text(words[2]), Duration.ofSeconds(30));
                Map<String, String> sorted = new TreeMap<>();
                found.forEach((one, offset) -> sorted.put(one.toString(), "answer " + words[2] + " " + hex(one.topic()) + " "
                        + one.partition() + " " + offset.offset() + " " + hex(offset.metadata())));
                sorted.values().forEach(System.out::println);
            }
        }
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}

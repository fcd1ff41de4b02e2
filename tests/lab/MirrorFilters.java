package org.apache.kafka.connect.mirror;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * MM2's filters and replication policies, asked over stdin, one answer a line. Every text is hex of UTF-8. The class is in MM2's package
 * because `MirrorSourceConnector.shouldReplicateTopic` is visible only there.
 *
 * topics INCLUDE EXCLUDE NAME...           -> 1 or 0 for each name, or `refused`; EXCLUDE `-`: MM2's default
 * groups INCLUDE EXCLUDE NAME...           -> the same
 * topic POLICY SEPARATOR SOURCE TARGET NAME -> formatRemoteTopic, topicSource and upstreamTopic (`-` for null), isInternalTopic, and whether
 *                                             the connector mirrors the topic when its filter takes all
 */
public class MirrorFilters {
    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            System.out.println(words[0].equals("topic") ? topic(words) : filtered(words));
        }
    }

    private static String filtered(String[] words) {
        Map<String, Object> properties = new HashMap<>(Map.of(words[0], text(words[1])));
        if (!words[2].equals("-")) {
            properties.put(words[0] + ".exclude", text(words[2]));
        }
        DefaultTopicFilter topics = new DefaultTopicFilter();
        DefaultGroupFilter groups = new DefaultGroupFilter();
        try {
            topics.configure(properties);
            groups.configure(properties);
        } catch (RuntimeException refused) {
            return "refused";
        }
        StringBuilder answer = new StringBuilder();
        for (int index = 3; index < words.length; index++) {
            String name = text(words[index]);
            boolean taken = words[0].equals("topics") ? topics.shouldReplicateTopic(name) : groups.shouldReplicateGroup(name);
            answer.append(taken ? '1' : '0');
        }
        return answer.toString();
    }

    private static String topic(String[] words) {
        DefaultReplicationPolicy policy = words[1].equals("identity") ? new IdentityReplicationPolicy() : new DefaultReplicationPolicy();
        String source = text(words[3]);
        String target = text(words[4]);
        String name = text(words[5]);
        policy.configure(Map.of("replication.policy.separator", text(words[2]), "source.cluster.alias", source));
        MirrorSourceConnector connector =
                new MirrorSourceConnector(new SourceAndTarget(source, target), policy, any -> true, new DefaultConfigPropertyFilter());
        return String.join(" ", hex(policy.formatRemoteTopic(source, name)), hex(policy.topicSource(name)), hex(policy.upstreamTopic(name)),
                policy.isInternalTopic(name) ? "1" : "0", connector.shouldReplicateTopic(name) ? "1" : "0");
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    private static String hex(String text) {
        return text == null ? "-" : HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}

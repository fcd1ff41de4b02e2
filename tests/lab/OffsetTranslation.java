package org.apache.kafka.connect.mirror;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Kafka's own classes, asked over stdin, one answer a line. It stands in their package because what it asks is theirs alone.
 *
 * sync TOPIC PARTITION UPSTREAM DOWNSTREAM            -> key and value of the record, hex
 * checkpoint GROUP TOPIC PARTITION UP DOWN METADATA   -> key and value of the record, hex (fields are hex of UTF-8)
 * store ONLY_NEWEST LOADED UP:DOWN,... QUERY,...      -> kept syncs, newest first; translation of each query
 */
public class OffsetTranslation {
    private static final TopicPartition ONE = new TopicPartition("orders", 0);

    private static final class Store extends OffsetSyncStore {
        private final String[] syncs;
        private final int loaded;

        Store(String[] syncs, int loaded) {
            this.syncs = syncs;
            this.loaded = loaded;
        }

        @Override
        void backingStoreStart() {
            read(0, loaded);
        }

        void read(int from, int to) {
            for (int i = from; i < to; i++) {
                String[] pair = syncs[i].split(":");
                OffsetSync sync = new OffsetSync(ONE, Long.parseLong(pair[0]), Long.parseLong(pair[1]));
                handleRecord(new ConsumerRecord<>("syncs", 0, i, sync.recordKey(), sync.recordValue()));
            }
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "sync" -> {
                    OffsetSync sync = new OffsetSync(new TopicPartition(text(words[1]), Integer.parseInt(words[2])),
                            Long.parseLong(words[3]), Long.parseLong(words[4]));
                    System.out.println(hex(sync.recordKey()) + " " + hex(sync.recordValue()));
                }
                case "checkpoint" -> {
                    Checkpoint one = new Checkpoint(text(words[1]), new TopicPartition(text(words[2]), Integer.parseInt(words[3])),
                            Long.parseLong(words[4]), Long.parseLong(words[5]), text(words[6]));
                    System.out.println(hex(one.recordKey()) + " " + hex(one.recordValue()));
                }
                case "store" -> System.out.println(store(words));
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private static String store(String[] words) {
        String[] syncs = words[3].split(",");
        Store store = new Store(syncs, Integer.parseInt(words[2]));
        store.start(Boolean.parseBoolean(words[1]));
        store.read(Integer.parseInt(words[2]), syncs.length);
        StringBuilder answer = new StringBuilder();
        OffsetSync last = null;
        for (int i = 0; i < OffsetSyncStore.SYNCS_PER_PARTITION; i++) {
            OffsetSync sync = store.syncFor(ONE, i);
            if (sync != last) {
                answer.append(last == null ? "" : ",").append(sync.upstreamOffset()).append(":").append(sync.downstreamOffset());
            }
            last = sync;
        }
        for (String query : words[4].split(",")) {
            answer.append(" ").append(store.translateDownstream("group", ONE, Long.parseLong(query)).orElse(-1));
        }
        return answer.toString();
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

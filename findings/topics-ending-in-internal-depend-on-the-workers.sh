#!/usr/bin/env bash
# Whether MM2 mirrors a topic called `payments-internal` depends on the version of the Connect workers.
#
# Versions:   org.apache.kafka:connect-mirror 3.9.1 and 4.3.1, Java 17 or newer, Maven.
# Guess:      `.*` mirrors every topic but MM2's own; a newer MM2 mirrors the same topics as an older one.
# Behaviour:  Up to 3.9 each topic that ends in `.internal` or `-internal` is taken for an internal one, by the policy
#             and by the default exclude `.*[\-\.]internal`. From KIP-1074 (4.0) on only MM2's own names are.
# Matters:    An upgrade of the workers (AMQ Streams 2.x to Strimzi with Kafka 4) makes MM2 mirror more topics, and
#             before the upgrade a check that waits for such a topic on the target waits for ever.
# Output:     3.9.1: payments-internal internal=true mirrored=false
#             4.3.1: payments-internal internal=false mirrored=true
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > Ask.java <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.mirror.DefaultReplicationPolicy;
import org.apache.kafka.connect.mirror.DefaultTopicFilter;

public class Ask {
    public static void main(String[] arguments) {
        var policy = new DefaultReplicationPolicy();
        policy.configure(Map.of());
        var filter = new DefaultTopicFilter();
        filter.configure(Map.of("topics", ".*"));
        var topic = "payments-internal";
        System.out.println(arguments[0] + ": " + topic + " internal=" + policy.isInternalTopic(topic)
            + " mirrored=" + (filter.shouldReplicateTopic(topic) && !policy.isInternalTopic(topic)));
    }
}
JAVA
for version in 3.9.1 4.3.1; do
  cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>$version</version></dependency></dependencies></project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="jars-$version" >&2
  java -cp "jars-$version/*" Ask.java "$version" 2>/dev/null
done | tee seen
diff seen - <<'EXPECTED'
3.9.1: payments-internal internal=true mirrored=false
4.3.1: payments-internal internal=false mirrored=true
EXPECTED

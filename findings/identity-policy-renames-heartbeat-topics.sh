#!/usr/bin/env bash
# IdentityReplicationPolicy keeps every topic name, except names that end in "heartbeats".
#
# Versions:   org.apache.kafka:connect-mirror-client 4.3.1 and 3.9.1, Java 17 or newer, Maven.
# Guess:      With the identity policy topic T of the source is topic T on the target.
# Behaviour:  `formatRemoteTopic("east", "device-heartbeats")` is `east.device-heartbeats`: the policy looks for
#             heartbeat topics by the end of the name, not by MM2's own name `heartbeats`. For the copy it answers
#             upstream `device-heartbeats`; for the source topic's own name it answers no source (null).
# Matters:    A team's topic with such a name is the one that changes its name in a migration that keeps names:
#             ACLs with the old name or prefix, and clients, miss it on the target.
# Output:     orders -> orders
#             device-heartbeats -> east.device-heartbeats
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > Ask.java <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.mirror.IdentityReplicationPolicy;

public class Ask {
    public static void main(String[] arguments) {
        var policy = new IdentityReplicationPolicy();
        policy.configure(Map.of("source.cluster.alias", "east"));
        for (var topic : new String[] {"orders", "device-heartbeats"})
            System.out.println(topic + " -> " + policy.formatRemoteTopic("east", topic));
        System.out.println("source of device-heartbeats: " + policy.topicSource("device-heartbeats"));
    }
}
JAVA
for version in 4.3.1 3.9.1; do
  cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror-client</artifactId><version>$version</version></dependency></dependencies></project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="jars-$version" >&2
  echo "$version"
  java -cp "jars-$version/*" Ask.java 2>/dev/null
done | tee seen
diff seen - <<'EXPECTED'
4.3.1
orders -> orders
device-heartbeats -> east.device-heartbeats
source of device-heartbeats: null
3.9.1
orders -> orders
device-heartbeats -> east.device-heartbeats
source of device-heartbeats: null
EXPECTED

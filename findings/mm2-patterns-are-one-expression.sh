#!/usr/bin/env bash
# MirrorMaker 2 joins the entries of a pattern list with "|" into one regular expression.
#
# Versions:   org.apache.kafka:connect-mirror 4.3.1, Java 17 or newer, Maven.
# Guess:      `topics: "(a)x\1,(b)y\1"` is two patterns; each is compiled by itself, as two list entries would be.
# Behaviour:  The list becomes `(a)x\1|(b)y\1`. Capture groups are numbered over the whole list, so `\1` of the
#             second entry means the group of the first one: topic `byb` matches the second pattern alone, and
#             not in the list. A comma inside braces also separates entries: `a{1,3}` is the two entries `a{1` and
#             `3}`, and the connector fails to start.
# Matters:    A tool that predicts which topics are mirrored entry by entry predicts other topics than MM2 mirrors.
#             A pattern that was tried alone stops to match when somebody adds another entry before it.
# Output:     alone: byb=true
#             in a list: axa=true byb=false
#             braces: PatternSyntaxException
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>4.3.1</version></dependency></dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
cat > Ask.java <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.mirror.DefaultTopicFilter;

public class Ask {
    public static void main(String[] arguments) {
        var filter = new DefaultTopicFilter();
        filter.configure(Map.of("topics", "(b)y\\1"));
        System.out.println("alone: byb=" + filter.shouldReplicateTopic("byb"));
        filter.configure(Map.of("topics", "(a)x\\1,(b)y\\1"));
        System.out.println("in a list: axa=" + filter.shouldReplicateTopic("axa") + " byb=" + filter.shouldReplicateTopic("byb"));
        try {
            filter.configure(Map.of("topics", "a{1,3}"));
            System.out.println("braces: accepted");
        } catch (java.util.regex.PatternSyntaxException refused) {
            System.out.println("braces: PatternSyntaxException");
        }
    }
}
JAVA
java -cp "jars/*" Ask.java 2>/dev/null | tee seen
diff seen - <<'EXPECTED'
alone: byb=true
in a list: axa=true byb=false
braces: PatternSyntaxException
EXPECTED

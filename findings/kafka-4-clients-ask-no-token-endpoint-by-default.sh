#!/usr/bin/env bash
# A Kafka client with OAuth that works with 3.9 asks its own token endpoint no more with 4.x.
#
# Versions:   org.apache.kafka:kafka-clients 3.9.1 and 4.3.1, confluent-kafka 2.16.0, Java 17 or newer, Maven, Python 3.
# Guess:      `sasl.oauthbearer.token.endpoint.url` says which endpoint a client asks; nothing else is needed, and the
#             same properties serve Connect's workers of every version, as they serve librdkafka.
# Behaviour:  Since 4.0 the URL must also be in the system property
#             org.apache.kafka.sasl.oauthbearer.allowed.urls of the JVM; it is empty by default. Without it the client
#             is not made, and the endpoint is never asked. librdkafka has no such list.
# Matters:    Strimzi 1.0 has no authentication type `oauth`; with `custom` the properties reach the connectors, but the
#             system property goes elsewhere (spec.jvmOptions.javaSystemProperties). A mirror that is upgraded with
#             its workers from 3.9 fails to log in, while every tool of librdkafka still shows the login as good.
# Output:     3.9.1: asked=true refused=-
#             4.3.1: asked=false refused=ConfigException
#             4.3.1 with the property: asked=true refused=-
#             librdkafka: asked=True
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > Ask.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;

public class Ask {
    public static void main(String[] arguments) throws Exception {
        var asked = new AtomicBoolean();
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])), 0);
        server.createContext("/", exchange -> {
            asked.set(true);
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        server.start();
        var refused = "-";
        try (var admin = Admin.create(Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "OAUTHBEARER",
                "sasl.login.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
                "sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:" + arguments[1] + "/token",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                    + " clientId=\"mirror\" clientSecret=\"secret\";"))) {
        } catch (Exception error) {
            for (Throwable one = error; one != null; one = one.getCause())
                if (String.valueOf(one.getMessage()).contains("allowed.urls"))
                    refused = one.getClass().getSimpleName();
        }
        server.stop(0);
        System.out.println(arguments[0] + ": asked=" + asked.get() + " refused=" + refused);
        System.exit(0);
    }
}
JAVA
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
for version in 3.9.1 4.3.1; do
  cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId><version>$version</version></dependency>
<dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>2.19.2</version></dependency>
<dependency><groupId>org.bitbucket.b_c</groupId><artifactId>jose4j</artifactId><version>0.9.6</version></dependency>
</dependencies></project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="jars-$version" >&2
done
{
  java -cp "jars-3.9.1/*" Ask.java 3.9.1 "$port"
  java -cp "jars-4.3.1/*" Ask.java 4.3.1 "$port"
  java "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=http://127.0.0.1:$port/token" \
    -cp "jars-4.3.1/*" Ask.java "4.3.1 with the property" "$port"
  python3 -m venv venv >&2
  venv/bin/pip -q install confluent-kafka==2.16.0 >&2
  venv/bin/python - "$port" <<'PYTHON'
import http.server, sys, threading
from confluent_kafka.admin import AdminClient

asked = threading.Event()


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked.set()
        self.send_error(401)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
admin = AdminClient({
    "bootstrap.servers": "127.0.0.1:1",
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "OAUTHBEARER",
    "sasl.oauthbearer.method": "oidc",
    "sasl.oauthbearer.token.endpoint.url": f"http://127.0.0.1:{sys.argv[1]}/token",
    "sasl.oauthbearer.client.id": "mirror",
    "sasl.oauthbearer.client.secret": "secret",
    "log_level": 0,
})
print(f"librdkafka: asked={asked.wait(20)}")
PYTHON
} 2>errors | tee seen || { cat errors; exit 1; }
diff seen - <<'EXPECTED'
3.9.1: asked=true refused=-
4.3.1: asked=false refused=ConfigException
4.3.1 with the property: asked=true refused=-
librdkafka: asked=True
EXPECTED

#!/usr/bin/env bash
# One denied Write ends an idempotent producer of kafka-python or aiokafka: it refuses each record also once it may write again.
#
# Versions:   org.apache.kafka:kafka_2.13 4.3.1 (KRaft, StandardAuthorizer), kafka-python 3.0.12, aiokafka 0.14.0 and confluent-kafka 2.16.1
#             (PyPI), Java 17 or newer, Python 3.11.
# Guess:      TOPIC_AUTHORIZATION_FAILED is about one record. When the ACL is back, the same producer goes on, with idempotence as
#             without it: so it is with librdkafka.
# Behaviour:  kafka-python (idempotent by default) takes the error for fatal, and repeats it for each later record without asking the
#             broker. aiokafka has counted the denied record: from then on the broker misses a sequence number, and answers each
#             record with OutOfOrderSequenceNumber. Both need a new producer. Without idempotence both go on.
# Matters:    A fence by ACLs is meant to be taken back: after the rollback of a move, and at its end on the other side, where copied
#             users may write from then on. These producers must be started anew then, although all permissions are right.
# Output:     librdkafka, idempotent: accepted; denied: TOPIC_AUTHORIZATION_FAILED; allowed: accepted; 10 s later: accepted; anew: accepted
#             kafka-python: accepted; denied: TopicAuthorizationFailedError; allowed: accepted; 10 s later: accepted; anew: accepted
#             kafka-python, idempotent: accepted; denied: TopicAuthorizationFailedError; allowed: TopicAuthorizationFailedError; 10 s later: TopicAuthorizationFailedError; anew: accepted
#             aiokafka: accepted; denied: TopicAuthorizationFailedError; allowed: accepted; 10 s later: accepted; anew: accepted
#             aiokafka, idempotent: accepted; denied: TopicAuthorizationFailedError; allowed: OutOfOrderSequenceNumber; 10 s later: OutOfOrderSequenceNumber; anew: accepted
set -euo pipefail
work=$(mktemp -d); cd "$work"
trap 'kill -9 $(cat "$work"/*.pid) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >&2
python3 -m venv venv && venv/bin/pip install -q confluent-kafka==2.16.1 kafka-python==3.0.12 aiokafka==0.14.0 >&2
cat > see.py <<'PYTHON'
import asyncio, pathlib, socket, subprocess, time
import aiokafka, confluent_kafka, kafka
from confluent_kafka import KafkaException
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, NewTopic,
                                   ResourcePatternType, ResourceType)

def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]

open_server, server, controller = (f"127.0.0.1:{free()}" for _ in range(3))
java = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"]
pathlib.Path("broker.properties").write_text("\n".join([
    "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@{controller}", "controller.listener.names=CONTROLLER",
    f"listeners=PLAINTEXT://{open_server},SASL_PLAINTEXT://{server},CONTROLLER://{controller}", "log.dirs=data",
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms=PLAIN", "listener.name.sasl_plaintext.plain.sasl.jaas.config="
    "org.apache.kafka.common.security.plain.PlainLoginModule required user_app=example;",
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:ANONYMOUS"]))
subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", "broker.properties"],
               check=True, stdout=subprocess.DEVNULL)
broker = subprocess.Popen([*java, "kafka.Kafka", "broker.properties"], stdout=open("log", "a"), stderr=subprocess.STDOUT)
pathlib.Path("broker.pid").write_text(str(broker.pid))
admin = AdminClient({"bootstrap.servers": open_server, "log_level": 0})
end = time.monotonic() + 120
while True:
    try:
        admin.list_topics(timeout=10)
        break
    except KafkaException:
        if time.monotonic() > end:
            raise

def acl(topic, operation, permission, kind=AclBinding):
    return kind(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:app", "*", operation, permission)

def done(futures):
    for one in futures.values():
        one.result()

def by_librdkafka(topic):
    producer = confluent_kafka.Producer({"bootstrap.servers": server, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                                         "sasl.username": "app", "sasl.password": "example", "enable.idempotence": True, "log_level": 0})
    def send():
        told = []
        try:
            producer.produce(topic, b"record", partition=0, on_delivery=lambda error, _: told.append(error and error.name()))
        except KafkaException as refused:
            return refused.args[0].name()
        producer.flush(30)
        return told[0] or "accepted"
    return send

def by_kafka_python(idempotent):
    def made(topic):
        producer = kafka.KafkaProducer(bootstrap_servers=server, security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN",
                                       sasl_plain_username="app", sasl_plain_password="example", enable_idempotence=idempotent)
        def send():
            try:
                producer.send(topic, b"record", partition=0).get(30)
                return "accepted"
            except Exception as refused:
                return type(refused).__name__
        return send
    return made

loop = asyncio.new_event_loop()

def by_aiokafka(idempotent):
    def made(topic):
        async def start():
            producer = aiokafka.AIOKafkaProducer(bootstrap_servers=server, security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN",
                                                 sasl_plain_username="app", sasl_plain_password="example", enable_idempotence=idempotent)
            await producer.start()
            return producer
        producer = loop.run_until_complete(start())
        def send():
            try:
                loop.run_until_complete(producer.send_and_wait(topic, b"record", partition=0))
                return "accepted"
            except Exception as refused:
                return type(refused).__name__
        return send
    return made

makers = {"librdkafka, idempotent": by_librdkafka, "kafka-python": by_kafka_python(False), "kafka-python, idempotent": by_kafka_python(True),
          "aiokafka": by_aiokafka(False), "aiokafka, idempotent": by_aiokafka(True)}
senders = {}
for number, (name, made) in enumerate(makers.items()):
    topic = f"topic-{number}"
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()
    done(admin.create_acls([acl(topic, AclOperation.ALL, AclPermissionType.ALLOW)]))
    time.sleep(1)
    send = made(topic)
    before = send()
    done(admin.create_acls([acl(topic, AclOperation.WRITE, AclPermissionType.DENY)]))
    time.sleep(1)
    denied = send()
    done(admin.delete_acls([acl(topic, AclOperation.WRITE, AclPermissionType.DENY, AclBindingFilter)]))
    time.sleep(1)
    again = send()
    time.sleep(10)
    print(f"{name}: {before}; denied: {denied}; allowed: {again}; 10 s later: {send()}; anew: {made(topic)()}", flush=True)
PYTHON
venv/bin/python see.py 2>>log | tee seen || { tail -n 20 log >&2; exit 1; }
diff seen - <<'EXPECTED'
librdkafka, idempotent: accepted; denied: TOPIC_AUTHORIZATION_FAILED; allowed: accepted; 10 s later: accepted; anew: accepted
kafka-python: accepted; denied: TopicAuthorizationFailedError; allowed: accepted; 10 s later: accepted; anew: accepted
kafka-python, idempotent: accepted; denied: TopicAuthorizationFailedError; allowed: TopicAuthorizationFailedError; 10 s later: TopicAuthorizationFailedError; anew: accepted
aiokafka: accepted; denied: TopicAuthorizationFailedError; allowed: accepted; 10 s later: accepted; anew: accepted
aiokafka, idempotent: accepted; denied: TopicAuthorizationFailedError; allowed: OutOfOrderSequenceNumber; 10 s later: OutOfOrderSequenceNumber; anew: accepted
EXPECTED

"""Fetches Kafka and Strimzi's Java parts with Maven, and has Strimzi's own generator write its CRDs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.toolchain.cache import key_of
from lab.toolchain.graph import Job
from lab.toolchain.jdk import Jdk

POM = Path(__file__).parent / "maven" / "pom.xml"

AGENTS = "agents"
"""The folder of jars that are not on the class path, beside those that are."""

OLDER_KAFKA = "older-kafka"
OLDER_VERSION = "3.9.2"
"""Of the last series before Kafka 4.0. The pom's other versions serve it, too."""
_OLDER = (f"-Dkafka.version={OLDER_VERSION}", "-DexcludeArtifactIds=slf4j-reload4j")

# In full, since Maven says less of what went wrong when it cannot resolve the short form.
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin"

# The classes that Strimzi's generator makes definitions from, by the file each becomes.
_MODEL = "io.strimzi.api.kafka.model"
DEFINITIONS = {
    "kafka": f"{_MODEL}.kafka.Kafka",
    "kafkaconnect": f"{_MODEL}.connect.KafkaConnect",
    "kafkaconnector": f"{_MODEL}.connector.KafkaConnector",
    "kafkamirrormaker2": f"{_MODEL}.mirrormaker2.KafkaMirrorMaker2",
    "kafkanodepool": f"{_MODEL}.nodepool.KafkaNodePool",
    "kafkatopic": f"{_MODEL}.topic.KafkaTopic",
    "kafkauser": f"{_MODEL}.user.KafkaUser",
    "strimzipodset": f"{_MODEL}.podset.StrimziPodSet",
}

# The last release that served `kafka.strimzi.io/v1beta2` alone, and of its definitions those that v1beta2
# declarations are tried against; the lab installs none of them. Not in the pom: Kafka's key hangs on that.
V1BETA2 = "v1beta2"
V1BETA2_API = "io.strimzi:api:0.48.0"
V1BETA2_DEFINITIONS = ("kafka", "kafkaconnect", "kafkaconnector", "kafkamirrormaker2", "kafkauser")

# As Strimzi's own build calls it, so that the result is the release's, byte for byte. Maven Central has no
# generator of older releases; the newer one leaves out their `deprecated: false`, which is the default.
_GENERATOR = (
    "io.strimzi.crdgenerator.CrdGenerator",
    *("--label", "app:strimzi", "--label", "strimzi.io/crd-install:true"),
    *("--target-kube", "1.16+", "--crd-api-version", "v1"),
)


def kafka_key() -> str:
    """The key of Kafka's jars: the pom alone."""
    return key_of(["kafka", POM.read_bytes(), AGENTS])


def older_kafka_key() -> str:
    """The key of the older Kafka's jars."""
    return key_of([OLDER_KAFKA, POM.read_bytes(), AGENTS, *_OLDER])


def crds_key() -> str:
    """The key of the CRDs: the pom and what is generated how."""
    which = (*DEFINITIONS, *DEFINITIONS.values(), V1BETA2_API, *V1BETA2_DEFINITIONS)
    return key_of(["crds", POM.read_bytes(), *_GENERATOR, *which])


def environment(env: Mapping[str, str], jdk: Jdk) -> dict[str, str]:
    """The user's environment (settings, proxies, MAVEN_OPTS) with the JDK that was found new enough."""
    return {**env, "JAVA_HOME": str(jdk.home)}


def arguments(root: Path) -> list[str]:
    """What every call of `mvn` gets: quiet, never asking, its repository in the cache."""
    return ["-B", "-ntp", "-Dstyle.color=never", f"-Dmaven.repo.local={root / 'm2'}", "-f", str(POM)]


def fetch_kafka(
    maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job, *properties: str
) -> None:
    """Copies the class path of brokers, Connect and MirrorMaker 2 into the job's directory, and the JMX
    exporter's agent into a folder of it: the agent brings classes that Strimzi's metrics reporter has in
    another version. `properties` stand above those of the pom.
    """
    _copy_dependencies("kafka", job.out, maven, jdk, root, env, job, *properties)
    (job.out / AGENTS).mkdir()
    for agent in job.out.glob("*_javaagent-*.jar"):
        agent.rename(job.out / AGENTS / agent.name)


def fetch_older_kafka(maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job) -> None:
    """The same of the older Kafka, with the newer one's binding of slf4j: the lab has one configuration."""
    fetch_kafka(maven, jdk, root, env, job, *_OLDER)


def generate_crds(maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job) -> None:
    """Writes one YAML file a CRD into the job's directory, and those of v1beta2 into a folder of it."""
    jars, older = job.out / "jars", job.out / V1BETA2
    _copy_dependencies("crds", jars, maven, jdk, root, env, job)
    _generate(f"{jars}/*", "v1", DEFINITIONS, job.out, jdk, env, job)
    (generator,) = jars.glob("crd-generator-*.jar")
    copy = (f"-Dartifact={V1BETA2_API}", f"-DoutputDirectory={older / 'jars'}")
    job.run([maven, *arguments(root), f"{PLUGIN}:copy", *copy], cwd=job.out, env=environment(env, jdk))
    definitions = {name: DEFINITIONS[name] for name in V1BETA2_DEFINITIONS}
    _generate(f"{older}/jars/*{os.pathsep}{generator}", V1BETA2, definitions, older, jdk, env, job)
    shutil.rmtree(older / "jars")
    shutil.rmtree(jars)


def _generate(
    class_path: str,
    version: str,
    definitions: Mapping[str, str],
    to: Path,
    jdk: Jdk,
    env: Mapping[str, str],
    job: Job,
) -> None:
    versions = ("--api-versions", version, "--storage-version", version, "--yaml")
    files = [f"{model}={to / name}.yaml" for name, model in definitions.items()]
    java = jdk.home / "bin" / "java"
    job.run([java, "-cp", class_path, *_GENERATOR, *versions, *files], cwd=job.out, env=env)


def _copy_dependencies(
    profile: str,
    to: Path,
    maven: Path,
    jdk: Jdk,
    root: Path,
    env: Mapping[str, str],
    job: Job,
    *properties: str,
) -> None:
    job.run(
        [
            maven,
            *arguments(root),
            *properties,
            *(f"-P{profile}", f"{PLUGIN}:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={to}"),
        ],
        cwd=job.out,
        env=environment(env, jdk),
    )

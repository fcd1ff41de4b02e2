"""Fetches Kafka and Strimzi's Java parts with Maven, and has Strimzi's own generator write its CRDs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.toolchain.cache import key_of
from lab.toolchain.graph import Job
from lab.toolchain.jdk import Jdk

POM = Path(__file__).parent / "maven" / "pom.xml"

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

# As Strimzi's own build calls it, so that the result is the release's, byte for byte.
_GENERATOR = (
    "io.strimzi.crdgenerator.CrdGenerator",
    *("--label", "app:strimzi", "--label", "strimzi.io/crd-install:true"),
    *("--target-kube", "1.16+", "--crd-api-version", "v1", "--api-versions", "v1", "--storage-version", "v1"),
    "--yaml",
)


def kafka_key() -> str:
    """The key of Kafka's jars: the pom alone."""
    return key_of(["kafka", POM.read_bytes()])


def crds_key() -> str:
    """The key of the CRDs: the pom and what is generated how."""
    return key_of(["crds", POM.read_bytes(), *_GENERATOR, *DEFINITIONS, *DEFINITIONS.values()])


def environment(env: Mapping[str, str], jdk: Jdk) -> dict[str, str]:
    """The user's environment (settings, proxies, MAVEN_OPTS) with the JDK that was found new enough."""
    return {**env, "JAVA_HOME": str(jdk.home)}


def arguments(root: Path) -> list[str]:
    """What every call of `mvn` gets: quiet, never asking, its repository in the cache."""
    return ["-B", "-ntp", "-Dstyle.color=never", f"-Dmaven.repo.local={root / 'm2'}", "-f", str(POM)]


def fetch_kafka(maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job) -> None:
    """Copies the class path of brokers, Connect and MirrorMaker 2 into the job's directory."""
    _copy_dependencies("kafka", job.out, maven, jdk, root, env, job)


def generate_crds(maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job) -> None:
    """Writes one YAML file a CRD into the job's directory."""
    jars = job.out / "jars"
    _copy_dependencies("crds", jars, maven, jdk, root, env, job)
    files = [f"{model}={job.out / name}.yaml" for name, model in DEFINITIONS.items()]
    job.run([jdk.home / "bin" / "java", "-cp", f"{jars}/*", *_GENERATOR, *files], cwd=job.out, env=env)
    shutil.rmtree(jars)


def _copy_dependencies(
    profile: str, to: Path, maven: Path, jdk: Jdk, root: Path, env: Mapping[str, str], job: Job
) -> None:
    job.run(
        [
            maven,
            *arguments(root),
            *(f"-P{profile}", f"{PLUGIN}:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={to}"),
        ],
        cwd=job.out,
        env=environment(env, jdk),
    )

"""One run of the program: which resources, under which parents, in which order, with which time to wait."""

from __future__ import annotations

from settings.load import load
from tests.program.conftest import BASELINE, Declare, Declared, Program
from tests.program.every_setting import every_setting
from tests.unit.settings.sample import settings


def test_every_part_is_there(declare: Declare) -> None:
    program = declare(settings())
    assert sorted((resource.kind, resource.name) for resource in program.resources) == [
        ("Attempt", "east-to-west"),
        ("Baseline", "east-to-west"),
        ("ConfigMap", "east-to-west-baseline"),
        ("ConfigMap", "east-to-west-last-look"),
        ("DestroyGuard", "east-to-west"),
        ("DestroyGuard", "east-to-west-first"),
        ("DestroyGuards", "east-to-west"),
        ("DestroyGuards", "east-to-west-first"),
        ("FirstDeployment", "east-to-west"),
        ("FirstDeployment", "east-to-west"),
        ("Identities", "east-to-west"),
        ("KafkaMirrorMaker2", "east-to-west"),
        ("KafkaUser", "east-to-west"),
        ("KafkaUser", "east-to-west-verifier"),
        ("KafkaUser", "west/orders-consumer"),
        ("KafkaUser", "west/orders-producer"),
        ("KafkaUsers", "east-to-west"),
        ("MirrorIdentities", "east-to-west"),
        ("MirrorMaker2", "east-to-west"),
        ("MirrorVerification", "east-to-west"),
        ("RegionMirror", "east-to-west"),
        ("Resource", "east-to-west"),
        ("Secret", "east-to-west-east-cluster-ca-cert"),
        ("Secret", "east-to-west-east-user"),
        ("Secret", "east-to-west-orders-consumer-password"),
        ("Secret", "east-to-west-orders-producer-password"),
        ("SourceBaseline", "east-to-west"),
        ("SourceCredentials", "east-to-west"),
        ("kubernetes", "west"),
    ]


def test_everything_hangs_below_the_region_mirror(declare: Declare) -> None:
    program = declare(settings())
    top = program.one("RegionMirror")
    parts = {resource.urn for resource in program.resources if resource.parent == top.urn}
    for resource in program.resources:
        if resource not in (top, program.one("kubernetes")):
            assert resource.parent in {top.urn, *parts}, resource


def test_mirror_maker_waits_for_secrets_and_users(declare: Declare) -> None:
    program = declare(settings())
    mirror_maker = program.one("KafkaMirrorMaker2")
    assert urns(program, "Secret", "KafkaUser") <= mirror_maker.after


def test_the_baseline_is_taken_before_mirror_maker_starts_and_kept_beside_it(declare: Declare) -> None:
    program = declare(settings())
    kept = program.one("ConfigMap", "east-to-west-baseline")
    assert {program.one("Baseline").urn, kept.urn} <= program.one("KafkaMirrorMaker2").after
    assert kept.inputs["binaryData"] == {"baseline": BASELINE["content"]}
    assert kept.inputs["data"] == {"about": BASELINE["about"]}


def test_verification_comes_last(declare: Declare) -> None:
    program = declare(settings())
    assert urns(program, "Secret", "KafkaUser", "KafkaMirrorMaker2") <= program.one("Resource").after


def test_verification_knows_which_mirror_maker_it_is_about(declare: Declare) -> None:
    assert declare(settings()).one("Resource").inputs["deployed"] == "5f3c/1"


def test_nothing_is_deleted_before_the_guard_has_agreed(declare: Declare) -> None:
    program = declare(load(every_setting()))
    first = program.one("DestroyGuard", "east-to-west-first")
    needed = first.after.union(*(one.after for one in program.resources))
    components = {one.urn for one in program.resources if one.type.startswith("region-mirror:index:")}
    providers = {one.urn for one in program.of("kubernetes")}
    # Pulumi deletes a component after its children, and a provider after its resources.
    assert {one.urn for one in program.resources} - needed - components - providers == {first.urn}


def test_a_mirror_that_was_never_proven_is_guarded(declare: Declare) -> None:
    program = declare(settings())
    guard = program.one("DestroyGuard", "east-to-west")
    assert urns(program, "Secret", "KafkaUser", "KafkaMirrorMaker2") <= guard.after
    assert guard.urn in program.one("Resource").after
    assert program.one("Resource").urn not in guard.after


def test_a_user_waits_for_its_password(declare: Declare) -> None:
    program = declare(settings())
    password = program.one("Secret", "east-to-west-orders-consumer-password")
    assert password.urn in program.one("KafkaUser", "west/orders-consumer").after


def test_users_are_awaited_for_minutes_not_for_ever(declare: Declare) -> None:
    users = declare(settings()).of("KafkaUser")
    assert users
    for user in users:
        assert user.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"
        assert user.timeouts == {"create": "180s", "update": "180s"}


def test_mirror_maker_is_judged_by_verification_and_not_by_ready(declare: Declare) -> None:
    assert not waits(declare(settings()).one("KafkaMirrorMaker2"))


def test_without_verification_mirror_maker_has_to_be_ready(declare: Declare) -> None:
    program = declare(settings(verification__enabled=False))
    assert not program.of("MirrorVerification")
    assert waits(program.one("KafkaMirrorMaker2"))
    assert program.outputs["verification"] == "not verified: verification.enabled is false"


def test_a_paused_mirror_is_not_verified(declare: Declare) -> None:
    program = declare(settings(mirror__state="paused"))
    assert not program.of("MirrorVerification")
    assert program.outputs["verification"] == "not verified: mirror.state is paused"


def test_nobody_copied_is_fine(declare: Declare) -> None:
    program = declare(settings(users__copy=[]))
    assert {user.name for user in program.of("KafkaUser")} == {"east-to-west", "east-to-west-verifier"}
    assert len(program.of("Secret")) == 2


def test_a_tls_user_gets_no_password(declare: Declare) -> None:
    program = declare(settings(users__copy=["tls-producer"]))
    assert "password" not in program.one("KafkaUser", "west/tls-producer").inputs["spec"]["authentication"]
    assert len(program.of("Secret")) == 2


def test_secrets_and_config_maps_change_in_place_on_the_target(declare: Declare) -> None:
    provider = declare(settings(target__context="west-admin")).one("kubernetes")
    assert provider.inputs["enableSecretMutable"] == "true"
    assert provider.inputs["enableConfigMapMutable"] == "true"
    assert provider.inputs["enableServerSideApply"] == "true"
    assert provider.inputs["kubeconfig"] == ".lab/west/kubeconfig"
    assert provider.inputs["context"] == "west-admin"


def test_without_a_kubeconfig_the_ambient_one_is_used(declare: Declare) -> None:
    assert "kubeconfig" not in declare(settings(target__kubeconfig=None)).one("kubernetes").inputs


def urns(program: Program, *kinds: str) -> set[str]:
    return {resource.urn for kind in kinds for resource in program.of(kind)}


def waits(resource: Declared) -> bool:
    return "pulumi.com/waitFor" in resource.inputs["metadata"].get("annotations", {})


def test_a_retired_mirror_takes_its_phase_from_the_cutover_that_wrote_it(declare: Declare) -> None:
    for phase, forced in (("replicate", False), ("promoted", False), ("retired", True)):
        program = declare(settings(mirror__phase=phase))
        annotations = program.one("KafkaMirrorMaker2").inputs["metadata"]["annotations"]
        assert ("pulumi.com/patchForce" in annotations) == forced, phase
        others = program.one("KafkaUser", "west/orders-consumer").inputs["metadata"]["annotations"]
        assert "pulumi.com/patchForce" not in others


def test_a_cutover_by_up_comes_before_everything_that_it_must_not_overtake(declare: Declare) -> None:
    program = declare(settings(mirror__phase="promoted", cutover__by_up=True))
    cutover = program.one("Cutover").urn
    for kind in ("KafkaUser", "KafkaMirrorMaker2", "Secret", "ConfigMap", "Baseline", "DestroyGuard"):
        for resource in program.of(kind):
            assert cutover in resource.after, resource.name
    assert not declare(settings(mirror__phase="promoted")).of("Cutover")
    assert not declare(settings(cutover__by_up=True)).of("Cutover")

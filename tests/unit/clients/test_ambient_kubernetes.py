"""Without a kubeconfig in the stack file, the same Kubernetes is read that kubectl and Pulumi would take."""

from __future__ import annotations

from pathlib import Path

import pytest
from lightkube.config import kubeconfig as lightkubes

from mirror.clients import kubeconfig
from mirror.problems import CouldNotRun
from tests.unit.support.pki import issue

TOKEN = "t0k3nOfAPod"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any kubeconfig, and no pod."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a pod: its service account is mounted."""
    account = tmp_path / "serviceaccount"
    account.mkdir()
    for name, content in (("token", TOKEN), ("namespace", "kafka"), ("ca.crt", issue("kubernetes").pem)):
        (account / name).write_text(content)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    from_env = lightkubes.KubeConfig.from_env.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(from_env, "__defaults__", (account, tmp_path / "none"))


def written(file: Path, name: str) -> Path:
    """A kubeconfig with one context."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"""\
apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "https://{name}:6443"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
users: [{{name: u, user: {{token: t}}}}]
""")
    return file


def where() -> str:
    """The API that would be read."""
    client, shown = kubeconfig.open_api(None)
    client.close()
    return shown


@pytest.mark.usefixtures("pod")
def test_inside_a_pod_its_own_account() -> None:
    shown = where()
    assert shown.startswith("https://10.0.0.1:443 ")
    assert "the pod's service account" in shown
    assert TOKEN not in shown


@pytest.mark.usefixtures("pod")
def test_a_file_that_is_named_wins_over_the_pod(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home / ".kube" / "config", "at-home")
    assert where().startswith("https://at-home:6443 ")
    monkeypatch.setenv("KUBECONFIG", str(written(home / "another", "named")))
    assert where().startswith("https://named:6443 ")


def test_several_files_are_refused_with_the_way_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [written(home / name, name) for name in ("one", "two")]
    monkeypatch.setenv("KUBECONFIG", f"{both[0]}:{both[1]}")
    with pytest.raises(CouldNotRun, match="it names 2 files"):
        where()


def test_nothing_at_all_says_what_to_set() -> None:
    with pytest.raises(CouldNotRun, match="set `kubeconfig`") as refused:
        where()
    assert refused.value.tried == "looking for a kubeconfig"
    assert "KUBECONFIG is not set, there is no ~/.kube/config" in refused.value.happened
    assert refused.value.way_out.endswith("or KUBECONFIG")


def test_a_named_file_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(home / "gone"))
    with pytest.raises(CouldNotRun, match="gone"):
        where()


@pytest.mark.usefixtures("pod")
def test_a_pods_account_leads_nowhere_else() -> None:
    with pytest.raises(CouldNotRun, match="its own cluster alone, not for context source"):
        kubeconfig.open_api(None, "source")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun) as caught:
        kubeconfig.open_api(tmp_path / "east.kubeconfig")
    assert caught.value.happened == "there is no such file"
    assert "set `kubeconfig`" in caught.value.way_out


def test_the_file_of_a_lab_that_does_not_run(tmp_path: Path) -> None:
    """Its stack file is right: whoever follows the README has not started the lab, or has ended it."""
    with pytest.raises(CouldNotRun) as caught:
        kubeconfig.open_api(tmp_path / ".lab" / "east" / "kubeconfig")
    assert "make lab-up" in caught.value.way_out
    assert "set `kubeconfig`" not in caught.value.way_out


def test_a_context_that_is_not_there_is_no_missing_file(tmp_path: Path) -> None:
    file = written(tmp_path / ".lab" / "east" / "kubeconfig", "east")
    with pytest.raises(CouldNotRun, match="get-contexts"):
        kubeconfig.open_api(file, "west")

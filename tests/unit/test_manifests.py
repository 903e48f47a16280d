"""The manifests of `deploy/`: services start with what they are given, and may do no more than they must."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct

from services.ledger.settings import Settings as LedgerSettings
from services.notifier.settings import Settings as NotifierSettings
from services.projector.settings import Settings as ProjectorSettings
from services.runtime import settings
from services.runtime.settings import NAMES

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SETTINGS: dict[str, type[Struct]] = {
    "ledger": LedgerSettings,
    "projector": ProjectorSettings,
    "notifier": NotifierSettings,
}
LIKELY = {
    "database-url": "postgresql://u:p@db/c",
    "nats-url": "tls://u:p@bus:4222",
    "smtp-url": "smtps://mail",
}
LIKELY |= {"public-url": "https://host"}


def documents(*names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        yield from yaml.safe_load_all((KUBERNETES / name).read_text())


RESOURCES: list[str] = next(documents("kustomization.yaml"))["resources"]
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]["spec"]
    for each in documents(*RESOURCES)
    if each["kind"] in {"Deployment", "Job"}
}
SECRETS = {each["metadata"]["name"]: set(each["stringData"]) for each in documents("secrets.example.yaml")}


def test_every_file_is_part_of_it_but_the_secrets() -> None:
    files = {file.name for file in KUBERNETES.glob("*.yaml")}
    assert files == {*RESOURCES, "kustomization.yaml", "secrets.example.yaml"}
    assert PODS.keys() == {*SETTINGS, "migrate"}


@pytest.mark.parametrize("service", SETTINGS)
def test_each_service_starts_with_the_settings_that_it_is_given(service: str) -> None:
    (container,) = PODS[service]["containers"]
    given = {
        each["name"]: each.get("value") or LIKELY.get(each["valueFrom"]["secretKeyRef"]["key"], "something")
        for each in container["env"]
    }
    assert isinstance(settings.load(SETTINGS[service], given), SETTINGS[service])
    assert given.keys() - NAMES == {"SSL_CERT_FILE"}
    mounted = tuple(f"{each['mountPath']}/" for each in container["volumeMounts"])
    files = [value for name, value in given.items() if name.endswith(("_FILE", "_CERTIFICATE", "TLS_KEY"))]
    assert len(files) >= 4
    assert all(file.startswith(mounted) for file in files)


@pytest.mark.parametrize("pod", PODS)
def test_each_pod_may_do_no_more_than_it_must(pod: str) -> None:
    spec = PODS[pod]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert all(each["readOnly"] for each in container["volumeMounts"] if each["name"] != "tmp")


@pytest.mark.parametrize("pod", PODS)
def test_each_pod_is_given_the_secrets_of_its_own(pod: str) -> None:
    spec = PODS[pod]
    asked = [
        (each["valueFrom"]["secretKeyRef"]["name"], each["valueFrom"]["secretKeyRef"]["key"])
        for each in spec["containers"][0]["env"]
        if "valueFrom" in each
    ]
    for volume in spec["volumes"]:
        if secret := volume.get("secret"):
            keys = [item["key"] for item in secret.get("items", [])] or SECRETS[secret["secretName"]]
            asked += [(secret["secretName"], key) for key in keys]
    own = "owner" if pod == "migrate" else pod
    assert {name for name, _ in asked} <= {own, "credentials", "tls"}
    assert all(key in SECRETS[name] for name, key in asked)


def test_every_pod_that_listens_is_shielded() -> None:
    policies = [each for each in documents("network.yaml") if each["kind"] == "NetworkPolicy"]
    shielded = {each["spec"]["podSelector"].get("matchLabels", {}).get("app") for each in policies}
    assert shielded == {None, *SETTINGS}


@pytest.mark.parametrize("service", [name for name in COMPOSE["services"] if name in SETTINGS])
def test_compose_gives_each_service_settings_that_it_knows(service: str) -> None:
    given = COMPOSE["services"][service]["environment"]
    assert given.keys() - NAMES == {"SSL_CERT_FILE"}
    known = {each.name for each in settings.describe(SETTINGS[service])}
    assert {each.name for each in settings.describe(SETTINGS[service]) if each.required} <= given.keys()
    assert given.keys() - known <= {"SSL_CERT_FILE"}


def test_every_container_of_ours_sees_the_files_that_settings_name_and_may_write_to_what_it_mounts() -> None:
    ours = [each for each in COMPOSE["services"].values() if each["image"].startswith("caseledger:")]
    assert len(ours) == 5
    image = (DEPLOY / "Dockerfile").read_text()
    for volumes in (each["volumes"] for each in ours):
        assert "./files:/etc/caseledger:ro" in volumes
        for volume in volumes:
            source, path, *_ = volume.split(":")
            # A volume that is made is given the owner that its place has in the image.
            assert (
                source not in COMPOSE["volumes"] or f"install --directory --owner=caseledger {path}" in image
            )


def test_what_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    example = (DEPLOY / ".env.example").read_text()
    assert asked - {"CASELEDGER_VERSION"} <= set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))

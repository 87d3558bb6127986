"""Where the engine is, by the environment and the docker command's configuration."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from chaoskit.errors import StackError
from chaoskit.toolchain.engine_address import DEFAULT_ADDRESS, engine_address

ROOTLESS = "unix:///run/user/1000/docker.sock"
DESKTOP = "unix:///home/me/.docker/desktop/docker.sock"


def context(config: Path, name: str, host: str) -> None:
    """What ``docker context create`` writes."""
    meta = config / "contexts" / "meta" / sha256(name.encode()).hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}))


@pytest.fixture
def home(tmp_path):
    """A home whose docker command uses ``desktop``, and knows ``rootless``, too."""
    config = tmp_path / ".docker"
    context(config, "desktop", DESKTOP)
    context(config, "rootless", ROOTLESS)
    (config / "config.json").write_text('{"currentContext": "desktop"}')
    return {"HOME": str(tmp_path)}


def test_without_any_word_it_is_the_default_socket(tmp_path):
    assert engine_address({"HOME": str(tmp_path)}) == DEFAULT_ADDRESS


def test_a_configuration_without_a_context_means_the_default_socket(tmp_path):
    (tmp_path / "config.json").write_text('{"auths": {}}')
    assert engine_address({"DOCKER_CONFIG": str(tmp_path)}) == DEFAULT_ADDRESS


def test_the_current_context_of_the_docker_command_is_honoured(home):
    assert engine_address(home) == DESKTOP


def test_a_context_in_the_environment_goes_before_the_current_one(home):
    assert engine_address(home | {"DOCKER_CONTEXT": "rootless"}) == ROOTLESS
    assert engine_address(home | {"DOCKER_CONTEXT": "default"}) == DEFAULT_ADDRESS
    assert engine_address(home | {"DOCKER_CONTEXT": ""}) == DESKTOP


def test_a_host_in_the_environment_goes_before_every_context(home):
    host = "tcp://127.0.0.1:2375"
    assert engine_address(home | {"DOCKER_HOST": host, "DOCKER_CONTEXT": "rootless"}) == host
    assert engine_address(home | {"DOCKER_HOST": ""}) == DESKTOP


def test_a_configuration_directory_goes_before_the_one_at_home(home, tmp_path):
    context(tmp_path / "other", "desktop", ROOTLESS)
    elsewhere = home | {"DOCKER_CONFIG": str(tmp_path / "other")}
    assert engine_address(elsewhere) == DEFAULT_ADDRESS
    assert engine_address(elsewhere | {"DOCKER_CONTEXT": "desktop"}) == ROOTLESS


def test_a_context_that_does_not_exist_is_not_taken_for_the_default_one(home):
    with pytest.raises(StackError, match="there is no docker context 'gone'"):
        engine_address(home | {"DOCKER_CONTEXT": "gone"})


def test_a_damaged_configuration_is_not_taken_for_none(tmp_path):
    for damage in ("{", "[]"):
        (tmp_path / "config.json").write_text(damage)
        with pytest.raises(StackError, match="docker's configuration cannot be read"):
            engine_address({"DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize(
    "host", ["ssh://me@far", "tcp://10.0.0.5:2375", "tcp://docker:2376", "npipe:////./pipe/docker_engine", "tcp://[::"]
)
def test_an_engine_on_another_machine_is_refused(host):
    with pytest.raises(StackError, match="not on this machine"):
        engine_address({"DOCKER_HOST": host})


@pytest.mark.parametrize("host", ["tcp://localhost:2375", "tcp://127.0.0.2:2375", "http://[::1]:2375"])
def test_an_engine_on_the_loopback_is_not(host):
    assert engine_address({"DOCKER_HOST": host}) == host

"""What an engine holds of a run, known by the exact value of one label and by nothing else; and its removal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from docker import APIClient
from docker.errors import APIError, DockerException, NotFound

from chaoskit.clock import NS, MonotonicClock
from chaoskit.errors import StackError

PREFIX = "org.chaoskit"
RUN_LABEL = f"{PREFIX}.run"
REMOVAL_TIMEOUT_S = 30.0
AGAIN_S = 0.1
AT_ONCE = 8  # the engine kills containers side by side: six of them in half the time that one after the other takes


def labels(run: str, **more: str) -> dict[str, str]:
    """Return the labels of a thing of the run: ``labels(run, role="wan")``."""
    return {RUN_LABEL: run, **{f"{PREFIX}.{word}": value for word, value in more.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was removed, by name, and what would not go away, each with the reason."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What was removed, for people: ``container us-east-1``."""
        kinds = (("container", self.containers), ("network", self.networks), ("volume", self.volumes))
        return tuple(f"{word} {name}" for word, names in kinds for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of things: how an engine lists those that a filter lets through, and how it removes one."""

    word: str
    found: Callable[[APIClient, Mapping[str, str]], Iterable[Mapping[str, Any]]]
    identity: Callable[[Mapping[str, Any]], str]
    name: Callable[[Mapping[str, Any]], str]
    remove: Callable[[APIClient, str], object]


def _remove_container(api: APIClient, identity: str) -> None:
    """With the anonymous volumes that only it has. Some engines refuse to kill what is paused."""
    try:
        api.remove_container(identity, force=True, v=True)
    except NotFound:
        raise
    except APIError:
        with suppress(APIError):
            api.unpause(identity)
        raise


_CONTAINER = _Kind(
    word="container",
    found=lambda api, wanted: api.containers(all=True, filters=wanted),
    identity=lambda thing: str(thing["Id"]),
    name=lambda thing: str((thing["Names"] or [thing["Id"]])[0]).lstrip("/"),
    remove=_remove_container,
)
_NETWORK = _Kind(
    word="network",
    found=lambda api, wanted: api.networks(filters=wanted),
    identity=lambda thing: str(thing["Id"]),
    name=lambda thing: str(thing["Name"]),
    remove=lambda api, identity: api.remove_network(identity),
)
_VOLUME = _Kind(
    word="volume",
    found=lambda api, wanted: api.volumes(filters=wanted)["Volumes"] or (),
    identity=lambda thing: str(thing["Name"]),
    name=lambda thing: str(thing["Name"]),
    remove=lambda api, identity: api.remove_volume(identity),
)
_KINDS = (_CONTAINER, _NETWORK, _VOLUME)  # each would refuse while those before it use it


def remove(api: APIClient, run: str, *, timeout_s: float = REMOVAL_TIMEOUT_S, quiet_s: float = 0.0) -> Removed:
    """Remove every container, paused ones too, then every network, then every volume of the run. Idempotent.

    Nothing foreign is disconnected or stopped: what somebody else's container uses is left.

    Args:
        api: The engine's client; a request of it may outlast ``timeout_s`` by its own timeout.
        run: The exact value of the label.
        timeout_s: What is still there is left when nothing has gone for so long.
        quiet_s: Done when nothing of the run has appeared for so long: a request of somebody who has just been killed
            may still be under way in the engine.

    Raises:
        StackError: The engine does not answer.
    """
    if not run:
        raise ValueError("no run is called ''")
    removal, clock = _Removal(api, run), MonotonicClock()
    busy_ns = gone_ns = gone = 0
    while True:
        found, left = removal.once()
        now_ns = clock.now_ns()
        if removal.count > gone:
            gone, gone_ns = removal.count, now_ns
        if found:
            busy_ns = now_ns
        elif now_ns >= busy_ns + quiet_s * NS:
            return removal.done(())
        if now_ns >= gone_ns + timeout_s * NS:
            return removal.done(left)
        if left or not found:
            clock.sleep(AGAIN_S)


class _Removal:
    def __init__(self, api: APIClient, run: str) -> None:
        self._api, self._run = api, run
        self._gone: dict[str, dict[str, None]] = {kind.word: {} for kind in _KINDS}

    @property
    def count(self) -> int:
        """Of what is gone; what is listed again and removed again counts once."""
        return sum(map(len, self._gone.values()))

    def once(self) -> tuple[bool, list[str]]:
        """Whether there was something, and what of it is left, with the reasons."""
        found, left = False, []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for kind in _KINDS:
                things = self._things(kind)
                found = found or bool(things)
                for thing, why in zip(things, pool.map(partial(self._why_left, kind), things), strict=True):
                    name = kind.name(thing)
                    if why is None:
                        self._gone[kind.word][name] = None
                    else:
                        left.append(f"{kind.word} {name} ({why})")
        return found, left

    def done(self, left: Sequence[str]) -> Removed:
        containers, networks, volumes = (tuple(self._gone[kind.word]) for kind in _KINDS)
        return Removed(containers=containers, networks=networks, volumes=volumes, left=tuple(left))

    def _things(self, kind: _Kind) -> list[Mapping[str, Any]]:
        wanted = {"label": f"{RUN_LABEL}={self._run}"}
        try:
            found = list(kind.found(self._api, wanted))
        except (DockerException, requests.RequestException) as error:
            raise StackError(f"the Docker engine does not list its {kind.word}s", why=str(error)) from error
        return [thing for thing in found if (thing["Labels"] or {}).get(RUN_LABEL) == self._run]

    def _why_left(self, kind: _Kind, thing: Mapping[str, Any]) -> str | None:
        try:
            kind.remove(self._api, kind.identity(thing))
        except NotFound:
            return None
        except APIError as error:
            return str(error.explanation or error)
        except (DockerException, requests.RequestException) as error:
            return str(error)
        return None

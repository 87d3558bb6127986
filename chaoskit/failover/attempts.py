"""Several things at once, each of which may not be possible yet; what is not is said once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name
from chaoskit.sql import Unanswered


class Attempts:
    """Tries, and remembers what has been said of whom."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._said: dict[str, str] = {}

    def all(self, todo: Mapping[str, Callable[[], object]]) -> frozenset[str]:
        """Do everything at once, by what it is called; return what could not be done."""
        if not todo:
            return frozenset()
        with ThreadPoolExecutor(len(todo), thread_name_prefix="runbook") as pool:
            done = list(pool.map(lambda item: self.one(*item), todo.items()))
        return frozenset(what for what, ok in zip(todo, done, strict=True) if not ok)

    def one(self, what: str, act: Callable[[], object]) -> bool:
        """Do one thing; False where it could not be done, said unless it was said before for the same reason."""
        try:
            act()
        except Unanswered as error:
            if self._said.get(what) != str(error):
                self._scene.say(Name.UNREACHED, what=what, why=str(error))
            self._said[what] = str(error)
            return False
        self._said.pop(what, None)
        return True

"""``-k``: which names are wanted. Words joined by ``and``, ``or`` and ``not``, with parentheses; a word fits inside.

expression = term ("or" term)*
term       = factor ("and" factor)*
factor     = "not" factor | "(" expression ")" | word
"""

import re
from collections.abc import Callable

from chaoskit.errors import UsageError

Wanted = Callable[[str], bool]

_WORD = re.compile(r"\s*(?:[()]|[^\s()]+)")
_FIX = "join words with `and`, `or` and `not`: -k 'region-loss and not quorum'"


def wanted(expression: str) -> Wanted:
    """Return whether a name is wanted; a word is wanted where the name contains it, in either case.

    Raises:
        UsageError: The expression cannot be read.
    """
    return _Reader(expression).read()


class _Reader:
    """Reads an expression from left to right; nothing of it is ever evaluated as code."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._words = [match.group().strip() for match in _WORD.finditer(expression)]

    def read(self) -> Wanted:
        """The whole of it."""
        found = self._expression_()
        if self._words:
            raise self._error(f"`{self._words[0]}` follows without `and` or `or`")
        return found

    def _expression_(self) -> Wanted:
        return self._joined(self._term, "or", any)

    def _term(self) -> Wanted:
        return self._joined(self._factor, "and", all)

    def _joined(self, part: Callable[[], Wanted], operator: str, how: Callable[[list[bool]], bool]) -> Wanted:
        parts = [part()]
        while self._words and self._words[0] == operator:
            self._words.pop(0)
            parts.append(part())
        return lambda name: how([one(name) for one in parts])

    def _factor(self) -> Wanted:
        word = self._words.pop(0) if self._words else None
        if word is None or word == ")" or word in ("and", "or"):
            raise self._error("a word is missing" + (f" before `{word}`" if word else " at its end"))
        if word == "not":
            inner = self._factor()
            return lambda name: not inner(name)
        if word == "(":
            inner = self._expression_()
            if not self._words or self._words.pop(0) != ")":
                raise self._error("a `)` is missing")
            return inner
        return lambda name: word.casefold() in name.casefold()

    def _error(self, why: str) -> UsageError:
        return UsageError(f"-k cannot be read: {self._expression!r}", why=why, fix=_FIX)

"""Secret: a text that may be used and never shown, such as the key of a provider."""

from __future__ import annotations

import hmac
from typing import NoReturn

HIDDEN = "<secret>"


class Secret:
    """A text that shows itself to nobody: ``repr``, ``str`` and ``format`` say ``<secret>``.

    ``reveal()`` is the only way to the text. Secrets compare in constant time, hash, and copy as themselves; pickling
    one is a TypeError, and so is making one of anything but a str.
    """

    __slots__ = ("__text", "__weakref__")

    def __init__(self, text: str) -> None:
        kind = type(text)
        if not issubclass(kind, str):
            del text  # type: ignore[unreachable]
            raise TypeError(f"a Secret is made of a str, not of {kind.__name__}")
        self.__text = text

    def reveal(self) -> str:
        """The text itself. Call it as late as possible, and keep the result in no variable."""
        return self.__text

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, how: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self.__text.encode("utf-8", "surrogatepass"), other.__text.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret cannot be pickled; hand the key over by other means, such as an environment variable")

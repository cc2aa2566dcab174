"""An actor: somebody whom a list names, with or without addresses."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaintrace.labels.edition import Edition


@dataclass(frozen=True, slots=True)
class Actor:
    """``source`` lists somebody called ``name``, from ``since`` (included) to ``until`` (excluded), both as in
    ``Label``. ``kind`` is the list's own word (individual, entity, vessel …), ``reference`` the list's own number."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    programme: str = ""
    reference: str = ""
    source: str = ""
    since: str | None = None
    until: str | None = None
    since_at_latest: bool = False
    origin: str = ""
    edition: Edition | None = field(default=None, compare=False, repr=False)

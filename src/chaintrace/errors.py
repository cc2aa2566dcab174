"""Every exception of chaintrace, sorted by whose fault it is: yours, the provider's, our disk's, the machine's,
the facts'.

Each carries typed fields, composes its message from them, and ends with a ``Hint:`` line that says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class ChaintraceError(Exception):
    """Root of all errors. ``message`` says what is wrong, ``hint`` what to do about it."""

    @property
    def message(self) -> str:
        return self.__class__.__name__

    @property
    def hint(self) -> str:
        advice: str = getattr(self, "advice", "")
        return advice

    def __str__(self) -> str:
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(kind: type[ChaintraceError], fields: dict[str, Any]) -> ChaintraceError:
    error = kind.__new__(kind)
    error.__dict__.update(fields)
    return error


# ---- yours: the input or the question is wrong -----------------------------------------------------------------


class UserError(ChaintraceError, ValueError):
    """The caller can mend it: a bad value, file, option or question."""


@dataclass(eq=False)
class ChainError(UserError):
    """A chain name that is neither a CAIP-2 id nor a known alias."""

    text: str
    known: Sequence[str] = ()

    @property
    def message(self) -> str:
        return f"unknown chain {self.text!r}"

    @property
    def hint(self) -> str:
        return f"use a CAIP-2 id such as eip155:1, or one of: {', '.join(self.known)}"


@dataclass(eq=False)
class AddressError(UserError):
    """A text that is not an address of its chain. ``reason`` says which rule it breaks."""

    text: str
    chain: str
    reason: str
    advice: str = "copy the address again from its source; one wrong character sends the trace elsewhere"

    @property
    def message(self) -> str:
        return f"{self.text!r} is not an address of {self.chain}: {self.reason}"


@dataclass(eq=False)
class AssetError(UserError):
    """A text that names no asset."""

    text: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.text!r} is not an asset: {self.reason}"

    @property
    def hint(self) -> str:
        return (
            "use a CAIP-19 id (eip155:1/erc20:0x…), a token's contract address, or 'native'; symbols are not identities"
        )


@dataclass(eq=False)
class AmountError(UserError):
    """A text or number that is not an exact non-negative amount up to 2**256 - 1."""

    text: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.text!r} is not an amount: {self.reason}"

    @property
    def hint(self) -> str:
        return "amounts are whole numbers in the asset's base unit (wei, satoshi), 0 to 2**256 - 1"


@dataclass(eq=False)
class InputError(UserError):
    """A file or table that cannot be read as transfers at all."""

    source: str
    reason: str
    advice: str = ""

    @property
    def message(self) -> str:
        return f"cannot read {self.source}: {self.reason}"


@dataclass(eq=False)
class ColumnError(InputError):
    """A table whose columns are not those of any known format. ``missing`` names what is needed."""

    missing: Sequence[str] = ()
    present: Sequence[str] = ()


@dataclass(eq=False)
class ListError(InputError):
    """A list that is not safe to read, not whole, or not the list that it should be. Nothing of it is used."""


@dataclass(eq=False)
class RowError(UserError):
    """A bad row under ``strict=True``. ``row`` counts from 0 in the source."""

    source: str
    row: int
    reason: str
    field: str
    value: str

    @property
    def message(self) -> str:
        return f"{self.source}, row {self.row}: {self.reason} ({self.field} = {self.value!r})"

    @property
    def hint(self) -> str:
        return "mend the row, or read with strict=False: bad rows are then listed in .rejected and left out"


@dataclass(eq=False)
class OrderError(UserError):
    """Rows of one chain that cannot be put into one order."""

    chain: str
    reason: str

    @property
    def message(self) -> str:
        return f"the transfers of {self.chain} cannot be ordered: {self.reason}"

    @property
    def hint(self) -> str:
        return "give every row of the chain a block, or every row a time"


@dataclass(eq=False)
class SeedError(UserError):
    """A seed that names nothing in the graph, or moves nothing."""

    seed: str
    reason: str
    advice: str = "check the hash or address, and that the file covers the theft"

    @property
    def message(self) -> str:
        return f"seed {self.seed}: {self.reason}"


@dataclass(eq=False)
class MethodError(UserError):
    """A method, direction or option that does not exist or does not go together."""

    what: str
    reason: str
    advice: str = ""

    @property
    def message(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(eq=False)
class LinkError(UserError):
    """A link whose legs do not exist, overlap with another link, or run backwards in time."""

    link: str
    reason: str

    @property
    def message(self) -> str:
        return f"link {self.link}: {self.reason}"

    @property
    def hint(self) -> str:
        return "a link goes from rows or a holding to later rows or asserted arrivals, each in one link only"


@dataclass(eq=False)
class CaseError(UserError):
    """A case that does not exist or whose files do not say what a case says."""

    case: str
    reason: str
    advice: str = "chaintrace cases lists the bundled ones; a case of your own is a folder with a case.toml"

    @property
    def message(self) -> str:
        return f"case {self.case}: {self.reason}"


@dataclass(eq=False)
class KernelError(UserError):
    """A kernel was asked for that is not installed."""

    asked: str
    reason: str

    @property
    def message(self) -> str:
        return f"kernel {self.asked!r} is not available: {self.reason}"

    @property
    def hint(self) -> str:
        return "set CHAINTRACE_KERNEL=auto, or python, which is always there"


# ---- the provider's: what came over the wire is wrong ----------------------------------------------------------


@dataclass(eq=False)
class ProviderError(ChaintraceError):
    """A node or explorer gave no answer, or one that is none. ``provider`` is its name, without secrets."""

    provider: str
    reason: str
    advice: str = "ask again later, or ask another provider; what was kept so far is safe"

    @property
    def message(self) -> str:
        return f"{self.provider}: {self.reason}"


@dataclass(eq=False)
class Unreachable(ProviderError):
    """No answer came: no connection, a time-out, or a body that broke off, each time it was tried."""

    tries: int = 1


@dataclass(eq=False)
class RateLimited(ProviderError):
    """The provider asks for patience, longer than was allowed. ``wait``: seconds it named, where it did."""

    wait: int | None = None


@dataclass(eq=False)
class Refused(ProviderError):
    """The provider understood and said no. ``code``: its own, of HTTP or JSON-RPC; ``call``: what was asked."""

    code: int = 0
    call: str = ""


@dataclass(eq=False)
class Malformed(ProviderError):
    """Bytes that are no answer to what was asked. ``body``: the SHA-256 of the response, where it came whole."""

    body: str = ""


@dataclass(eq=False)
class Contradiction(ProviderError):
    """Answers that cannot all be true: a lagging node, an incomplete list, a block that is another by now."""


@dataclass(eq=False)
class TooLong(ProviderError):
    """The history of ``accounts`` is longer than was allowed: ``found`` logs and traces, and perhaps more."""

    accounts: Sequence[str] = ()
    found: int = 0


# ---- our disk's: what was kept cannot be read back, or nothing more be kept ------------------------------------


@dataclass(eq=False)
class StoreError(ChaintraceError):
    """A kept case is damaged or cannot be written. ``path`` is the file or folder."""

    path: str
    reason: str
    advice: str = ""

    @property
    def message(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(eq=False)
class StoreBusy(StoreError):
    """Another process writes to the case. ``pid`` and ``host`` say which."""

    pid: int = 0
    host: str = ""


@dataclass(eq=False)
class StoreDamaged(StoreError):
    """What was kept is not what was written."""


@dataclass(eq=False)
class StoreVersion(StoreError):
    """The case was written by a version of chaintrace that keeps it otherwise. ``found`` and ``known`` are numbers."""

    found: int = 0
    known: int = 0


@dataclass(eq=False)
class CannotWrite(StoreError):
    """The disk is full, or the folder may not be written to. What was kept before is still there."""


# ---- the machine's: it is too small ----------------------------------------------------------------------------


class MachineError(ChaintraceError):
    """The machine cannot do it."""


@dataclass(eq=False)
class OutOfMemory(MemoryError, MachineError):
    """The machine has less memory than the work takes. Nothing of the work is kept; what was there before still is."""

    work: str
    wanted: int | None = None

    @property
    def message(self) -> str:
        more = "" if self.wanted is None else f": {self.wanted:,} bytes more could not be had"
        return f"out of memory while {self.work}{more}"

    @property
    def hint(self) -> str:
        return "follow fewer transfers (graph.between(…), until=, stop_at=, max_hops=), or use a larger machine"


# ---- the facts': the data contradict themselves, or chaintrace does --------------------------------------------


class FactError(ChaintraceError):
    """The accounts do not add up. Never caught inside chaintrace: no answer is better than a wrong one."""


@dataclass(eq=False)
class ConservationError(FactError):
    """A ledger that does not sum to what was seeded."""

    asset: str
    expected: int
    found: int

    @property
    def message(self) -> str:
        off = self.found - self.expected
        return f"the ledger of {self.asset} sums to {self.found}, not to {self.expected} (off by {off})"

    @property
    def hint(self) -> str:
        return "this is a defect of chaintrace; please report it with the input"

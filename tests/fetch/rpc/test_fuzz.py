"""Any bytes either decode to an Answer or raise a ProviderError; and no changed value passes for the truth."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import ProviderError
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.rpc.decode import decode_replies
from chaintrace.fetch.rpc.reply import Reply
from chaintrace.fetch.rpc.ways import WAYS
from chaintrace.model.page import Answer, Asked, Page
from tests.fetch.rpc.asking import Stage, ask, question

PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
VALUES = JSON | st.sampled_from(
    [
        "0x", "0x0", "0x" + "f" * 64, "0x1" + "0" * 64, "0x" + "00" * 20, "0x" + "00" * 32, 2**63, 2**256, -1, 1.5, "",
        "latest", "\ud800", {"error": {"code": 3, "message": "\ud800"}}, [[]], {}, "suicide", "reward", "create",
    ]
)  # fmt: skip
BYTES = (
    st.binary(max_size=200)
    | JSON.map(lambda told: json.dumps(told).encode())
    | st.integers(1, 3000).map(lambda depth: b"[" * depth + b"]" * depth)
    | st.sampled_from([b"1e9999999999999999999999", b"\xef\xbb\xbf{}", b"NaN", b"9" * 5000, b'{"a":1,"a":1}', b""])
)

Path = tuple[Any, ...]


@dataclass
class Sample:
    """A true page, taken apart."""

    page: Page
    bodies: dict[str, bytes]
    values: list[tuple[str, str, Path]] = field(default_factory=list)
    """Every value of every body: the body, the method that it answers, and the way to it."""

    def __post_init__(self) -> None:
        methods = {(one.body, one.place): json.loads(one.call)[0] for one in self.page.asked}
        self.loaded = {digest: json.loads(data) for digest, data in self.bodies.items()}
        for digest, told in self.loaded.items():
            for n, member in enumerate(told) if isinstance(told, list) else [(None, told)]:
                start = () if n is None else (n,)
                for path in paths(member):
                    self.values.append((digest, methods[digest, member["id"]], (*start, *path)))
        rows = self.page.answer.rows.to_pylist()
        self.paying = [row["tx_hash"] for row in rows if row["kind"] == "native"]
        self.meaningful = [one for one in self.values if has_meaning(self, *one)]
        self.replies = {digest: Reply("rpc test", data) for digest, data in self.bodies.items()}

    def decode(self, bodies: dict[str, bytes], asked: Sequence[Asked] | None = None) -> Answer | None:
        """What it says, or None where it is found out. Nothing else is raised, and the answer can be written down."""
        known = {digest: reply for digest, reply in self.replies.items() if bodies.get(digest) is self.bodies[digest]}
        try:
            found = decode_replies(
                self.page.question,
                self.page.asked if asked is None else asked,
                lambda digest: known.get(digest) or Reply("rpc test", bodies[digest]),
            )
        except ProviderError:
            return None
        assert len(found.digest) == 64
        return found

    def changed(self, digest: str, path: Path, change: Callable[[Any, Any], None]) -> dict[str, bytes]:
        """The bodies, with one value changed: ``change`` gets what holds it, and its key there."""
        told = json.loads(self.bodies[digest])
        holder = told
        for key in path[:-1]:
            holder = holder[key]
        change(holder, path[-1])
        return self.bodies | {digest: json.dumps(told).encode()}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*path, key)
        yield from paths(one, (*path, key))


@pytest.fixture(scope="module")
def samples(stage: Stage) -> dict[str, Sample]:
    found = {}
    for way in WAYS:
        some = stage.planted.transactions[::17]
        page = ask(stage.node.url, question(stage, way, first=stage.planted.first, transactions=some))
        found[way] = Sample(page, {digest: body.data for digest, body in page.bodies.items()})
        assert found[way].decode(found[way].bodies) == page.answer
    return found


@PROFILE
@given(data=BYTES)
def test_exact_json_is_read_or_found_to_be_none(data: bytes) -> None:
    with suppress(NotExact):
        load(data)


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_any_bytes_for_a_body_decode_or_are_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample = samples[way]
    digest = data.draw(st.sampled_from(sorted(sample.bodies)))
    sample.decode(sample.bodies | {digest: data.draw(BYTES)})


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_any_answers_to_any_calls_decode_or_are_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample = samples[way]
    one = data.draw(st.sampled_from(sample.page.asked))
    told: dict[str, Any] = {"jsonrpc": "2.0", "id": one.place, data.draw(st.sampled_from(["result", "error"])): None}
    told[list(told)[-1]] = data.draw(VALUES)
    body = json.dumps(told).encode()
    asked = [replace(each, body="new") if each is one else each for each in sample.page.asked]
    sample.decode(sample.bodies | {"new": body}, asked)
    sample.decode({"new": body}, [replace(one, body="new")])


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_pages_with_one_value_changed_decode_or_are_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample = samples[way]
    digest, _, path = data.draw(st.sampled_from(sample.values))

    def delete(holder: Any, key: Any) -> None:
        del holder[key]

    def double(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            holder[f"{key} "] = holder[key]

    def put(holder: Any, key: Any) -> None:
        holder[key] = data.draw(VALUES)

    sample.decode(sample.changed(digest, path, data.draw(st.sampled_from([delete, double, put]))))


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_pages_with_bytes_flipped_or_bodies_swapped_decode_or_are_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample = samples[way]
    one, other = (data.draw(st.sampled_from(sorted(sample.bodies))) for _ in range(2))
    sample.decode(sample.bodies | {one: sample.bodies[other], other: sample.bodies[one]})
    flipped = bytearray(sample.bodies[one])
    flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= data.draw(st.integers(1, 255))
    sample.decode(sample.bodies | {one: bytes(flipped)})
    sample.decode(sample.bodies | {one: sample.bodies[one][: data.draw(st.integers(0, len(flipped) - 1))]})


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_pages_with_a_call_changed_decode_or_are_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample, asked = samples[way], list(samples[way].page.asked)
    n = data.draw(st.integers(0, len(asked) - 1))
    method, params = json.loads(asked[n].call)
    told: Any = [method, params]
    path = data.draw(st.sampled_from([*paths(told)]))
    holder = told
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(VALUES)
    text = data.draw(st.sampled_from([json.dumps(told), data.draw(st.text(max_size=9)), asked[n - 1].call]))
    place = data.draw(st.sampled_from([asked[n].place, asked[n].place + 1, 10**6]))
    sample.decode(sample.bodies, [*asked[:n], replace(asked[n], call=text, place=place), *asked[n + 1 :]])
    sample.decode(sample.bodies, asked[:n] + asked[n + 1 :])
    sample.decode(sample.bodies, [*asked, asked[n]])


# ---- no changed value passes for the truth -----------------------------------------------------------------------

EMPTY = frozenset(
    {
        "jsonrpc",
        "accessList",
        "author",
        "authorizationList",
        "blobGasPrice",
        "blobGasUsed",
        "blobVersionedHashes",
        "chainId",
        "code",
        "codeAddress",
        "contractAddress",
        "creationMethod",
        "cumulativeGasUsed",
        "excessBlobGas",
        "extraData",
        "gas",
        "gasLimit",
        "gasUsed",
        "gasPrice",
        "init",
        "initial",
        "input",
        "logsBloom",
        "maxFeePerBlobGas",
        "maxFeePerGas",
        "maxPriorityFeePerGas",
        "miner",
        "mixHash",
        "nonce",
        "output",
        "parentBeaconBlockRoot",
        "r",
        "receiptsRoot",
        "requestsHash",
        "result",
        "revertReason",
        "root",
        "s",
        "sha3Uncles",
        "size",
        "stateRoot",
        "subtraces",
        "totalDifficulty",
        "transactionsRoot",
        "type",
        "uncles",
        "v",
        "withdrawalsRoot",
        "yParity",
        "baseFeePerGas",
        "difficulty",
        "parentHash",
    }
)
"""What no row and no proof of these pages rests on (``blobGasUsed`` says of a block that it is since Cancun, and its
neighbours say the same; ``miner`` is nobody that was asked about; ``result`` of a trace repeats the call)."""
MAY_BE_MISSING = frozenset(
    {"blockTimestamp", "callType", "effectiveGasPrice", "removed", "status", "to", "withdrawals"}
)
"""What other answers of the page say as well, or what not every node tells."""
MOVING = frozenset({"call", "create", "create2", "selfdestruct", "suicide"})


def has_meaning(sample: Sample, digest: str, method: str, path: Path) -> bool:
    """Whether something rests on a value, in the page or in a part of it."""
    holders = [sample.loaded[digest]]
    for key in path[:-1]:
        holders.append(holders[-1][key])
    value = holders[-1][path[-1]]
    if path[-1] in EMPTY or any(key in EMPTY - {"result"} for key in path):
        return False
    if path[-1] == "blockTimestamp" and method != "eth_getLogs":
        return False  # it is read where a log stands alone
    if isinstance(value, str) and path[-2:-1] == ("transactions",):
        return False  # a hash in a block that was asked for without its transactions
    if path[-1] == "transactions" and not any(isinstance(one, dict) for one in value):
        return False
    inside = [holder for holder in holders if isinstance(holder, dict)]
    if path[-1] in ("value", "to") and inside[-1].get("hash", sample.paying[0]) not in sample.paying:
        return False  # of a failed transaction
    if "logs" in path[:-1]:
        log = value if path[-2] == "logs" else inside[-1]
        return len(log["topics"]) == 3 and int(log["topics"][0], 16) >> 224 == 0xDDF252AD
    if method == "debug_traceTransaction" and path[-1] not in ("id", "result"):
        frames = [one for one in inside if "type" in one] + ([value] if isinstance(value, dict) else [])
        return (
            path[-1] != "calls"
            and not any("error" in one for one in frames)
            and frames[-1]["type"].lower() in MOVING
            and int(frames[-1].get("value", "0x0"), 16) > 0
        )
    return not any("error" in one for one in inside[-2:])


@PROFILE
@given(way=st.sampled_from(WAYS), data=st.data())
def test_a_changed_value_changes_the_answer_or_is_found_out(
    samples: dict[str, Sample], way: str, data: st.DataObject
) -> None:
    sample = samples[way]
    digest, _, path = data.draw(st.sampled_from(sample.meaningful))

    def change(holder: Any, key: Any) -> None:
        value = holder[key]
        kinds = ["other"] + ["none", "wrong"] * (key not in MAY_BE_MISSING)
        kind = data.draw(st.sampled_from(kinds))
        if kind == "none":
            holder[key] = None
        elif kind == "wrong" or not isinstance(value, str) or not value.startswith("0x"):
            holder[key] = not value if isinstance(value, bool) else "zz"
        elif key == "logIndex":
            holder[key] = hex(int(value, 16) + 1_000)  # a transaction may have an equal log at the next index
        else:
            n = data.draw(st.integers(2, len(value) - 1)) if len(value) > 2 else 2
            holder[key] = value[:n] + ("1" if value[n : n + 1] != "1" else "2") + value[n + 1 :]

    found = sample.decode(sample.changed(digest, path, change))
    assert found is None or found.digest != sample.page.answer.digest

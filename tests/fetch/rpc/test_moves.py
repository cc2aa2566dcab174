"""What calls inside a transaction moved, whichever of the two languages of traces tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.fetch.rpc.moves import Move, Step, frames, is_whole, moves, trace
from chaintrace.fetch.words import Bad

BLOCK, TX = "0x" + "ab" * 32, "0x" + "cd" * 32
PLACE = {"blockNumber": 7, "blockHash": BLOCK, "transactionHash": TX, "transactionPosition": 0}


def account(n: int) -> str:
    return "0x" + f"{n:040x}"


@dataclass(frozen=True)
class Node:
    """One call. ``kind``: as callTracer says it, in small letters."""

    kind: str
    sender: str
    receiver: str
    amount: int
    failed: bool
    below: tuple[Node, ...] = ()


KINDS = ("call", "call", "call", "create", "create2", "delegatecall", "callcode", "staticcall", "selfdestruct")
ACCOUNTS = st.integers(1, 4).map(account)
AMOUNTS = st.sampled_from([0, 0, 1, 7, 10**18, 2**256 - 1])


def nodes(below: st.SearchStrategy[Node] | None = None) -> st.SearchStrategy[Node]:
    inner = st.lists(below, max_size=3).map(tuple) if below is not None else st.just(())
    return st.builds(
        Node, st.sampled_from(KINDS), ACCOUNTS, ACCOUNTS, AMOUNTS, st.integers(0, 4).map(lambda n: n == 0), inner
    )


TREES = st.recursive(nodes(), nodes, max_leaves=12).map(lambda node: replace(node, kind="call"))


def as_parity(node: Node, path: tuple[int, ...] = ()) -> Iterator[dict[str, Any]]:
    """The node as parity tells it; of what failed it says no result."""
    told: dict[str, Any] = {**PLACE, "traceAddress": list(path), "subtraces": len(node.below)}
    value = {"from": node.sender, "value": hex(node.amount)}
    if node.kind == "selfdestruct":
        told |= {"type": "suicide", "result": None}
        told["action"] = {"address": node.sender, "refundAddress": node.receiver, "balance": hex(node.amount)}
    elif node.kind in ("create", "create2"):
        made = None if node.failed else {"address": node.receiver, "code": "0x", "gasUsed": "0x1"}
        told |= {"type": "create", "action": value | {"init": "0x", "gas": "0x1"}, "result": made}
    else:
        told |= {"type": "call", "action": value | {"to": node.receiver, "callType": node.kind}, "result": {}}
    if node.failed:
        told["error"] = "Reverted"
    yield told
    for n, one in enumerate(node.below):
        yield from as_parity(one, (*path, n))


def as_frame(node: Node) -> dict[str, Any]:
    """The node as geth's callTracer tells it."""
    told: dict[str, Any] = {"type": node.kind.upper(), "from": node.sender, "to": node.receiver}
    if node.kind != "staticcall":
        told["value"] = hex(node.amount)
    if node.failed:
        told["error"] = "execution reverted"
        if node.kind in ("create", "create2"):
            del told["to"]
    return told | ({"calls": [as_frame(one) for one in node.below]} if node.below else {})


def expected(node: Node, cancun: bool) -> list[tuple[str, str | None, int]]:
    """What a tree moves, written down anew: depth first, nothing of what failed or stands below it."""
    made: set[str] = set()
    order: list[Node] = []

    def walk(one: Node) -> None:
        if one.failed:
            return
        order.append(one)
        if one.kind.startswith("create"):
            made.add(one.receiver)
        for each in one.below:
            walk(each)

    walk(node)
    found: list[tuple[str, str | None, int]] = []
    for one in order:
        if one is node or not one.amount or one.kind in ("delegatecall", "callcode", "staticcall"):
            continue
        receiver: str | None = one.receiver
        if one.kind == "selfdestruct" and one.sender == one.receiver:
            if cancun and one.sender not in made:
                continue
            receiver = None
        found.append((one.sender, receiver, one.amount))
    return found


def steps_of(node: Node) -> tuple[list[Step], list[Step]]:
    return [trace(one).step for one in as_parity(node)], frames(as_frame(node))


def plain(found: Sequence[Move]) -> list[tuple[str, str | None, int]]:
    return [(one.sender, one.receiver, one.amount) for one in found]


@given(TREES, st.booleans())
def test_both_languages_tell_the_same_moves_and_these_are_the_right_ones(tree: Node, cancun: bool) -> None:
    parity, geth = steps_of(tree)
    assert is_whole(parity)
    assert is_whole(geth)
    assert [step.path for step in parity] == [step.path for step in geth]
    assert moves(parity, cancun) == moves(geth, cancun)
    assert plain(moves(geth, cancun)) == expected(tree, cancun)
    assert [one.rank for one in moves(geth, cancun)] == list(range(1, len(moves(geth, cancun)) + 1))


@given(TREES, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_in_which_steps_are_told_does_not_matter(tree: Node, cancun: bool, random: Any) -> None:
    steps = frames(as_frame(tree))
    mixed = random.sample(steps, len(steps))
    assert moves(mixed, cancun) == moves(steps, cancun)
    assert is_whole(mixed)


@given(TREES)
def test_a_failed_transaction_moves_nothing(tree: Node) -> None:
    for steps in steps_of(replace(tree, failed=True)):
        assert moves(steps, True) == moves(steps, False) == []


@given(TREES, TREES, st.booleans())
def test_a_failed_call_undoes_everything_below_and_nothing_beside(one: Node, other: Node, cancun: bool) -> None:
    lost = replace(one, kind="call", failed=True)
    both = Node("call", account(1), account(2), 0, False, (lost, other, lost))
    alone = Node("call", account(1), account(2), 0, False, (other,))
    for with_lost, without in zip(steps_of(both), steps_of(alone), strict=True):
        assert plain(moves(with_lost, cancun)) == plain(moves(without, cancun))


@given(TREES, st.sampled_from(["delegatecall", "callcode", "staticcall"]), st.booleans())
def test_borrowed_code_moves_nothing_itself_but_its_calls_do(tree: Node, kind: str, cancun: bool) -> None:
    borrowed = Node(kind, account(1), account(2), 5, False, (tree,))
    top = Node("call", account(1), account(1), 0, False, (borrowed,))
    direct = Node("call", account(1), account(1), 0, False, (tree,))
    for inside, beside in zip(steps_of(top), steps_of(direct), strict=True):
        assert plain(moves(inside, cancun)) == plain(moves(beside, cancun))


@given(TREES)
def test_steps_that_are_no_tree_are_not_taken_for_one(tree: Node) -> None:
    steps = frames(as_frame(tree))
    assert not is_whole([step for step in steps if step.path])
    assert not is_whole([*steps, steps[-1]])
    for step in steps:
        rest = [one for one in steps if one is not step]
        has_children = any(one.path[:-1] == step.path and one.path for one in rest)
        assert is_whole(rest) == (bool(rest) and not has_children and step.path != ())


# ---- EIP-6780 ----------------------------------------------------------------------------------------------------

BOMB, HEIR, FACTORY = account(1), account(2), account(3)


def ends(heir: str, created: bool = False, undone: bool = False) -> Node:
    """A contract destroys itself, perhaps after it was made in the very transaction, or after that failed."""
    end = Node("selfdestruct", BOMB, heir, 9, False)
    made = (Node("create2", FACTORY, BOMB, 0, undone),) if created else ()
    return Node("call", HEIR, FACTORY, 0, False, (*made, Node("call", FACTORY, BOMB, 0, False, (end,))))


@pytest.mark.parametrize("cancun", [False, True])
@pytest.mark.parametrize("created", [False, True])
def test_an_heir_gets_what_the_contract_had_on_every_fork(created: bool, cancun: bool) -> None:
    for steps in steps_of(ends(HEIR, created)):
        assert moves(steps, cancun) == [Move(1, BOMB, HEIR, 9)]


def test_an_end_for_its_own_benefit_burns_before_cancun_and_since_then_only_what_was_just_made() -> None:
    for steps in steps_of(ends(BOMB)):
        assert moves(steps, False) == [Move(1, BOMB, None, 9)]
        assert moves(steps, True) == []
    for steps in steps_of(ends(BOMB, created=True)):
        assert moves(steps, True) == moves(steps, False) == [Move(1, BOMB, None, 9)]


def test_a_creation_that_failed_made_nothing() -> None:
    told = as_frame(ends(BOMB, created=True, undone=True))
    told["calls"][0]["to"] = BOMB  # callTracer names where the contract would have stood
    assert moves(frames(told), True) == []


# ---- what is none ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [{}, [], None, {"structLogs": []}, {"type": "CALL"}, {"type": "GIFT", "from": HEIR, "to": HEIR},
     {"type": "CALL", "from": HEIR, "value": "0x1"}, {"type": "CALL", "from": HEIR, "to": HEIR, "calls": {}},
     {"type": "CALL", "from": HEIR, "to": HEIR, "value": 1.5}],
)  # fmt: skip
def test_a_tree_of_another_tracer_is_none(told: Any) -> None:
    with pytest.raises(Bad):
        frames(told)


@pytest.mark.parametrize(
    "change",
    [{"type": "gift"}, {"action": None}, {"action": {}}, {"traceAddress": [-1]}, {"traceAddress": None},
     {"transactionHash": None}, {"action": {"from": HEIR, "to": HEIR, "value": "0x1", "callType": "gift"}},
     {"type": "create", "action": {"from": HEIR, "value": "0x1"}, "result": None}],
)  # fmt: skip
def test_a_trace_that_is_none_is_not_read(change: dict[str, Any]) -> None:
    good = next(as_parity(ends(HEIR)))
    assert trace(good).step.kind == "call"
    with pytest.raises(Bad):
        trace(good | change)


def test_what_proof_of_work_issued_is_of_no_transaction() -> None:
    action = {"author": HEIR, "rewardType": "block", "value": "0x4563918244f40000"}
    found = trace({"type": "reward", "action": action, "blockNumber": 1, "blockHash": BLOCK, "traceAddress": []})
    assert found.tx_hash is None
    assert found.step == Step((), "block", "", HEIR, 5 * 10**18, False)

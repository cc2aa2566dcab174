"""Exposure against a queue that is pushed unit by unit, against ``ct.trace``, and by the laws that it states."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import Edition
from chaintrace.labels.known import Said
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Withdrawal
from chaintrace.taint.exposing import Exposer
from chaintrace.taint.exposure import DIRECTIONS, METHODS, Exposure
from tests.laws.subject import asset as asset_named
from tests.laws.subject import transfers
from tests.oracle.words import Row
from tests.strategies import address, coin_ledgers, is_coins, ledgers

ETH = "eip155:1/slip44:60"
A, B, C, S, X = ("0x" + digit * 40 for digit in "1234a")
ENDS = {"fee": "fees", "burn": "burnt"}
BEGINS = {"mint": "issued", "reward": "issued", "withdrawal": "issued", "opening": "opening"}


def queues(rows: list[Row], asked: str, labelled: Collection[str]) -> Counter[tuple[str, str, str, bool]]:
    """{(direction, asset, end, is direct): units} by FIFO. A lot: units, where they began, whether they were with
    ``asked`` since. ``end`` is a labelled account, or a bucket."""
    found: Counter[tuple[str, str, str, bool]] = Counter()
    lots: dict[tuple[str, str], deque[list[Any]]] = defaultdict(deque)
    for row in rows:
        if not row.amount or row.sender == row.receiver:
            continue
        for units, begin, met in _leave(found, lots, row, asked, labelled):
            if row.receiver == asked and not met:
                found["received", row.asset, begin, row.sender in labelled or row.sender is None] += units
                met = True
            if row.receiver is None or row.receiver in labelled:
                if met:
                    found["sent", row.asset, row.receiver or ENDS[row.kind], row.sender == asked] += units
            else:
                lots[row.receiver, row.asset].append([units, begin, met])
    for (account, asset), left in lots.items():
        for units, _, met in left:
            if met:
                found["sent", asset, "kept" if account == asked else "held", account == asked] += units
    return found


def _leave(found: Any, lots: Any, row: Row, asked: str, labelled: Collection[str]) -> list[tuple[int, str, bool]]:
    if row.sender is None:
        return [(row.amount, BEGINS[row.kind], False)]
    if row.sender in labelled:
        return [(row.amount, row.sender, False)]
    left, parts, lot = row.amount, [], lots[row.sender, row.asset]
    while left and lot:
        units = min(left, lot[0][0])
        parts.append((units, lot[0][1], lot[0][2]))
        lot[0][0] -= units
        left -= units
        if not lot[0][0]:
            lot.popleft()
    if left:
        if row.sender == asked:
            found["received", row.asset, "unexplained", True] += left
        parts.append((left, "unexplained", row.sender == asked))
    return parts


def told(exposure: Exposure, method: str, names: dict[str, str], assets: dict[str, str]) -> Counter[Any]:
    """An exposure in the queues' words."""
    sums: Counter[Any] = Counter()
    for line in exposure.lines:
        if line.method == method and line.bucket not in ("exit", "dust"):
            for direct, units in ((True, line.direct), (False, line.indirect)):
                sums[line.direction, assets[line.asset], line.bucket, direct] += units
    for party in exposure.parties:
        if party.method == method:
            for direct, units in ((True, party.direct), (False, party.indirect)):
                sums[party.direction, assets[party.asset], names[party.account], direct] += units
    return +sums


def book_of(accounts: Collection[str], coins: bool = False) -> LabelBook:
    return LabelBook([Label(address(one, coins), "mixer") for one in sorted(accounts)])


cases = st.tuples(ledgers(), st.sets(st.sampled_from("bcdef"), max_size=3))


@settings(settings.get_profile("many"))
@given(cases)
def test_fifo_exposure_is_that_of_a_queue_to_the_unit(case: tuple[list[Row], set[str]]) -> None:
    rows, labelled = case
    exposer = Exposer(ct.TransferGraph(transfers(rows)), book_of(labelled), least=0)
    names = {address(party, False): party for row in rows for party in row[:2] if party}
    assets = {asset_named(row.asset, False): row.asset for row in rows}
    found = told(exposer.of(address("a", False), parties=True), "fifo", names, assets)
    assert found == queues(rows, "a", labelled - {"a"})


@given(cases, st.sampled_from([0, 1, 50_000]))
def test_both_directions_are_about_the_same_funds(case: tuple[list[Row], set[str]], least: int) -> None:
    rows, labelled = case
    exposure = Exposer(ct.TransferGraph(transfers(rows)), book_of(labelled), least=least).of(address("a", False))
    for asset in exposure.assets:
        gross = sum(row.amount for row in rows if "a" in row[:2] and asset_named(row.asset, False) == asset)
        for method in METHODS:
            received, sent = (exposure.funds(way, asset, method) for way in DIRECTIONS)
            assert 0 < received <= gross
            assert 0 < sent <= gross
            if not least:
                assert abs(received - sent) <= (0 if method == "fifo" else len(rows))


@given(cases)
def test_what_is_direct_does_not_depend_on_the_method(case: tuple[list[Row], set[str]]) -> None:
    rows, labelled = case
    exposer = Exposer(ct.TransferGraph(transfers(rows)), book_of(labelled))
    parties = exposer.of(address("a", False), parties=True).parties
    direct = [
        {(one.direction, one.asset, one.account): one.direct for one in parties if one.method == name and one.direct}
        for name in METHODS
    ]
    assert direct[0] == direct[1]


@given(cases, st.sampled_from(METHODS))
def test_where_it_came_from_is_what_the_trace_says(case: tuple[list[Row], set[str]], method: str) -> None:
    rows, labelled = case
    graph, account = ct.TransferGraph(transfers(rows)), address("a", False)
    parties = Exposer(graph, book_of(labelled), least=0, methods=[method]).of(account, parties=True).parties
    found = {(one.asset, one.account): one.direct + one.indirect for one in parties if one.direction == "received"}
    receivers = graph.to_pandas()["receiver"].tolist()
    come = [n for n, receiver in enumerate(receivers) if receiver == account and graph.rows.moves(n)]
    if not come:
        assert not found
        return
    exits = ct.trace(graph, ct.rows(*come), method, "backward", stop_at=[address(one) for one in labelled]).exits()
    expected: Counter[tuple[str, str]] = Counter()
    for one, asset, amount in zip(exits["address"], exits["asset"], exits["amount"], strict=True):
        expected[asset, one] += amount
    assert found == +expected


@settings(settings.get_profile("many"))
@given(cases)
def test_haircut_exposure_is_that_of_balances_to_the_unit(case: tuple[list[Row], set[str]]) -> None:
    rows, labelled = case
    labelled = labelled - {"a"}
    exposer = Exposer(ct.TransferGraph(transfers(rows)), book_of(labelled), least=0, methods=["haircut"])
    exposure = exposer.of(address("a", False), parties=True)
    found = {(one.asset, one.account): one.direct + one.indirect for one in exposure.parties if one.direction == "sent"}
    balance: Counter[tuple[str, str]] = Counter()
    taint: Counter[tuple[str, str]] = Counter()
    expected: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if not row.amount or row.sender == row.receiver:
            continue
        part = 0
        if row.sender is not None:
            pot = (row.sender, row.asset)
            balance[pot] = max(balance[pot], row.amount)
            part = row.amount if row.sender == "a" else taint[pot] * row.amount // balance[pot]
            taint[pot] -= min(part, taint[pot])
            balance[pot] -= row.amount
        if row.receiver in labelled:
            expected[asset_named(row.asset, False), address(row.receiver)] += part
        elif row.receiver is not None and row.receiver != "a":
            taint[row.receiver, row.asset] += part
        if row.receiver is not None:
            balance[row.receiver, row.asset] += row.amount
    assert found == +expected


@given(coin_ledgers(), st.sets(st.sampled_from("bcd"), max_size=2))
def test_coins_sum_too(rows: list[Row], labelled: set[str]) -> None:
    if not any("a" in row[:2] and row.amount for row in rows):
        return
    coins = is_coins(rows)
    exposure = Exposer(ct.TransferGraph(transfers(rows)), book_of(labelled, coins), least=0).of(address("a", coins))
    for asset in exposure.assets:
        assert exposure.funds("received", asset) == exposure.funds("sent", asset) > 0


def graph_of(*rows: tuple[Any, ...]) -> ct.TransferGraph:
    import pandas as pd

    return ct.TransferGraph(pd.DataFrame(rows, columns=["time", "sender", "receiver", "amount"]))


def day(number: int) -> str:
    return f"2024-05-{number:02d}T12:00:00Z"


def test_a_designation_after_the_transfer_is_now_and_not_then() -> None:
    graph = graph_of((day(1), A, S, 10), (day(3), A, S, 20), (day(5), A, S, 40))
    book = LabelBook([Label(S, "sanctioned", since="2024-05-03", until="2024-05-05")])
    at = {number: Exposer(graph, book, at=day(number)).of(A) for number in (2, 3, 6)}
    asked = {"direction": "sent", "asset": ETH}
    assert at[2].category("sanctioned", **asked).most == 0  # type: ignore[arg-type]
    assert [line.bucket for line in at[2].lines if line.direction == "sent"] == ["held", "held"]
    assert at[3].category("sanctioned", **asked, when="then").most == 20  # type: ignore[arg-type]
    assert at[3].category("sanctioned", **asked, when="now").most == 30  # type: ignore[arg-type]
    assert at[6].category("sanctioned", **asked, when="now").most == 0  # type: ignore[arg-type]
    assert at[6].category("sanctioned", **asked, when="then").most == 20  # type: ignore[arg-type]


def test_what_was_sanctioned_at_neither_clock_is_told_as_once() -> None:
    """Paid before the designation, asked after its end: no line says nothing about it."""
    graph = graph_of((day(1), A, S, 10), (day(6), A, S, 20))
    for book in (
        LabelBook([Label(S, "sanctioned", since="2024-05-03", until="2024-05-05")]),
        LabelBook([Label(S, "sanctioned", since="2024-05-03", until="2024-05-05"), Label(S, "mixer")]),
    ):
        exposure = Exposer(graph, book, at=day(7)).of(A)
        sent = [line for line in exposure.lines if line.direction == "sent" and line.bucket == "exit"]
        assert {line.said.once for line in sent} == {("sanctioned",)}
        assert {line.category for line in sent} == {"mixer" if len(book) == 2 else "sanctioned"}
        asked = {"direction": "sent", "asset": ETH}
        assert exposure.category("sanctioned", **asked, when="once") == (30, 30)  # type: ignore[arg-type]
        assert exposure.category("sanctioned", **asked).most == 0  # type: ignore[arg-type]
        assert exposure.to_pandas()["once"].tolist().count("sanctioned") == len(sent)


@pytest.mark.parametrize("category", ["sanctioned", "hack"])
def test_a_counterparty_whose_grave_label_was_taken_back_is_still_a_line(category: str) -> None:
    graph = graph_of((day(1), X, A, 10), (day(2), A, S, 10), (day(3), S, B, 10))
    book = LabelBook([Label(S, category, "Sam"), Label(B, "exchange")])
    taken = LabelList(Edition("mine"), withdrawals=(Withdrawal(S, category, by="me"),))
    exposure = Exposer(graph, book.over(taken), at=day(7)).of(A, parties=True)
    sent = [line for line in exposure.lines if line.direction == "sent"]
    assert {(line.bucket, line.said, line.direct) for line in sent} == {("exit", Said(withdrawn=(category,)), 10)}
    assert {(one.account, one.name) for one in exposure.parties if one.direction == "sent"} == {(S, "Sam")}
    assert exposure.category(category, "sent", ETH).most == 0
    assert exposure.category(category, "sent", ETH, when="once") == (10, 10)


def test_a_pocket_whose_sanction_was_taken_back_stays_a_counterparty() -> None:
    graph = graph_of((day(1), X, S, 10), (day(2), S, A, 10))
    book = LabelBook([Label(one, "exchange", source="list", actor="7") for one in (A, S)])
    assert Exposer(graph, book).of(A).own == (S,)
    layers = (
        [Label(S, "sanctioned", source="other")],
        LabelList(Edition("x"), withdrawals=(Withdrawal(S, "sanctioned"),)),
    )
    exposure = Exposer(graph, book.over(layers[0]).over(layers[1]), dust={ETH: 0}).of(A)
    assert exposure.own == ()
    assert exposure.category("sanctioned", "received", ETH, when="once") == (10, 10)


def test_an_account_whose_kind_was_taken_back_is_followed() -> None:
    graph = graph_of((day(2), A, S, 10), (day(3), S, B, 10))
    taken = LabelList(Edition("mine"), withdrawals=(Withdrawal(S, "exchange", by="me"),))
    exposure = Exposer(graph, LabelBook([Label(S, "exchange"), Label(B, "mixer")], taken)).of(A)
    assert exposure.category("mixer", "sent", ETH) == (10, 10)


def test_the_funds_of_one_chain_are_those_on_it() -> None:
    import pandas as pd

    polygon = "eip155:137"
    rows = [(day(1), S, A, 10, ETH), (day(2), S, A, 7, f"{polygon}/slip44:966"), (day(3), A, X, 10, ETH)]
    frame = pd.DataFrame(rows, columns=["time", "sender", "receiver", "amount", "asset"])
    frame["chain"] = [one.partition("/")[0] for one in frame["asset"]]
    exposer = Exposer(ct.TransferGraph(frame), LabelBook([Label(S, "mixer")]))
    everywhere = exposer.of(A)
    assert everywhere.assets == tuple(sorted((ETH, f"{polygon}/slip44:966")))
    for chain, asset, units in (("eip155:1", ETH, 10), (polygon, f"{polygon}/slip44:966", 7)):
        exposure = exposer.of(A, chain=chain)
        assert exposure.assets == (asset,)
        assert exposure.lines == tuple(line for line in everywhere.lines if line.asset == asset)
        assert exposure.category("mixer", "received", asset, dust=True) == (units, units)
    assert exposer.of(X, chain=polygon).lines == ()


def test_what_may_have_been_in_force_is_doubtful_and_counts() -> None:
    graph = graph_of((day(1), A, S, 10))
    book = LabelBook([Label(S, "sanctioned", since="2024-05-03", since_at_latest=True)])
    exposure = Exposer(graph, book, at=day(2)).of(A)
    assert exposure.category("sanctioned", "sent", ETH).most == 10
    assert exposure.category("sanctioned", "sent", ETH, doubtful=False).most == 0


def test_dust_nobody_asked_for_is_apart_and_money_for_money_is_not() -> None:
    dust = 10**13
    unasked = graph_of((day(1), S, A, dust), (day(2), B, A, 10**18))
    exposure = Exposer(unasked, LabelBook([Label(S, "mixer")])).of(A)
    assert exposure.category("mixer", "received", ETH).most == 0
    assert exposure.category("dust", "received", ETH) == (dust, dust)
    assert exposure.dust == {ETH: 10**14}
    answered = graph_of((day(1), A, S, 10**18), (day(2), S, A, dust))
    assert Exposer(answered, LabelBook([Label(S, "mixer")])).of(A).category("mixer", "received", ETH).most == dust
    often = graph_of(*((day(n), S, A, dust) for n in range(1, 13)))
    assert Exposer(often, LabelBook([Label(S, "mixer")])).of(A).category("mixer", "received", ETH).most == 12 * dust


def test_dust_of_many_accounts_of_one_party_is_summed() -> None:
    many, dust = [f"0x{number:040x}" for number in range(100, 150)], 10**14
    rows = [(day(1), one, A, dust) for one in many]
    graph = graph_of(*rows, (day(2), B, A, 10**18))
    alone = LabelBook([Label(one, "sanctioned", source="OFAC", actor=one) for one in many])
    assert Exposer(graph, alone).of(A).category("dust", "received", ETH).most == 50 * dust
    together = LabelBook([Label(one, "sanctioned", source="OFAC", actor="7") for one in many])
    found = Exposer(graph, together).of(A)
    assert found.category("dust", "received", ETH).most == 0
    assert found.category("sanctioned", "received", ETH, indirect=False) == (50 * dust, 50 * dust)
    one_way = graph_of((day(1), many[0], A, dust), (day(2), A, many[1], dust), (day(3), B, A, 10**18))
    assert Exposer(one_way, together).of(A).category("dust", "received", ETH).most == 0


def test_accounts_of_the_same_party_are_followed_and_kept_is_theirs_too() -> None:
    graph = graph_of((day(1), X, A, 10), (day(2), A, B, 8), (day(3), B, S, 5))
    labels = [Label(one, "sanctioned", source="list", actor="7") for one in (A, B)]
    book = LabelBook([*labels, Label(S, "mixer")])
    exposure = Exposer(graph, book).of(A)
    assert exposure.own == (B,)
    assert exposure.category("mixer", "sent", ETH) == (5, 5)
    assert {
        line.bucket: line.amount for line in exposure.lines if line.direction == "sent" and line.method == "fifo"
    } == {
        "exit": 5,
        "kept": 5,
    }
    assert Exposer(graph, book, dust={ETH: 0}).of(S).category("sanctioned", "received", ETH) == (5, 5)


@pytest.mark.parametrize(
    "grave",
    [
        {"category": "sanctioned"},
        {"category": "sanctioned", "until": "2024-05-03"},
        {"category": "sanctioned", "since": "2024-08-01", "since_at_latest": True},
        {"category": "ransomware"},
    ],
)
def test_a_grave_account_of_the_same_party_stays_a_counterparty(grave: dict[str, Any]) -> None:
    graph = graph_of((day(1), X, S, 5), (day(2), S, A, 5))
    book = LabelBook(
        [Label(S, actor="x", source="OFAC", **grave), Label(A, "exchange", actor="x", source="OFAC")],
    )
    exposure = Exposer(graph, book, at="2024-06-01", dust={ETH: 0}).of(A)
    assert exposure.own == ()
    assert exposure.category(grave["category"], "received", ETH, indirect=False) == (5, 5)


def test_money_that_comes_back_is_counted_once() -> None:
    graph = graph_of((day(1), S, A, 10), *((day(2 + n), *((A, B) if n % 2 == 0 else (B, A)), 10) for n in range(6)))
    exposure = Exposer(graph, LabelBook([Label(S, "hack")]), dust={ETH: 0}).of(A)
    assert exposure.funds("received", ETH) == exposure.funds("sent", ETH) == 10
    assert exposure.category("hack", "received", ETH, indirect=False) == (10, 10)


def test_whose_history_is_missing_is_a_line_of_its_own() -> None:
    graph = graph_of((day(1), A, B, 10), (day(2), B, C, 4))
    exposure = Exposer(graph, LabelBook([]), coverage=[B]).of(B)
    lines = {(line.direction, line.bucket): line.amount for line in exposure.lines if line.method == "fifo"}
    assert lines == {("received", "not_fetched"): 10, ("sent", "not_fetched"): 4, ("sent", "kept"): 6}
    assert exposure.whole is True
    assert Exposer(graph, LabelBook([]), coverage=[A]).of(B).whole is False


def test_rows_after_the_moment_have_not_happened() -> None:
    graph = graph_of((day(1), A, S, 10), (day(4), A, S, 20))
    exposer = Exposer(graph, LabelBook([Label(S, "mixer")]), at=day(2))
    assert exposer.of(A).funds("sent", ETH) == 10
    assert Exposer(graph, LabelBook([Label(S, "mixer")]), at="2024-04-01").of(A).lines == ()


def test_an_address_that_is_in_no_transfer_has_no_lines() -> None:
    exposure = Exposer(graph_of((day(1), A, S, 10)), LabelBook([])).of(C)
    assert exposure.lines == ()
    assert exposure.accounts == ()


@pytest.mark.parametrize(
    "options",
    [{"methods": ["poison"]}, {"methods": ["dirty-first"]}, {"least": -1}, {"least": 0.5}, {"dust": {ETH: -1}}],
)
def test_an_option_that_is_none_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ct.errors.MethodError):
        Exposer(graph_of((day(1), A, S, 10)), LabelBook([]), **options)


def test_lifo_may_be_asked_too() -> None:
    exposure = Exposer(graph_of((day(1), A, S, 10)), LabelBook([Label(S, "mixer")]), methods=["lifo"]).of(A)
    assert exposure.category("mixer", "sent", ETH) == (10, 10)
    assert exposure.funds("sent", ETH, "lifo") == 10


def test_an_address_of_another_chain_is_an_error() -> None:
    with pytest.raises(ct.errors.AddressError):
        Exposer(graph_of((day(1), A, S, 10)), LabelBook([])).of("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")


def test_small_pieces_are_a_line_of_their_own() -> None:
    graph = graph_of((day(1), S, B, 1), (day(2), C, B, 10**9), (day(3), B, A, 10**9))
    exposure = Exposer(graph, LabelBook([Label(S, "mixer")])).of(A)
    assert exposure.category("below_threshold", "received", ETH).most == 1
    assert exposure.funds("received", ETH) == 10**9
    assert Exposer(graph, LabelBook([Label(S, "mixer")]), least=0).of(A).category("mixer", "received", ETH).most == 1


def test_small_pieces_that_come_back_are_not_counted_again() -> None:
    graph = graph_of(
        (day(1), S, A, 10**9),
        (day(2), A, B, 5000),
        (day(3), B, A, 5000),
        (day(4), A, C, 10**9 - 4800),
        (day(5), A, X, 4800),
    )
    exposure = Exposer(graph, LabelBook([Label(S, "mixer")]), methods=["fifo"]).of(A)
    assert exposure.funds("sent", ETH) == 10**9
    assert exposure.category("below_threshold", "sent", ETH).most == 0


def test_a_transfer_in_the_first_second_of_a_designation_is_then_and_in_its_last_is_not() -> None:
    graph = graph_of(("2024-05-03T00:00:00Z", A, S, 10), ("2024-05-05T00:00:00Z", A, S, 20))
    book = LabelBook([Label(S, "sanctioned", since="2024-05-03", until="2024-05-05")])
    exposure = Exposer(graph, book, at=day(6)).of(A)
    assert exposure.category("sanctioned", "sent", ETH, when="then").most == 10

"""Counterfeit symbols: what looks like a known one and is another's."""

from __future__ import annotations

import json

import pytest

from chaintrace.heuristics.counterfeit import ISSUED, CounterfeitThresholds, skeleton
from chaintrace.model.asset import parse_asset
from chaintrace.model.token import Token
from chaintrace.report.console import render
from chaintrace.report.found import found_view
from tests.heuristics.ledger import ETHEREUM, Pay, address, ask, token

RULE = "counterfeit-token"
PAYS = [Pay("a", "b", 5, 0, "some")]


def found_of(symbol: str, **options: object) -> object:
    return ask(PAYS, only=RULE, tokens={token("some"): Token(symbol, 6)}, **options)


LOOKALIKES = [
    "USDT",
    "usdt",
    "USD\N{CYRILLIC CAPITAL LETTER TE}",
    "U\N{CYRILLIC CAPITAL LETTER DZE}DT",
    "\N{FULLWIDTH LATIN CAPITAL LETTER U}SDT",
    "US\N{ZERO WIDTH SPACE}DT",
    "\N{RIGHT-TO-LEFT OVERRIDE}USDT",
    "USD\N{TUGRIK SIGN}",
    "U5DT",
    "U$DT",
    " USDT ",
    "DAl",
    "USD\N{COMBINING ACUTE ACCENT}T",
    "ETH",
    "WETH",
    "\N{GREEK CAPITAL LETTER EPSILON}TH",
]


@pytest.mark.parametrize("symbol", LOOKALIKES)
def test_what_looks_like_a_known_symbol_is_found(symbol: str) -> None:
    (found,) = ask([*PAYS, Pay("a", "b", 5)], only=RULE, tokens={token("some"): Token(symbol, 6)})
    assert len(found.rows) == found.evidence["rows"] == 1
    assert found.subject == address("some")
    assert found.evidence["symbol"] == symbol
    assert found.evidence["known"] != token("some")


@pytest.mark.parametrize("symbol", ["USDT2", "USDX", "MAX", "", "T", "TRX", "USDT" + "T" * 61])
def test_other_symbols_are_not(symbol: str) -> None:
    assert len(found_of(symbol)) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(("chain", "symbol", "contract"), [one for one in ISSUED if one[0] == ETHEREUM.id])
def test_the_known_ones_are_themselves(chain: str, symbol: str, contract: str) -> None:
    asset = parse_asset(contract, chain)
    assert len(ask([Pay("a", "b", 5, 0, contract.lower())], only=RULE, tokens={asset: Token(symbol, 6)})) == 0


def test_what_nobody_has_fetched_a_symbol_of_is_not_looked_at() -> None:
    assert len(ask(PAYS, only=RULE)) == 0


def test_known_tokens_are_the_callers() -> None:
    genuine = ((ETHEREUM.id, "GOLD", address("gold")),)
    at = {RULE: CounterfeitThresholds(known=genuine)}
    assert len(found_of("G0LD", thresholds=at)) == 1  # type: ignore[arg-type]
    assert len(found_of("USDT", thresholds=at)) == 0  # type: ignore[arg-type]
    at = {RULE: CounterfeitThresholds(longest=4)}
    assert len(found_of("USDT and more", thresholds=at)) == 1  # type: ignore[arg-type]


def test_a_symbol_is_read_up_to_64_letters() -> None:
    unseen = "\N{ZERO WIDTH SPACE}"
    assert len(found_of("USDT" + unseen * 60 + "X")) == 1  # type: ignore[arg-type]
    assert len(found_of("USDT" + unseen * 59 + "X")) == 0  # type: ignore[arg-type]


def test_a_hostile_symbol_stays_text() -> None:
    symbol = "\N{RIGHT-TO-LEFT OVERRIDE}US\x1b[31mDT<script>"
    assert "\x1b" not in skeleton(symbol)
    found = found_of("\x1bUSDT\N{RIGHT-TO-LEFT OVERRIDE}")
    assert len(found) == 1  # type: ignore[arg-type]
    shown = render(found_view(found))  # type: ignore[arg-type]
    assert "\x1b" not in shown
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in shown
    assert json.loads(json.dumps(found[0].to_dict()))["evidence"]["looks_like"] == "USDT"  # type: ignore[index]

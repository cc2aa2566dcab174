"""Common funders: the first gas of several, from one who is no service."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from chaintrace.heuristics.findings import findings
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA, Transfers
from tests.heuristics.ledger import CONTRACTS, ETHER, Pay, address, ask, crowd, label, table

RULE = "common-funder"
GAS = ETHER // 50


def funded(name: str, at: int = 0, amount: int = GAS, by: str = "funder") -> list[Pay]:
    """Somebody gets gas, and uses it."""
    return [Pay(by, name, amount, at), Pay(name, f"{name}'s shop", 5, at + 60, "gold")]


def test_two_funded_by_one_are_found() -> None:
    (found,) = ask([*funded("ann"), *funded("bob", 600)], only=RULE)
    assert found.subject == address("funder")
    assert found.evidence == {"accounts": sorted([address("ann"), address("bob")]), "degree": 2}
    assert len(found.rows) == 2
    assert "0.7 %" in found.doubt


@pytest.mark.parametrize(
    ("second", "is_found"),
    [
        (funded("bob", 600, 10**14), True),
        (funded("bob", 600, 10**14 - 1), False),
        (funded("bob", 600, 10**17), True),
        (funded("bob", 600, 10**17 + 1), False),
        (funded("bob", 600, by="another"), False),
        ([Pay("another", "bob", 1, 500), *funded("bob", 600)], False),
        ([Pay("another", "bob", GAS, 500, "gold"), *funded("bob", 600)], True),
        ([Pay("bob", "shop", 5, 500, "gold"), *funded("bob", 600)], False),
        (funded("bob", 600)[:1], False),
        ([replace(one, order="unknown") for one in [*funded("bob", 600), Pay("another", "bob", GAS, 600)]], False),
        ([*funded("bob", 600), Pay("another", "bob", GAS, 720)], True),
        ([replace(one, at=600, order="unknown") for one in funded("bob")], False),
    ],
)
def test_it_is_the_first_coin_as_much_as_gas_costs_and_it_is_used(second: list[Pay], is_found: bool) -> None:
    assert len(ask([*funded("ann"), *second], only=RULE)) == is_found


@pytest.mark.parametrize(("many", "is_found"), [(47, True), (48, False)])
def test_who_deals_with_many_is_a_service(many: int, is_found: bool) -> None:
    assert len(ask([*funded("ann"), *funded("bob"), *crowd("funder", many)], only=RULE)) == is_found


TRON = get_chain("tron")


@pytest.mark.parametrize(("amount", "is_found"), [(10**6, True), (10**6 - 1, False), (10**8, True), (10**8 + 1, False)])
def test_gas_of_tron_is_counted_in_sun(amount: int, is_found: bool) -> None:
    rows = table([*funded("ann", amount=10**7), *funded("bob", 600, amount)])
    assets = [TRON.native if kind == "native" else f"{TRON.id}/trc20:some" for kind in rows["kind"].to_pylist()]
    for name, cells in (("chain", [TRON.id] * len(rows)), ("asset", assets)):
        rows = rows.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), pa.array(cells))
    assert len(findings(Transfers(rows), only=RULE)) == is_found


def test_a_labelled_service_is_nobodys_owner() -> None:
    pays = [*funded("ann"), *funded("bob", 600)]
    assert len(ask(pays, labels=[label("funder", "wallet-service")], only=RULE)) == 0
    assert len(ask(pays, labels=[label("bob", "exchange")], only=RULE)) == 0
    assert len(ask(pays, labels=[label("funder", "hack")], only=RULE)) == 1


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_known_contract_is_no_funder(contract: str) -> None:
    assert len(ask([*funded("ann", by=contract), *funded("bob", 600, by=contract)], only=RULE)) == 0

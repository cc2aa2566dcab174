"""Cards: what each door can see and what it cannot, as reports and docs quote it."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """``source``    what is asked. ``chains``: of which family.
    ``inside``     transfers inside transactions, that calls of contracts make.
    ``order``      how far the order inside a transaction is known.
    ``final``      which block counts as final.
    ``balances``   what the chain's own balances come from; empty where nothing tells them, so that histories are
                   whole on the source's word alone.
    ``blind``      what it never shows.
    ``bound``      what limits it, and is met.
    """

    door: str
    source: str
    chains: str
    inside: str
    order: str
    final: str
    balances: str
    blind: str
    bound: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


CARDS = {
    card.door: card
    for card in (
        Card(
            door="rpc",
            source="a JSON-RPC node",
            chains="Ethereum and its kin",
            inside="by trace_filter or callTracer; declared missing by logs",
            order="calls by their place, logs by their number; between calls and logs it is not told",
            final="the tag finalized, else 64 blocks deep",
            balances="eth_getBalance and balanceOf at the block, from an archive node",
            blind="tokens that do not index their transfers; withdrawals and rewards by trace_filter",
            bound="range and size of an answer, batches, requests a second",
        ),
        Card(
            door="etherscan",
            source="an explorer with Etherscan's API, version 2",
            chains="Ethereum and its kin",
            inside="as the explorer lists them",
            order="as a node's where it tells places of calls, else unknown",
            final="as its node says, else 64 blocks deep",
            balances="the module proxy, or a node beside it",
            blind="what the makers of blocks are paid; withdrawals where it has no list of them",
            bound="rows of a page and of a list, calls a second and a day",
        ),
        Card(
            door="blockscout",
            source="an explorer with Blockscout's REST API, version 2",
            chains="Ethereum and its kin",
            inside="as the explorer lists them; which of them a failed call undid is its word",
            order="calls by their number, logs by theirs; between calls and logs it is not told",
            final="as its node says, else 64 blocks deep",
            balances="its JSON-RPC, or a node beside it",
            blind="what the makers of blocks are paid; withdrawals where none are listed; unindexed token transfers",
            bound="rows of a page, calls a second, credits a day",
        ),
    )
}

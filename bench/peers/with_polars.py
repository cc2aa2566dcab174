"""Polars: accounts as categories, then a join of what is new with all rows, until nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

NAME = "Polars joins"
SHAPES = ("hex", "ids")
CANNOT = {"fifo": "no lots", "haircut": "rows depend on each other"}


class Graph(NamedTuple):
    names: pl.Series | None
    moves: pl.DataFrame


def load(path: Path, shape: str) -> Graph:
    read = pl.read_parquet(path, columns=["sender", "receiver"], row_index_name="row")
    if shape == "ids":
        return Graph(None, read)
    names = pl.concat([read["sender"], read["receiver"]]).unique()
    kind = pl.Enum(names)
    codes = (pl.col(side).cast(kind).to_physical().cast(pl.UInt32) for side in ("sender", "receiver"))
    return Graph(names, read.with_columns(codes))


def reach(graph: Graph, row: int) -> pl.Series:
    new = graph.moves["receiver"].slice(row, 1)
    reached = new
    while len(new):
        found = graph.moves.filter(pl.col("sender").is_in(new.implode()))["receiver"].unique()
        new = found.filter(~found.is_in(reached.implode()))
        reached = pl.concat([reached, new])
    return reached


def temporal(graph: Graph, row: int) -> pl.Series:
    return _earliest(graph.moves.lazy(), row)


def _earliest(moves: pl.LazyFrame, row: int) -> pl.Series:
    """The earliest row by which each account is reached, improved until nothing improves."""
    new = moves.filter(pl.col("row") == row).select(account="receiver", at="row").collect()
    reached, later = new, moves.filter(pl.col("row") > row)
    while len(new):
        found = (
            later.join(new.lazy(), left_on="sender", right_on="account")
            .filter(pl.col("row") > pl.col("at"))
            .group_by(account="receiver")
            .agg(at=pl.col("row").min())
        )
        known = reached.lazy().select("account", known="at")
        both = found.join(known, on="account", how="left")
        better = both.filter(pl.col("known").is_null() | (pl.col("at") < pl.col("known")))
        new = better.select("account", "at").collect()
        reached = pl.concat([reached, new]).group_by("account").agg(pl.col("at").min())
    return reached["account"]


def once(path: Path, row: int) -> pl.Series:
    later = pl.scan_parquet(path, row_index_name="row").select("row", "sender", "receiver").slice(row)
    return _earliest(later.collect().lazy(), row)


def names(graph: Graph | None, answer: pl.Series) -> Iterable[tuple[Any, int]]:
    if graph is not None and graph.names is not None:
        answer = graph.names.gather(answer)
    return ((name, 0) for name in answer.to_list())

"""A ranking on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType

from chaintrace.labels.label import Label
from chaintrace.model.amount import share
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table
from chaintrace.taint.ranking import Ranking

MEANS_NOTHING = "Shares of a mass that is pushed along transfers: where to look. They are no amounts of money."


def ranked_view(ranking: Ranking, top: int, labels: Iterable[Label] = ()) -> RenderableType:
    """The first ``top`` accounts, what the others have together, and what was not passed on to its end."""
    names = {label.address: label.role or label.name or label.category for label in labels}
    table = make_table(f"Who matters: {_name(ranking)}", "", "account", "", "hops", "share", "not passed on")
    for column in (0, 3, 4, 5):
        table.columns[column].justify = "right"
    shown, others = ranking.places[:top], ranking.places[top:]
    for number, place in enumerate(shown, 1):
        about = [names.get(place.account, ""), f"stop: {place.stop}" if place.stop else ""]
        about += [] if place.fetched else ["history not in the data"]
        table.add_row(
            f"{number}",
            place.account,
            "; ".join(filter(None, about)),
            f"{place.hops:,}",
            share(place.mass, ranking.whole),
            share(place.residue, ranking.whole),
        )
    if others:
        mass, residue = (sum(parts) for parts in zip(*((one.mass, one.residue) for one in others), strict=True))
        more = f"… and {count(len(others), 'more account')}: --top, --json"
        table.add_row("", more, "", "", share(mass, ranking.whole), share(residue, ranking.whole))
    table.add_section()
    sums = (share(ranking.kept, ranking.whole), share(ranking.residue, ranking.whole))
    table.add_row("", "sum", "the whole, to the last part", "", *sums)
    return Group(table, plain(MEANS_NOTHING), *(plain(f"Note: {note}") for note in ranking.notes))


def _name(ranking: Ranking) -> str:
    name = ranking.method if ranking.variant is None else f"{ranking.method} {ranking.variant}"
    shares = ", ".join(f"{name} {part}" for name, part in ranking.shares.items())
    return f"{name} from {', '.join(ranking.seeds)} ({shares})"

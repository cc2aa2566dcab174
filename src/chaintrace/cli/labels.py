"""``chaintrace labels``: what lists say about an address, which lists these are, and new editions of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chaintrace.cli.root import chaintrace, errors
from chaintrace.errors import MethodError

if TYPE_CHECKING:
    from chaintrace.labels.folder import Updated

LISTS = ("ofac", "un", "eu", "uk")


@chaintrace.group()
def labels() -> None:
    """What lists say about an address, and the lists themselves."""


@labels.command()
@click.argument("address")
@click.option("--at", metavar="DATE", help="The moment, such as 2022-08-08 or 2022-03-23T13:29:09Z; now by default.")
@click.option("--chain", default="", metavar="CHAIN", help="One chain; labels about every chain by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def show(address: str, at: str | None, chain: str, as_json: bool) -> None:
    """Everything that the lists say about ADDRESS at a moment."""
    import json

    from chaintrace.labels.folder import open_book
    from chaintrace.report.console import progress, render
    from chaintrace.report.labelled import answer_dict, answer_view

    with errors():
        with progress("reading the lists"):
            answer = open_book().look(address, at, chain)
        today = _today()
        if as_json:
            click.echo(json.dumps(answer_dict(answer, today), indent=2))
        else:
            click.echo(render(answer_view(answer, today)))


@labels.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def find(name: str, as_json: bool) -> None:
    """Whom the lists call NAME, with every regime and its day, and the thefts that are ascribed to them."""
    import json
    import time

    from chaintrace.labels.folder import open_book
    from chaintrace.labels.heists import stated_named
    from chaintrace.report.console import progress, render
    from chaintrace.report.labelled import found_dict, found_view

    with errors():
        if not name.strip():
            raise MethodError("NAME", "is empty", "give a name, or a part of it: chaintrace labels find lazarus")
        with progress("reading the lists"):
            actors, thefts = open_book().find(name), stated_named(name)
        if as_json:
            click.echo(json.dumps(found_dict(actors, thefts), indent=2))
        else:
            click.echo(render(found_view(name, actors, thefts, int(time.time()))))


@labels.command("lists")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_lists(as_json: bool) -> None:
    """Every list that answers, with its date, age, counts and SHA-256."""
    import json

    from chaintrace.labels.folder import open_book
    from chaintrace.report.console import progress, render
    from chaintrace.report.labelled import edition_dict, lists_view

    with errors():
        with progress("reading the lists"):
            book = open_book()
        today = _today()
        told = [edition_dict(one, today) for one in book.lists]
        click.echo(json.dumps(told, indent=2) if as_json else render(lists_view(book, today)))


@labels.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--from", "origin", metavar="FILE|URL", help="Where to read it, instead of the official address.")
@click.option(
    "--list", "names", type=click.Choice(LISTS), multiple=True, help="Which; all by default. May be repeated."
)
@click.option("--published", default="", metavar="DATE", help="The date of an edition that does not say it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
def update(files: tuple[str, ...], origin: str | None, names: tuple[str, ...], published: str, as_json: bool) -> None:
    """Fetch new editions of the sanctions lists into the user's folder, or take them from each FILE.

    A list that is not whole, or not the one that it should be, is refused, and the last good edition stays; the exit
    status is then 2.
    """
    import json

    from chaintrace.report.escape import plain

    with errors():
        if (origin or published) and len(names) != 1:
            raise MethodError("--from" if origin else "--published", "is of one list", "add --list, once")
        if files and (origin or names):
            raise MethodError("FILE", "comes with --list", "a file tells its list itself; or name it with --from")
        wanted = [("", one) for one in files] or [(name, origin or "") for name in names or LISTS]
        told = [_one(name, place, published) for name, place in wanted]
        if as_json:
            click.echo(json.dumps(told, indent=2))
        for one in told:
            if not one["ok"]:
                kept = f"\n{one['list']}: {one['kept']} stays in use" if one["list"] else ""
                click.echo(plain(f"Error: {one['reason']}{kept}"), err=True)
            elif not as_json:
                click.echo(plain(_line(one)))
        if not all(one["ok"] for one in told):
            sys.exit(2)


def _one(name: str, place: str, published: str) -> dict[str, Any]:
    """What became of one list; without a ``name`` the file says which it is."""
    from pathlib import Path

    from chaintrace.errors import ChaintraceError
    from chaintrace.labels.folder import list_of
    from chaintrace.labels.official import official
    from chaintrace.report.console import progress

    try:
        name = name or list_of(Path(place))
        with progress(f"fetching {official(name).title}"):
            return _told(name, _update(name, place or official(name).url, published))
    except ChaintraceError as error:
        return {"list": name, "ok": False, "reason": str(error), "kept": _kept(name) if name else ""}


def _update(name: str, origin: str, published: str) -> Updated:
    from pathlib import Path

    from chaintrace.fetch.lists import download_list
    from chaintrace.labels.folder import keep_list

    if "://" in origin:
        return keep_list(name, download_list(origin), published=published, origin=_host(origin))
    return keep_list(name, Path(origin), published=published, origin=origin)


def _told(name: str, done: Updated) -> dict[str, Any]:
    edition = done.found.edition
    return {
        "list": name,
        "ok": True,
        "changed": done.changed,
        "published": edition.published,
        "sha256": edition.sha256,
        "entries": edition.count,
        "labels": len(done.found.labels),
        "actors": len(done.found.actors),
        "unusable": len(done.found.unusable),
        "before": done.before.edition.published if done.before else None,
        "path": str(done.path),
    }


def _line(one: dict[str, Any]) -> str:
    counts = f"{one['actors']:,} actors, {one['labels']:,} addresses, {one['unusable']:,} unusable rows"
    state = "new" if one["changed"] else "there already"
    return f"{one['list']} of {one['published']}: {counts}; {state}; SHA-256 {one['sha256']}"


def _kept(name: str) -> str:
    from chaintrace.errors import ChaintraceError
    from chaintrace.labels.bundled import bundled_lists
    from chaintrace.labels.folder import kept_lists, label_folder

    try:
        lists = (*bundled_lists(), *kept_lists(label_folder(), name))
        found = [one.edition.published for one in lists if one.name == name]
    except ChaintraceError:
        return "no edition that can be read"
    return f"the edition of {found[-1]}" if found else "no edition: there was none,"


def _host(url: str) -> str:
    """Scheme, host and port of a url: any other part of it may be a key."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _today() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()

"""The root of the command line: the group, the version, and errors as one clear message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from chaintrace.errors import ChaintraceError


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from chaintrace import __version__
        from chaintrace.graph.kernel import describe

        with errors():
            click.echo(f"chaintrace {__version__}, kernel {describe()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Version and kernel."
)
def chaintrace() -> None:
    """Follow stolen cryptocurrency: where every unit of it is now."""


@contextmanager
def errors() -> Iterator[None]:
    """One clear message with a hint on stderr, and exit status 2."""
    try:
        yield
    except ChaintraceError as error:
        from chaintrace.report.escape import plain

        click.echo(plain(f"Error: {error}"), err=True)
        sys.exit(2)

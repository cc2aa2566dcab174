"""The command line, thin. Exit status 0 clean, 1 a policy is violated or a case does not verify, 2 usage or data
error."""

from __future__ import annotations

import os
import sys

import click

from chaintrace.cli import cases as _cases
from chaintrace.cli import demix as _demix
from chaintrace.cli import export as _export
from chaintrace.cli import fetch as _fetch
from chaintrace.cli import findings as _findings
from chaintrace.cli import labels as _labels
from chaintrace.cli import rank as _rank
from chaintrace.cli import screen as _screen
from chaintrace.cli import trace as _trace
from chaintrace.cli import verify as _verify
from chaintrace.cli.root import chaintrace
from chaintrace.cli.trace import METHODS

__all__ = ["METHODS", "chaintrace", "main"]

_COMMANDS = (_trace, _rank, _screen, _fetch, _findings, _demix, _verify, _export, _cases, _labels)


def main() -> None:
    """The console script. Exit status 130 when interrupted."""
    if sys.stdout is None:  # closed by the caller
        click.echo("Error: the result cannot be written: stdout is closed", err=True)
        sys.exit(2)
    try:
        sys.exit(chaintrace.main(prog_name="chaintrace", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted: nothing was written.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered has nowhere to go
        sys.exit(0)
    except OSError as error:
        click.echo(
            f"Error: the result cannot be written: {error}\nHint: check the disk and where stdout goes", err=True
        )
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(2)

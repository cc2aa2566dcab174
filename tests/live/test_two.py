"""Several fetchers at once: everything is asked of each, and where they disagree is a value."""

from __future__ import annotations

from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.errors import CaseError
from tests.fetch.rpc.proxy import Proxy
from tests.live.conftest import fetch
from tests.testing.conftest import Stage


def create(stage: Stage, path: Path, *fetchers: ct.Rpc) -> ct.Case:
    seeds = [ct.theft(tx) for tx in stage.planted.thefts]
    return ct.Case.create(path, seeds, fetchers, stop_at=stage.planted.stops)

"""A node on which the laundering story has been played."""

from __future__ import annotations

from tests.fetch.rpc.conftest import binary as binary
from tests.fetch.rpc.conftest import stage as stage
from tests.fetch.rpc.conftest import stage_on as stage_on
from tests.fetch.rpc.conftest import vyper as vyper

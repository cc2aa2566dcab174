"""All rules about Tornado Cash."""

from __future__ import annotations

from chaintrace.heuristics.tornado import facts as facts
from chaintrace.heuristics.tornado import gas_funding as gas_funding
from chaintrace.heuristics.tornado import gas_price as gas_price
from chaintrace.heuristics.tornado import intensity as intensity
from chaintrace.heuristics.tornado import matches as matches
from chaintrace.heuristics.tornado import portfolio as portfolio
from chaintrace.heuristics.tornado import timing as timing

"""Our own heuristics alone are asked: whatever other tests of this process have registered is out of the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaintrace.heuristics import registry


@pytest.fixture(autouse=True, scope="module")
def ours_alone() -> Iterator[None]:
    known = registry.known_heuristics()
    ours = {name: one for name, one in known.items() if one.rule.__module__.startswith("chaintrace.")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_KNOWN", ours)
        yield

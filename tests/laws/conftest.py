"""Every law is asked of chaintrace on each kernel that is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


def _kernels() -> list[str]:
    import chaintrace as ct

    kernels = getattr(ct, "kernels", None)
    return list(kernels()) if kernels else ["python"]


KERNELS = _kernels()


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """One kernel, chosen for as long as the tests of a module run on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINTRACE_KERNEL", request.param)
        yield request.param

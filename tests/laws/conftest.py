"""Every law is asked of the oracle and of chaintrace on each kernel that is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.laws.subject import Subject, chaintrace_subject, oracle_subject


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


@pytest.fixture(scope="module", params=["oracle", *KERNELS])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """The oracle, or chaintrace on one kernel."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "oracle":
            yield oracle_subject
        else:
            patch.setenv("CHAINTRACE_KERNEL", request.param)
            yield chaintrace_subject

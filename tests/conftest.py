"""What every test may ask for: the folder of real chain data, and how hard Hypothesis tries.

``HYPOTHESIS_PROFILE=ci`` (the default) is repeatable: 100 examples a test. ``nightly`` draws 10,000 fresh ones.
A test that compares two implementations with each other tries harder in ``ci`` as well::

    @settings(settings.get_profile("many"))     # 500 in ci, 10,000 in nightly
    @given(ledgers())
    def test_fifo_agrees_with_a_queue(ledger): ...
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CI = settings(
    settings.get_profile("default"),
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
NIGHTLY = settings(CI, max_examples=10_000, derandomize=False)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")

settings.register_profile("ci", CI)
settings.register_profile("nightly", NIGHTLY)
settings.register_profile("many", NIGHTLY if PROFILE == "nightly" else settings(CI, max_examples=500))
settings.load_profile(PROFILE)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real chain data that ``CHAINTRACE_DATA`` names. Without it the test is skipped and says so."""
    folder = os.environ.get("CHAINTRACE_DATA", "")
    if not folder:
        pytest.skip("CHAINTRACE_DATA is not set")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"CHAINTRACE_DATA names {folder!r}, which is not a folder")
    return path

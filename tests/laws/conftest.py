"""Every law is asked of chaintrace on each kernel that is installed."""

from tests.kernels import kernel as kernel

"""Every test here runs on every kernel."""

from tests.kernels import each_kernel as each_kernel

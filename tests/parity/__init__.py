"""Both kernels give the same outcome: the same values in the same order, the same errors in the same words."""

"""The mathematics of a dense network: NumPy and BLAS; no file, thread or hidden randomness."""

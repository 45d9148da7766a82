"""The mathematics of a fully connected network: NumPy, no file, no thread, no hidden randomness."""

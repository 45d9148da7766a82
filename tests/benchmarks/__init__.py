"""Measurements of speed, side by side with others: ``./studio bench``."""

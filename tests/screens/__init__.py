"""Pictures of the real window, for the README and for looking at."""

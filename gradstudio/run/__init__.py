"""The run in time: one worker thread that starts, pauses, steps and stops. No window."""

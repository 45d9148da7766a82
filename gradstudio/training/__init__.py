"""What running a setup means: build, train, remember, diagnose. No window, no thread."""

"""``python -m gradstudio``."""

from gradstudio.cli import main

if __name__ == "__main__":
    main()

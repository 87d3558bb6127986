"""``python -m chaoskit``: the command line where its script is not on the PATH."""

from chaoskit.cli import main

if __name__ == "__main__":
    main()

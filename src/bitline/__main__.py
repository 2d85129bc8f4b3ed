"""``python -m bitline``: the command line of this very Python."""

from bitline.cli import main

if __name__ == "__main__":
    main()

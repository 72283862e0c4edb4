"""`python -m nucleotides`, for environments without the script on the path."""

from nucleotides.cli.main import main

if __name__ == "__main__":
    main()

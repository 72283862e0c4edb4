"""`nucleotides tune` that kills itself: killed.py BATCH ARGUMENTS..."""

import sys

from nucleotides.cli.main import main
from tests.train.killed import kill_at

if __name__ == "__main__":
    kill_at(int(sys.argv.pop(1)))
    sys.argv.insert(1, "tune")
    main()

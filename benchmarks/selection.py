"""Reading a portal's whole metadata and selecting from it: seconds and memory.

The table is made by portal_tables.py (more than 100,000 files, 59 columns, accessions that exist)
and holds what one query over all four assays gives. Each run is a new process that imports the
package, reads the table, loads the default policy and selects; peak memory is that of the
process. The bar: under 5 s and under 1 GB, import included. (Not called select.py: a script of
that name would stand before the standard module of that name.)

python benchmarks/selection.py [--igv FILE] [--repeats 5] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from common import configuration, parser, progress, python, report, row
from portal_tables import IGV, write_portal_table

RUN = """
import json, resource, sys, time
begin = time.perf_counter()
from nucleotides.encode.policy import load_policy
from nucleotides.encode.select import select
from nucleotides.encode.tables import read_tables
import pyarrow.csv
imported = time.perf_counter()
metadata = read_tables(sys.argv[1:])
read = time.perf_counter()
selection = select(metadata, load_policy())
done = time.perf_counter()
print(json.dumps({
    "import, s": imported - begin, "read, s": read - imported, "select, s": done - read,
    "all, s": done - begin,
    "peak memory, GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    "kept": len(selection.files), "tasks": len(selection.tasks),
}))
"""


def main() -> None:
    """Make the table, run, print."""
    options = parser(__doc__)
    options.add_argument("--igv", type=Path, default=IGV, help="IGV's table of ENCODE files")
    options.add_argument("--repeats", type=int, default=5)
    arguments = options.parse_args()
    if not arguments.igv.exists():
        progress(f"not run: no table at {arguments.igv}; give IGV's ENCODE table with --igv")
        return
    with tempfile.TemporaryDirectory() as folder:
        progress("making the table")
        path = Path(folder) / "metadata.tsv"
        table = write_portal_table(path, arguments.igv)
        size = round(path.stat().st_size / 1e6)
        runs = []
        for number in range(arguments.repeats + 1):  # the first fills the disk cache
            progress(f"run {number} of {arguments.repeats}")
            runs.append(json.loads(python("-c", RUN, str(path), capture_output=True).stdout))
    best = min(runs[1:], key=lambda run: run["all, s"])
    config = configuration(
        ("pandas", "pyarrow", "numpy"),
        rows=len(table),
        columns=len(table.columns),
        table_mb=size,
        files_kept=best["kept"],
        tasks=best["tasks"],
        repeats=arguments.repeats,
        statistic="the run that took least, of new processes; memory the most of any",
    )
    best["peak memory, GB"] = max(run["peak memory, GB"] for run in runs)
    names = [name for name in best if ", " in name]
    rows = [row(name.split(", ")[0], best[name], name.split(", ")[1], config) for name in names]
    cells = [[len(table), len(table.columns), *(best[name] for name in names)]]
    report(arguments, ["rows", "columns", *names], cells, rows, config)


if __name__ == "__main__":
    main()

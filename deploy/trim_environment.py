"""Leave out of this Python's environment what serving does not need, and compile what it imports.

For the image (../Dockerfile): run by the environment's own Python; needs `strip`. Every command of
`nucleotides` still works there; what goes are tests, headers, symbols and tools of those who
develop with the packages, and bytecode of modules that nothing of `nucleotides` imports.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

# pip; headers; torch's test programs and compilers; pyarrow's Flight and S3.
# torch_shm_manager stays: tensors are passed between processes with it.
LEFT_OUT = (
    "pip",
    "pip-*",
    "torch/include",
    "torch/test",
    "torch/bin/[!t]*",
    "torch/bin/test_*",
    "torch/lib/*test*.so",
    "pyarrow/include",
    "pyarrow/*_flight*",
    "pyarrow/*_s3*",
    "**/tests",
)
# Large files with symbols that nothing links to. Those in NAME.libs are left alone: auditwheel laid
# them out anew, which `strip` does not understand.
STRIPPED = (
    "torch/lib/*.so",
    "llvmlite/binding/*.so",
    "pyarrow/*.so*",
    "obstore/*.so",
    "tensorboard_data_server/bin/server",
)


def main() -> None:
    """Trim, compile, and say how large the environment was and is."""
    site = Path(sysconfig.get_path("purelib"))
    before = megabytes(site)
    for path in [path for pattern in LEFT_OUT for path in site.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    large = [str(path) for pattern in STRIPPED for path in site.glob(pattern)]
    subprocess.run(["strip", "--strip-unneeded", *large], check=True)
    for folder in list(site.rglob("__pycache__")):
        shutil.rmtree(folder)
    for source in imported(site):
        # Files of a layer have times of their own, so bytecode must not go by them.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    sys.stdout.write(f"{site}: {before} MB, now {megabytes(site)} MB\n")


def imported(site: Path) -> Iterator[Path]:
    """Source files in `site` of what is loaded when every module of `nucleotides` is."""
    import nucleotides

    for module in pkgutil.walk_packages(nucleotides.__path__, "nucleotides."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ModuleNotFoundError):  # of an extra that is left out
                importlib.import_module(module.name)
    for loaded in list(sys.modules.values()):
        source = Path(getattr(loaded, "__file__", None) or "")
        if source.suffix == ".py" and source.is_relative_to(site) and source.is_file():
            yield source


def megabytes(folder: Path) -> int:
    """Size of the files of `folder`."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) // 1_000_000


if __name__ == "__main__":
    main()

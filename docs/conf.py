"""Sphinx: ``nox -s docs`` builds the pages; a warning is an error."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_tools"), str(HERE.parent)]

from elements_procura import __version__  # noqa: E402 - the path comes first

project = "elements-procura"
author = "The elements-procura authors"
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "reference",  # of docs/_tools: the pages that are made from the package
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "_tools"]
html_theme = "furo"
html_title = f"elements-procura {release}"
html_copy_source = False

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_use_ivar = True  # a record's fields stand in a table, once
napoleon_numpy_docstring = False

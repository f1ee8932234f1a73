"""How the documentation site is made: `make site` builds it, into build/site."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "scripts")]

import chaffinch  # noqa: E402, the one that is documented
import notebook_pages  # noqa: E402

project = "Chaffinch"
author = "The Chaffinch developers"
project_copyright = f"2025–2026 {author}"
version = release = chaffinch.__version__

# Pages that stand outside of docs/, and those that show them here.
OUTSIDE = {
    "CHANGELOG.md": "changes",
    "CONTRIBUTING.md": "contributing",
    "RELEASING.md": "releasing",
    "SECURITY.md": "security",
    "benchmarks/README.md": "benchmarks",
    "notebooks/README.md": "notebooks",
    "notebooks/data/README.md": "cards/sounds",
    "src/chaffinch/tasks/mail/starter.md": "cards/mail",
    "src/chaffinch/tasks/message/starter.md": "cards/message",
    "src/chaffinch/tasks/digits/starter.md": "cards/digits",
    "src/chaffinch/tasks/words/starter.md": "cards/words",
}

extensions = [
    "myst_nb",  # reads Markdown as myst_parser does, and notebooks besides
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
]
exclude_patterns = ["_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
# Links lead to headings by the names that other Markdown viewers give them, too.
myst_heading_anchors = 4
# A page that includes another begins where that one begins.
suppress_warnings = ["myst.header"]
# Notebooks show what came out when they were made.
nb_execution_mode = "off"

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say what they mean
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    # Names for types, and what scikit-learn adds by itself.
    "exclude-members": "Place, Patch, set_fit_request, set_partial_fit_request, set_score_request",
}
# Imports that no reader of the site has to have.
autodoc_mock_imports = ["torch", "onnx", "onnxscript"]
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "Chaffinch"
html_static_path = ["_static"]
html_math_renderer = "mathml"
html_css_files = ["site.css", "notebooks.css"]
html_favicon = BIRD = "_static/chaffinch.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "text": "Chaffinch",
        "image_light": BIRD,
        "image_dark": BIRD,
    },
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}


class Named(SphinxTransform):
    """Make links of names of code: `chaffinch.types.Item` in a page leads to its reference."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        """Let each name be looked up; what is none stays as it is."""
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            named = re.fullmatch(r"chaffinch(\.\w+)+", name)
            if not named or "xref" in literal["classes"] or literal.parent.tagname == "reference":
                continue
            link = pending_xref(
                "", refdomain="py", reftype="obj", reftarget=name, refdoc=self.env.docname
            )
            link += literal.deepcopy()
            literal.replace_self(link)


def add_notebooks(app: Sphinx, _: Any) -> None:
    """Bring the notebooks to where Sphinx reads them."""
    notebook_pages.write(Path(app.srcdir) / "notebooks")


def to_pages(_: Sphinx, page: str, source: list[str]) -> None:
    """Let links out of docs/, which other viewers follow, lead to the pages that stand for them."""
    up = "../" * page.count("/")

    def to_notebook(found: re.Match[str]) -> str:
        place = f"#{notebook_pages.anchor(found[2])}" if found[2] else ""
        return f"({up}notebooks/{found[1]}.ipynb{place})"

    source[0] = re.sub(
        r"\((?:\.\./)+notebooks/([\w-]+)\.ipynb(?:#([^)\s]+))?\)", to_notebook, source[0]
    )
    for file, name in OUTSIDE.items():
        source[0] = re.sub(rf"\((?:\.\./)+{file}(?=[)#])", f"({up}{name}.md", source[0])


def show_formula(writer: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula as MathML, which browsers show without a script from elsewhere."""
    block = isinstance(node, nodes.math_block)
    kind = "div" if block else "span"
    formula = tex2mathml(node.astext(), as_block=block)
    writer.body.append(f'<{kind} class="math notranslate">{formula}</{kind}>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Tell Sphinx of what is ours."""
    app.add_transform(Named)
    app.add_html_math_renderer("mathml", (show_formula, None), (show_formula, None))
    app.connect("config-inited", add_notebooks)
    app.connect("source-read", to_pages)

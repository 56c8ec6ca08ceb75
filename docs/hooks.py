"""What the pages show that no file holds: the methods, from their records."""

import tempfile
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from experiments.method_pages import contents, figure_name, page, write_figure
from oracles import ALGORITHMS


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add methods.md, and a page and a figure for each method."""
    files.append(File.generated(config, "methods.md", content=contents()))
    with tempfile.TemporaryDirectory() as folder:
        for record in ALGORITHMS.values():
            name = f"methods/{figure_name(record)}.md"
            files.append(File.generated(config, name, content=page(record)))
            drawn = write_figure(record, Path(folder)).read_bytes()
            files.append(File.generated(config, f"methods/figures/{figure_name(record)}.svg", content=drawn))
    return files

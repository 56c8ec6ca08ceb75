"""Tables of text cells, in the four formats that people paste."""

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd
from jinja2 import Template

from oracles import InputError

Format = Literal["terminal", "markdown", "latex", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)

COUNTING = (
    "Counts are what the oracle charged by the end of the round in which a query first met the target; a batch of K "
    "points is one round of K queries, a point asked for value and gradient is one query; the start counts. "
    "'> n': a budget ended the run after n. The numbers behind a fit are its 95 % interval and its points. A tag is "
    "the weakest among the bound's own and those of the constants in it."
)

UNFOLDED = 160  # columns where there is no terminal to ask

MARKDOWN = Template(
    """### {{ title }}

| {{ columns | join(' | ') }} |
|{% for column in columns %} --- |{% endfor %}
{% for row in rows -%}
| {{ row | join(' | ') }} |
{% endfor %}
{{ caption }}
"""
)


@dataclass(frozen=True)
class Table:
    """A title, cells (all text), and a caption that states the oracle and the counting rule."""

    title: str
    cells: pd.DataFrame
    caption: str = COUNTING

    def render(self, format: str = "terminal", width: int | None = None) -> str:
        """The table as text: "terminal" (at most `width` columns wide), "markdown", "latex" (booktabs) or "csv"."""
        if format not in FORMATS:
            raise InputError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
        formats = {"markdown": self._markdown, "latex": self._latex, "csv": self._csv}
        return self._terminal(width) if format == "terminal" else formats[format]()

    def _terminal(self, width: int | None) -> str:
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table as RichTable

        grid = RichTable(title=self.title, caption=self.caption, box=SIMPLE_HEAD)
        grid.title_justify = grid.caption_justify = "left"
        for number, column in enumerate(self.cells.columns):
            grid.add_column(
                str(column), justify="left" if number == 0 else "right", no_wrap=number == 0, overflow="fold"
            )
        for row in self.cells.itertuples(index=False):
            grid.add_row(*map(str, row))
        console = Console(highlight=False, markup=False)
        console.width = width or (console.width if console.is_terminal else UNFOLDED)
        with console.capture() as capture:
            console.print(grid)
        return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"

    def _markdown(self) -> str:
        cells = self.cells.astype(str).map(lambda text: text.replace("|", r"\|"))
        rows = cells.to_numpy().tolist()
        return str(MARKDOWN.render(title=self.title, columns=list(cells.columns), rows=rows, caption=self.caption))

    def _latex(self) -> str:
        escape = str.maketrans(
            {"%": r"\%", "_": r"\_", "&": r"\&", "#": r"\#", ">": "$>$", "^": r"\^{}", "~": r"$\sim$"}
        )
        cells = self.cells.astype(str).map(lambda text: text.translate(escape))
        cells.columns = pd.Index([str(column).translate(escape) for column in cells.columns])
        layout = "l" + "r" * (len(cells.columns) - 1)
        caption = f"{self.title}. {self.caption}".translate(escape)
        styler = cells.style.hide(axis="index")
        return str(styler.to_latex(hrules=True, column_format=layout, caption=caption, position="t"))

    def _csv(self) -> str:
        return str(self.cells.to_csv(index=False))

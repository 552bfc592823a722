"""Draws what compare.py has measured: `.venv/bin/python benchmarks/chart.py figures.json docs/speed.svg`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

OURS, OTHERS, INK = "#0f6e56", "#b9c4c0", "#22302b"
PANELS = {
    "updates_per_second": "Updates a second, more is better",
    "cpu_per_update": "CPU per update, ms, less is better",
    "peak_memory": "Peak memory, MiB, less is better",
    "survive_a_kill": "Conversations that outlive a kill, %",
}


def draw(figures: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Draw a panel of bars for each figure, a bar for each bot; SVG or PNG by the path's ending."""
    rcParams["svg.hashsalt"] = "sertakan"  # the same figures give the same file
    bots = [name for name, one in figures.items() if "cpu_per_update" in one and "PostgreSQL" not in name]
    figure = Figure(figsize=(11, 5.2), layout="constrained", facecolor="white")
    places = figure.subplots(2, 2, sharey=True)
    places[0, 0].invert_yaxis()  # and with it the others: the first bot is at the top
    for axes, (column, title) in zip(places.flat, PANELS.items(), strict=True):
        _panel(axes, title, {bot: figures[bot].get(column) for bot in bots}, share=column == "survive_a_kill")
    figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else None)


def _panel(axes: Axes, title: str, values: Mapping[str, float | None], *, share: bool) -> None:
    shown = [(value or 0) * (100 if share else 1) for value in values.values()]
    colours = [OURS if name.startswith("Sertakan") else OTHERS for name in values]
    bars = axes.barh(list(values), shown, color=colours, height=0.68)
    labels = ["keeps none" if value is None else f"{number:,.3g}" if number < 100 else f"{number:,.0f}"
              for value, number in zip(values.values(), shown, strict=True)]  # fmt: skip
    axes.bar_label(bars, labels, padding=4, color=INK, fontsize=9)
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlim(0, 1.18 * max(shown))
    axes.set_xticks([])
    axes.tick_params(left=False, labelcolor=INK, labelsize=9)
    axes.spines[:].set_visible(False)


@click.command()
@click.argument("figures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def main(figures: Path, path: Path) -> None:
    """Draw figures that compare.py wrote."""
    draw(json.loads(figures.read_text()), path)


if __name__ == "__main__":
    main()

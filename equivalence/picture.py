"""The colour refinement of two models drawn round by round, as SVG."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from html import escape

import numpy as np

from equivalence.graph import ModelGraph, Word, graph_of
from equivalence.match import Match, match
from equivalence.refine import Colours, Refinable
from equivalence.witness import NotIsomorphic
from solvers.milp import Milp

_MOST_NODES = 400
_MOST_ROUNDS = 8
_STEP, _WIDTH, _MARGIN, _HEAD = 22, 330, 60, 64


class TooLarge(ValueError):
    """The models have too many nodes to be drawn so that anyone could see something."""


@dataclass(frozen=True, slots=True)
class _Panel:
    graph: ModelGraph
    names: tuple[list[str], list[str]]


def refinement_svg(a: Milp, b: Milp, *, names: tuple[str, str] = ("A", "B")) -> str:
    """Return both models as bipartite graphs, one line of pictures for each round of refinement.

    Rows are squares on the left, columns circles on the right; equal colours are equal classes in both
    models. A class whose sizes differ is ringed in red from the first round that shows it; where the models are
    isomorphic the last line numbers the matched pairs. Raises `TooLarge` beyond some hundred nodes.
    """
    panels = [_panel(a), _panel(b)]
    size = sum(p.graph.n_rows + p.graph.n_columns for p in panels)
    if size > _MOST_NODES:
        raise TooLarge(f"the two models have {size} nodes; at most {_MOST_NODES} are drawn")
    rounds = _rounds(panels)
    height = max(max(p.graph.n_rows, p.graph.n_columns) for p in panels) * _STEP + _HEAD + 14
    total = height * len(rounds) + 50
    width = 2 * _WIDTH + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{total}" '
        f'viewBox="0 0 {width} {total}" font-family="sans-serif" font-size="11">',
        "<title>Colour refinement of two models</title>",
        f'<rect width="{width}" height="{total}" fill="#ffffff"/>',
    ]
    found = match(panels[0].graph, panels[1].graph, deadline=float("inf")) if size <= 120 else None
    for number, colours in enumerate(rounds):
        last = number == len(rounds) - 1
        palette, unequal = _palette(colours)
        outcome = {"matched": isinstance(found, Match), "refuted": isinstance(found, NotIsomorphic)}
        state = _state(colours, unequal, last=last, **outcome)
        top = number * height
        parts.append(
            f'<text x="16" y="{top + 22}" font-size="14" font-weight="bold">Round {number}</text>'
            f'<text x="90" y="{top + 22}" fill="#444444">{escape(state)}</text>'
        )
        for side, panel in enumerate(panels):
            labels = _labels(found, side) if last and isinstance(found, Match) else None
            parts += _drawn(panel, colours[side], palette, unequal, names[side], side * (_WIDTH + 40), top + 36, labels)
    parts.append(
        f'<text x="16" y="{total - 18}" fill="#444444">Squares: constraints. Circles: variables. '
        "Equal colours: not told apart yet. Red ring: a class of unequal size.</text></svg>"
    )
    return "\n".join(parts)


def _panel(model: Milp) -> _Panel:
    graph = graph_of(model)
    rows = [model.row_names[int(i)] for i in graph.source]
    return _Panel(graph, (rows, list(model.column_names)))


def _rounds(panels: list[_Panel]) -> list[tuple[Colours, Colours]]:
    sides = [Refinable(panel.graph) for panel in panels]
    now = (sides[0].start, sides[1].start)
    found = [now]
    while len(found) <= _MOST_ROUNDS and _same(now):
        following = (sides[0].round(now[0]), sides[1].round(now[1]))
        if _cells(following) == _cells(now) and _same(following):
            break
        found.append(following)
        now = following
    return found


def _cells(colours: tuple[Colours, Colours]) -> int:
    return sum(np.unique(c.rows).size + np.unique(c.columns).size for c in colours)


def _same(colours: tuple[Colours, Colours]) -> bool:
    a, b = colours
    return np.array_equal(np.sort(a.rows), np.sort(b.rows)) and np.array_equal(np.sort(a.columns), np.sort(b.columns))


def _palette(colours: tuple[Colours, Colours]) -> tuple[dict[int, str], set[int]]:
    """Return a fill for each class, the same in both models, and the classes whose sizes differ."""
    counts: list[dict[int, int]] = []
    for side in colours:
        words, sizes = np.unique(np.concatenate([side.rows, side.columns]), return_counts=True)
        counts.append(dict(zip(words.tolist(), sizes.tolist(), strict=True)))
    classes = sorted(counts[0].keys() | counts[1].keys())
    fills = {}
    for k, word in enumerate(classes):
        # Golden-ratio steps through the hues, red left out: it marks the first difference.
        hue = 0.08 + 0.82 * ((k * 0.61803398875) % 1.0)
        red, green, blue = colorsys.hls_to_rgb(hue, 0.62 if k % 2 else 0.48, 0.62)
        fills[word] = f"#{int(red * 255):02x}{int(green * 255):02x}{int(blue * 255):02x}"
    unequal = {word for word in classes if counts[0].get(word, 0) != counts[1].get(word, 0)}
    return fills, unequal


def _state(colours: tuple[Colours, Colours], unequal: set[int], *, last: bool, matched: bool, refuted: bool) -> str:
    if unequal:
        return "classes differ in size: the models are not isomorphic"
    classes = np.unique(np.concatenate([colours[0].rows, colours[0].columns])).size
    nodes = colours[0].rows.size + colours[0].columns.size
    text = f"{classes} classes among {nodes} nodes, the same in both models"
    if last and matched:
        return text + "; equal numbers mark matched pairs"
    return text + ("; stable, yet no renaming makes them equal" if last and refuted else "")


def _labels(found: Match, side: int) -> tuple[list[int], list[int]]:
    rows, columns = found.rows.tolist(), found.columns.tolist()
    if side == 0:
        return list(range(1, len(rows) + 1)), list(range(1, len(columns) + 1))
    numbered_rows, numbered_columns = [0] * len(rows), [0] * len(columns)
    for i, k in enumerate(rows):
        numbered_rows[k] = i + 1
    for j, k in enumerate(columns):
        numbered_columns[k] = j + 1
    return numbered_rows, numbered_columns


def _drawn(
    panel: _Panel,
    colours: Colours,
    palette: dict[int, str],
    unequal: set[int],
    name: str,
    left: int,
    top: int,
    labels: tuple[list[int], list[int]] | None,
) -> list[str]:
    graph = panel.graph
    x_row, x_column = left + _MARGIN + 40, left + _WIDTH - _MARGIN - 20
    y = [top + 22 + k * _STEP for k in range(max(graph.n_rows, graph.n_columns))]
    parts = [f'<text x="{(x_row + x_column) // 2}" y="{top + 4}" text-anchor="middle">{escape(name)}</text>']
    for i in range(graph.n_rows):
        for position in range(int(graph.indptr[i]), int(graph.indptr[i + 1])):
            j = int(graph.indices[position])
            parts.append(
                f'<line x1="{x_row}" y1="{y[i]}" x2="{x_column}" y2="{y[j]}" stroke="#b8b8b8" stroke-width="1">'
                f"<title>{int(graph.values[position])}</title></line>"
            )
    for kind, x, words in ((0, x_row, colours.rows), (1, x_column, colours.columns)):
        for k, word in enumerate(_ints(words)):
            ring = 'stroke="#d00000" stroke-width="3"' if word in unequal else 'stroke="#333333" stroke-width="1"'
            if kind == 0:
                parts.append(f'<rect x="{x - 7}" y="{y[k] - 7}" width="14" height="14" fill="{palette[word]}" {ring}/>')
            else:
                parts.append(f'<circle cx="{x}" cy="{y[k]}" r="7.5" fill="{palette[word]}" {ring}/>')
            if labels is not None:
                parts.append(
                    f'<text x="{x}" y="{y[k] + 3}" text-anchor="middle" font-size="8" fill="#ffffff">'
                    f"{labels[kind][k]}</text>"
                )
            anchor, at = ("end", x - 12) if kind == 0 else ("start", x + 12)
            text = panel.names[kind][k]
            text = text if len(text) <= 14 else text[:13] + "…"
            parts.append(f'<text x="{at}" y="{y[k] + 4}" text-anchor="{anchor}">{escape(text)}</text>')
    return parts


def _ints(words: Word) -> list[int]:
    return [int(word) for word in words]

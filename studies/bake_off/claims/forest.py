"""A picture of all verdicts: where every comparison lies, against its margin."""

import numpy as np

from kerasae.reporting.drawing import canvas, literal
from studies.bake_off.claims.verdicts import MIXED, NOT_MEASURED, REFUTED, SUPPORTED, UNDECIDED

_COLOURS = {
    **{SUPPORTED: "#3f90da", REFUTED: "#bd1f01", MIXED: "#832db6"},
    **{UNDECIDED: "#717581", NOT_MEASURED: "#717581"},
}
_FARTHEST = 30
"""Half-widths at the edge of the picture; comparisons beyond it are drawn there."""


def forest(verdicts, title):
    """Draw the comparisons of claims in half-widths of their 95 % intervals, a row a claim or part.

    Each comparison is a dot, a decisive one a diamond. Right of the grey band the interval lies
    wholly within the claimed bounds, left of it wholly outside.
    """
    split = {verdict.claim.id for verdict in verdicts if verdict.part}
    rows = [verdict for verdict in verdicts if verdict.part or verdict.claim.id not in split]
    words = {verdict.id: verdict.decision.word for verdict in verdicts}
    figure = canvas(10.5, 0.24 * len(rows) + 1.8, title)
    axes = figure.subplots()
    axes.axvspan(-1, 1, color="#dddddd", zorder=0, lw=0)
    axes.axvline(0, color="black", lw=0.8)
    where = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 8}
    for y, verdict in enumerate(rows):
        colour = _COLOURS[verdict.decision.word]
        places = np.array([outcome.position for outcome in verdict.outcomes])
        places = np.clip(places, -_FARTHEST, _FARTHEST)
        axes.plot(places, np.full(len(places), y), "o", ms=3, mew=0, alpha=0.5, c=colour)
        decisive = places[list(verdict.decision.decisive)]
        axes.plot(decisive, np.full(len(decisive), y), "D", ms=6, c=colour)
        axes.text(1.01, y, verdict.decision.word, color=colour, **where)
        if verdict.part and verdict.part is verdict.claim.parts[0]:
            whole = words[verdict.claim.id]
            text = f"{verdict.claim.id}: {whole}"
            axes.text(1.17, y, text, color=_COLOURS[whole], weight="bold", **where)
        if y and verdict.claim.id != rows[y - 1].claim.id:
            axes.axhline(y - 0.5, color="#eeeeee", lw=0.8, zorder=0)
    axes.set_yticks(range(len(rows)), [literal(verdict.id) for verdict in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xscale("symlog", linthresh=1, linscale=0.7)
    ticks = [-_FARTHEST, -10, -3, -1, 0, 1, 3, 10, _FARTHEST]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlim(-_FARTHEST * 1.1, _FARTHEST * 1.1)
    axes.set_xlabel(
        "← the opposite    distance of each comparison from its margin, in half-widths of its "
        "95 % interval    as claimed →"
    )
    return figure

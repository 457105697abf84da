"""The scatter plots of the page, linked by Bokeh: a selection in one is one in all."""

from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    CustomJS,
    HoverTool,
    LassoSelectTool,
    PanTool,
    ResetTool,
    TapTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

GREY = "#8a8a8a"
"""Legible on white and on black."""


def source(points, labels, classes, colours):
    """Make the data of all plots.

    Parameters
    ----------
    points : dict of (str, str) to array of shape (n, 2)
        Kind of plot and variant → coordinates.
    labels : array of int of shape (n,)
        Class of each sample.
    classes, colours : sequence of str
        Name and colour of each class.

    Returns
    -------
    bokeh.models.ColumnDataSource
        Named ``samples``. A new selection calls ``explorer.selected`` of the page.
    """
    coordinates = {
        f"{kind} {axis} {variant}": values[:, at]
        for (kind, variant), values in points.items()
        for at, axis in enumerate("xy")
    }
    found = ColumnDataSource(
        {
            **coordinates,
            "colour": [colours[label] for label in labels],
            "class": [classes[label] for label in labels],
        },
        name="samples",
    )
    chosen = CustomJS(code="explorer.selected(cb_obj.indices)")
    found.selected.js_on_change("indices", chosen)
    return found


def scatter(data, variant, kind):
    """Make one plot.

    Parameters
    ----------
    data : bokeh.models.ColumnDataSource
        From `source`.
    variant : str
        Its coordinates are shown.
    kind : {"plane", "map"}
        Codes of two dimensions, whose pointer calls ``explorer.pointer``; or UMAP.

    Returns
    -------
    bokeh.plotting.figure
        Named ``<kind> <variant>``. Its points call ``explorer.hover``.
    """
    hover = HoverTool(
        tooltips=None, callback=CustomJS(code="explorer.hover(cb_data.index.indices)")
    )
    lasso = LassoSelectTool()
    others = [TapTool(), PanTool(), WheelZoomTool(), BoxZoomTool(), ResetTool(), hover]
    plot = figure(
        name=f"{kind} {variant}", title=variant, tools=[lasso, *others], active_drag=lasso,
        active_scroll=None, toolbar_location="above", sizing_mode="stretch_width", aspect_ratio=1,
        min_height=200, background_fill_color=None, border_fill_color=None,
        outline_line_color=GREY,
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.title.text_color = GREY
    plot.axis.visible = plot.grid.visible = False
    plot.scatter(
        f"{kind} x {variant}", f"{kind} y {variant}", source=data, size=4, color="colour",
        alpha=0.7, line_color=None, nonselection_alpha=0.06, selection_alpha=1.0,
    )  # fmt: skip
    if kind == "plane":
        code = "explorer.pointer(variant, cb_obj.x, cb_obj.y)"
        for event in ("mousemove", "pan", "tap"):  # the last two where fingers point
            plot.js_on_event(event, CustomJS(args={"variant": variant}, code=code))
    return plot

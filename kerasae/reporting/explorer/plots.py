"""The scatter plots of the page. Bokeh links them: a selection in one plot selects in all."""

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

_GREY = "#8a8a8a"
"""Legible on white and on black."""


def source(points, labels, classes, colours):
    """Make the data of all plots, a Bokeh data source named ``samples``.

    ``points`` map (kind of plot, variant) to coordinates (n, 2); ``labels`` are (n,). A new
    selection calls ``explorer.selected`` of the page.
    """
    coordinates = {
        f"{kind} {axis} {variant}": values[:, at]
        for (kind, variant), values in points.items()
        for at, axis in enumerate("xy")
    }
    data = ColumnDataSource(
        {
            **coordinates,
            "colour": [colours[label] for label in labels],
            "class": [classes[label] for label in labels],
        },
        name="samples",
    )
    selected = CustomJS(code="explorer.selected(cb_obj.indices)")
    data.selected.js_on_change("indices", selected)
    return data


def scatter(data, variant, kind):
    """Make the plot of a variant from the data of `source`, named ``<kind> <variant>``.

    The kind is ``plane``, codes of two dimensions whose pointer calls ``explorer.pointer``, or
    ``map``, a UMAP. The points call ``explorer.hover``.
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
        outline_line_color=_GREY,
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.title.text_color = _GREY
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

"""A page to explore the models of a data set: one HTML file that needs no network.

The models are in the page, with weights of 8 bits, and reconstruct, interpolate and decode in the
browser. Scatter plots with a lasso and hovering are Bokeh's: it links the selections of plots that
share their data, and comes with its Python package, so that no file of others is copied here.
"""

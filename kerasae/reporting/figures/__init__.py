"""The figures: a registry. A new figure is one file here and its name below.

Importing it imports no plotting library: the workflow reads it whenever it starts.
"""

from importlib import import_module

FIGURES = {
    name: import_module(f"kerasae.reporting.figures.{name}").FIGURE
    for name in (
        "reconstruction_grid",
        "animation",
        "histories_panel",
        "reconstructions_panel",
        "samples_panel",
        "umap_panel",
        "plane_panel",
        "roc_panel",
        "most_anomalous_panel",
        "contributions_panel",
        "auc_panel",
        "similarity_panel",
        "divergence_panel",
        "label_curve_panel",
        "generated_panel",
    )
}
"""Name → `kerasae.reporting.figure.Figure`."""

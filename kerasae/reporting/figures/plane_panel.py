"""The first two elements of the test codes of anomaly runs, a panel a variant."""

import numpy as np

from kerasae.datasets import GIVEN
from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the codes, coloured by class, given anomalies as a class of their own."""
    from kerasae.reporting.drawing import anomalies_of, planes

    held_out, panels = inputs.run["held_out"], {}
    for run, outputs in inputs.each("outputs"):  # of one seed
        data = inputs["data"].for_seed(int(run["seed"]))
        panels[run["variant"]] = outputs.sampled.test[:, :2]
    labels, classes = data.y_test, data.classes
    if held_out == GIVEN:
        classes = classes or ("test",)
        labels = np.concatenate([labels, np.full(len(data.anomalies), len(classes))])
        classes = (*classes, "anomaly")
    title = f"Test codes, {anomalies_of(data, held_out)}"
    return planes(panels, labels, classes, title, "code")


FIGURE = Figure(
    name="plane_panel",
    task="latent_space",
    what="plane",
    path="plane/latent{latent_dim}-without_{held_out}.png",
    caption=(
        "Test codes at latent dimension {latent_dim}, {anomalies} included, of models trained "
        "without them; the first two elements, without a projection. Posterior samples of VAEs. "
        "Outliers beyond the central 99 % may lie outside the frame."
    ),
    draw=draw,
    reads=("data", Gathered("outputs", of="held_out")),
    per="held_out",
    needs=("held_out",),
)

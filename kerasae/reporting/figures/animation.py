"""Interpolation between two test samples, animated."""

from typing import NamedTuple

import numpy as np

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Animate the interpolation of the job's variant."""
    [(_, outputs)] = inputs.each("outputs")
    return Animation(outputs.frames)


class Animation(NamedTuple):
    """A looping animation from the first frame to the last and back."""

    frames: np.ndarray
    """Images (steps, H, W, C) in [0, 1], or rows (steps, d), which are shown as profiles."""
    pause: int = 1000
    """Milliseconds for which the first and the last frame are shown."""
    step: int = 40
    """Milliseconds for which a frame between them is shown."""
    zoom: int = 5
    """Side of a pixel of the frames on the screen."""

    def savefig(self, path, dpi=None):
        """Write an animated PNG; its size in pixels does not depend on ``dpi``."""
        from PIL import Image

        from kerasae.reporting.drawing import as_picture

        if self.frames.ndim > 2:
            grey = np.round(np.clip(self.frames, 0, 1) * 255).astype(np.uint8)
            grey = grey.repeat(self.zoom, axis=1).repeat(self.zoom, axis=2)
            pictures = [Image.fromarray(as_picture(frame)) for frame in grey]
        else:
            pictures = profiles(self.frames)
        pictures += pictures[-2:0:-1]
        durations = [self.step] * len(pictures)
        durations[0] = durations[len(self.frames) - 1] = self.pause
        pictures[0].save(
            path, "PNG", save_all=True, append_images=pictures[1:], duration=durations, loop=0
        )


def profiles(rows, size=(320, 160)):
    """Draw rows (n, d) as pictures of their profiles, all in one range."""
    from PIL import Image, ImageDraw

    from kerasae.reporting.drawing import value_range

    low, high = value_range([rows])
    across = np.linspace(0, size[0], rows.shape[1] + 1)
    pictures = []
    for row in rows:
        heights = size[1] * (high - row) / (high - low)
        picture = Image.new("L", size, 255)
        steps = zip(across.repeat(2)[1:-1], heights.repeat(2), strict=True)
        ImageDraw.Draw(picture).line(list(steps), fill=0, width=2)
        pictures.append(picture)
    return pictures


FIGURE = Figure(
    name="animation",
    task="interpolation",
    what="animation",
    path="interpolation/{variant}.png",
    caption=(
        "Interpolation by the variant in the label, from the first test sample to the second "
        "and back: {steps} steps on the straight line between the encoder's outputs, before the "
        "bottleneck; latent dimension {latent_dim}, {epochs} epochs. VAEs sample the posterior "
        "at every step, so their frames jitter."
    ),
    draw=draw,
    reads=(Gathered("outputs", of="variant"),),
    per="variant",
)

"""Interpolation between two test samples, animated."""

from typing import NamedTuple

import numpy as np

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure

_PAUSE, _STEP = 1000, 40
"""Milliseconds for which the first and the last frame, and those between them, are shown."""
_ZOOM = 5
"""Side of a pixel of the frames on the screen."""
_PROFILE = 320, 160
"""Width and height of the profile of a row, in pixels."""


def draw(inputs):
    """Animate the interpolation of the job's variant."""
    [(_, outputs)] = inputs.each("outputs")
    return Animation(outputs.frames)


class Animation(NamedTuple):
    """A looping animation of frames (steps, H, W, C) or (steps, d), from first to last and back."""

    frames: np.ndarray

    def savefig(self, path, dpi=None):
        """Write an animated PNG; its size in pixels does not depend on ``dpi``."""
        from PIL import Image

        from kerasae.reporting.drawing import as_picture

        if self.frames.ndim > 2:
            grey = np.round(np.clip(self.frames, 0, 1) * 255).astype(np.uint8)
            grey = grey.repeat(_ZOOM, axis=1).repeat(_ZOOM, axis=2)
            pictures = [Image.fromarray(as_picture(frame)) for frame in grey]
        else:
            pictures = _profiles(self.frames)
        last = len(pictures) - 1
        pictures += pictures[-2:0:-1]
        durations = [_PAUSE if at in (0, last) else _STEP for at in range(len(pictures))]
        pictures[0].save(
            path, "PNG", save_all=True, append_images=pictures[1:], duration=durations, loop=0
        )


def _profiles(rows):
    """Draw rows (n, d) as pictures of their profiles, all in one range."""
    from PIL import Image, ImageDraw

    from kerasae.reporting.drawing import value_range

    width, height = _PROFILE
    low, high = value_range([rows])
    across = np.linspace(0, width, rows.shape[1] + 1).repeat(2)[1:-1]
    pictures = []
    for row in rows:
        heights = height * (high - row) / (high - low)
        picture = Image.new("L", _PROFILE, 255)
        corners = zip(across, heights.repeat(2), strict=True)
        ImageDraw.Draw(picture).line(list(corners), fill=0, width=2)
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

"""Content of the page: the data, the runs and the scores, as dicts for JSON."""

import base64
import io

import numpy as np
from PIL import Image

from kerasae.datasets import LabelledRows
from kerasae.datasets.values import as_floats
from kerasae.evaluation.scores import select
from kerasae.reporting.drawing import PALETTE
from kerasae.reporting.explorer.quantised import NotExpressible, network
from kerasae.reporting.sentences import sentences
from kerasae.reporting.standings import all_standings

SHOWN, VALUES = 2000, 4_000_000
"""Most test samples on the page, and most values of them all."""
_CHECKED = 64
"""Number of samples on which a model is compared with its description."""


def packed(array):
    """Pack an array for JSON: its bytes in base64."""
    array = np.ascontiguousarray(array)
    return {
        "type": array.dtype.name,
        "shape": list(array.shape),
        "data": base64.b64encode(array.tobytes()).decode(),
    }


def page_samples(data, seed):
    """Choose the test samples of the page: return a data set, and their rows (n,) in its test set.

    They are evenly spaced, at most `SHOWN` and `VALUES`. The test set has the known anomalies of a
    seed.
    """
    if isinstance(data, LabelledRows):
        data = data.for_seed(seed).with_anomalies()
    count, most = len(data.x_test), max(min(SHOWN, VALUES // data.x_test[0].size), 1)
    rows = np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(int)
    return data, rows


def of_data(data, rows):
    """Describe the test samples of the page of `page_samples`, as a dict.

    ``shape``, ``is_image``, ``labels`` (n,), ``classes``, ``columns``, ``count``, ``names`` (n,),
    ``counting`` (how names count); of images ``sprite`` and ``sprite_columns``; of tables ``rows``
    (n, d), ``scale`` (offset and factor, or None) and ``is_clipped``.
    """
    shape = list(data.x_test.shape[1:])
    content = {
        "shape": shape,
        "is_image": len(shape) == 3,
        "labels": data.y_test[rows].astype(np.int32),
        "classes": [str(name) for name in data.classes] or ["all"],
        "columns": _column_names(data),
        "count": len(rows),
        "names": [str(row) for row in (rows if data.names is None else data.names[rows])],
        "counting": data.counting,
    }
    if content["is_image"]:
        content["sprite"], content["sprite_columns"] = _sprite(data.x_test[rows])
        return content
    scaling = data.preprocessing
    is_scaled = scaling is not None and scaling.scale != "none"
    return {
        **content,
        "rows": as_floats(data.x_test[rows]).astype(np.float32),
        "scale": {"offset": scaling.offset, "factor": scaling.factor} if is_scaled else None,
        "is_clipped": is_scaled and scaling.clip,
    }


def _sprite(images):
    """Draw images (n, H, W, C) in [0, 1] into one picture; return a data URI and the columns."""
    images = np.round(np.clip(as_floats(images), 0, 1) * 255).astype(np.uint8)
    images = images if images.shape[-1] == 3 else images[..., :1]
    count, height, width, depth = images.shape
    columns = int(np.ceil(np.sqrt(count)))
    lines = -(-count // columns)
    whole = np.zeros((lines * columns, height, width, depth), np.uint8)
    whole[:count] = images
    whole = whole.reshape(lines, columns, height, width, depth).swapaxes(1, 2)
    whole = whole.reshape(lines * height, columns * width, depth)
    file = io.BytesIO()
    Image.fromarray(whole[..., 0] if depth == 1 else whole).save(file, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(), columns


def _column_names(data):
    """List the names of the columns of a table, or their numbers if they have no names."""
    if data.x_test.ndim > 2:
        return []
    named = data.preprocessing.columns if data.preprocessing is not None else ()
    return [*map(str, named)] or [f"column {number}" for number in range(data.x_test.shape[1])]


def of_run(model, outputs, data, rows, plane=None):
    """Describe a run trained on all classes, for the test samples of `page_samples`, as a dict.

    ``network`` or ``why_not``; ``codes`` (n, d), posterior means of a VAE; ``losses`` (101,),
    quantiles of the test losses from 0 to 100 %; ``map`` (n, 2) of the ``plane`` (N, 2), or None.
    """
    scores = outputs.mean.scores
    loss = scores["bce"] if "bce" in scores else scores["mse"] / 2
    return {
        **_live(model, data.x_test[rows]),
        "codes": outputs.mean.test[rows].astype(np.float32),
        "losses": np.quantile(loss, np.linspace(0, 1, 101)).astype(np.float32),
        "map": None if plane is None else plane[rows].astype(np.float32),
    }


def of_flat_run(model, outputs, data, rows):
    """Describe a run with codes of two dimensions, for samples of `page_samples`, as a dict.

    ``network`` without the encoder, or ``why_not``; ``low`` and ``high``, the corners of the plane;
    ``plane`` (n, 2).
    """
    points = outputs.mean.test[rows].astype(np.float32)
    live = _live(model, data.x_test[rows])
    live.get("network", {}).pop("encoder", None)
    return {
        **live,
        "low": points.min(axis=0).tolist(),
        "high": points.max(axis=0).tolist(),
        "plane": points,
    }


def _live(model, samples):
    """Describe the network of a model, or say why it is not live."""
    try:
        return {"network": network(model, samples[:_CHECKED])}
    except NotExpressible as error:
        return {"why_not": f"Not live: this page cannot express {error}."}


def rankings(scores):
    """List the rankings by use: the rows of their tables, and the sentences of the report."""
    return [
        {
            "use": standings.ranking.name,
            "text": standings.ranking.text,
            "metric": _metric(standings, scores).title,
            "higher": standings.higher_is_better,
            "sentences": " ".join(sentences(standings)),
            "rows": standings.table[["mean", "half_width", "is_baseline", "standing"]]
            .fillna({"half_width": 0})
            .reset_index(names="variant")
            .to_dict("records"),
        }
        for standings in all_standings(scores)
        if not standings.values.empty
    ]


def _metric(standings, scores):
    """Look up the metric of a ranking: with a key for each likelihood, the first in the scores."""
    task = standings.task
    keys = standings.ranking.score_keys
    return task.metric(next(k for k in keys if not select(scores, task.name, k).empty).metric)


def colour(number):
    """Return the colour of a class, as in the figures."""
    return PALETTE.colors[number % len(PALETTE.colors)]

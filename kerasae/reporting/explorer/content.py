"""What the page shows: of the data, of the runs, and of the scores."""

import base64
import io

import numpy as np
from PIL import Image

from kerasae.datasets import LabelledRows
from kerasae.datasets.values import as_floats
from kerasae.evaluation.scores import select
from kerasae.reporting.drawing import PALETTE
from kerasae.reporting.explorer.networks import NotExpressible, network
from kerasae.reporting.sentences import sentences
from kerasae.reporting.standings import all_standings
from kerasae.reporting.statistics import half_width

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


def shown(data, seed):
    """Return the data set of the page, its test set with the known anomalies of a seed."""
    return data.for_seed(seed).with_anomalies() if isinstance(data, LabelledRows) else data


def chosen(data):
    """Choose the test samples on the page: evenly spaced, at most `SHOWN` and `VALUES`."""
    count, most = len(data.x_test), max(min(SHOWN, VALUES // data.x_test[0].size), 1)
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(int)


def of_data(data, rows):
    """Describe the test samples of the page that `chosen` selects, as a dict.

    ``shape``, ``is_image``, ``labels`` (n,), ``classes``, ``columns``, ``count``, ``names`` (n,),
    ``counting`` (how names count); of images ``sprite`` and ``sprite_columns``; of tables ``rows``
    (n, d), ``scale`` (offset and factor, or None) and ``is_clipped``.
    """
    shape = list(data.x_test.shape[1:])
    found = {
        "shape": shape,
        "is_image": len(shape) == 3,
        "labels": data.y_test[rows].astype(np.int32),
        "classes": [str(name) for name in data.classes] or ["all"],
        "columns": _column_names(data),
        "count": len(rows),
        "names": [str(row) for row in (rows if data.names is None else data.names[rows])],
        "counting": data.counting,
    }
    if found["is_image"]:
        found["sprite"], found["sprite_columns"] = _sprite(data.x_test[rows])
    else:
        found["rows"] = as_floats(data.x_test[rows]).astype(np.float32)
        how = data.preprocessing
        is_scaled = how is not None and how.scale != "none"
        found["scale"] = {"offset": how.offset, "factor": how.factor} if is_scaled else None
        found["is_clipped"] = is_scaled and how.clip
    return found


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
    """Describe a run trained on all classes, for the test samples that `chosen` selects, as a dict.

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
    """Describe a run with codes of two dimensions, for samples that `chosen` selects, as a dict.

    ``network`` without the encoder, or ``why_not``; ``low`` and ``high``, the corners of the plane;
    ``plane`` (n, 2).
    """
    points = outputs.mean.test[rows].astype(np.float32)
    found = _live(model, data.x_test[rows])
    found.get("network", {}).pop("encoder", None)
    return {
        **found,
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


def answers(scores):
    """List the rankings by use, each with the values, intervals and sentences of the report."""
    shown = []
    for one in all_standings(scores):
        if one.values.empty:
            continue
        # A ranking has a measure for each likelihood: take the first that was measured
        measure = next(
            each for each in one.ranking.score_keys if not select(scores, one.task.name, each).empty
        )
        shown.append(
            {
                "use": one.ranking.name,
                "text": one.ranking.text,
                "metric": one.task.metric(measure.metric).title,
                "higher": one.higher_is_better,
                "said": " ".join(sentences(one)),
                "rows": [
                    {
                        "variant": name,
                        "mean": float(one.values[name].mean()),
                        "half": float(np.nan_to_num(half_width(one.values[name]))),
                        "baseline": bool(one.table.at[name, "is_baseline"]),
                        "standing": str(one.table.at[name, "standing"]),
                    }
                    for name in one.values
                ],
            }
        )
    return shown


def colour(number):
    """Return the colour of a class, as in the figures."""
    return PALETTE.colors[number % len(PALETTE.colors)]

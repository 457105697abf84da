"""The page itself: content, plots, style and script in one HTML file."""

import json
from importlib.resources import files

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.resources import Resources
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kerasae.reporting.explorer import content, plots

ENVIRONMENT = Environment(
    loader=PackageLoader("kerasae.reporting", "explorer"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def explorer(name, samples, runs, flat_runs, scores, demonstration="", claims=()):
    """Write the page as HTML that opens from disk and loads nothing.

    ``samples`` come from `of_data`; ``runs`` and ``flat_runs`` map variants to what `of_run` and
    `of_flat_run` return for the first seed, and ``flat_runs`` may lack variants. ``demonstration``
    is a line at its top. ``claims`` are dicts of ``id``, ``statement``, ``verdict`` and
    ``measured``.
    """
    points = {("map", variant): run["map"] for variant, run in runs.items()}
    points |= {("plane", variant): run["plane"] for variant, run in flat_runs.items()}
    points = {key: values for key, values in points.items() if values is not None}
    colours = [content.colour(number) for number in range(len(samples["classes"]))]
    shared = plots.source(points, samples["labels"], samples["classes"], colours)
    scatters = {
        f"{kind} {variant}": plots.scatter(shared, variant, kind) for kind, variant in points
    }
    places = {name: f"plot-{number}" for number, name in enumerate(scatters)}
    page = {
        "name": name,
        "variants": {
            variant: {**run, "map": None, "plane": _without_points(flat_runs.get(variant))}
            for variant, run in runs.items()
        },
        "samples": samples,
        "colours": colours,
        "rankings": content.rankings(scores),
        "claims": list(claims),
    }
    folder = files("kerasae.reporting.explorer")
    bokeh = Resources(mode="inline", components=["bokeh"])
    return ENVIRONMENT.get_template("page.html").render(
        name=name,
        demonstration=demonstration,
        variants=list(runs),
        is_image=samples["is_image"],
        counting=samples["counting"],
        is_clipped=samples.get("is_clipped", False),
        legend=list(zip(samples["classes"], colours, strict=True)),
        has_planes=any(kind == "plane" for kind, _ in points),
        has_maps=any(kind == "map" for kind, _ in points),
        seeds=int(scores["seed"].nunique()),
        places=places,
        bokeh=Markup(bokeh.render_js()) if scatters else "",
        plots=Markup(as_json(_embedded(scatters, places))),
        style=Markup((folder / "page.css").read_text(encoding="utf-8")),
        script=Markup((folder / "page.js").read_text(encoding="utf-8")),
        content=Markup(as_json(page)),
    )


def _embedded(scatters, places):
    """Describe plots for ``Bokeh.embed.embed_items``, each for the element of an id.

    Bokeh numbers the models of a whole process and names elements at random. Here the order in the
    page numbers them, so that the page is the same whenever it is written.
    """
    document, ids = Document(), {}
    for plot in scatters.values():
        document.add_root(plot)

    def numbered(model):
        if "id" in model:
            model["id"] = ids.setdefault(model["id"], f"model-{len(ids)}")
        return model

    models = json.loads(serialize_json(document.to_json(deferred=False)), object_hook=numbered)
    roots = {ids[plot.id]: places[name] for name, plot in scatters.items()}
    return [{"plots": models}, [{"docid": "plots", "roots": roots, "root_ids": list(roots)}]]


def _without_points(run):
    """Leave out the codes of a run of two dimensions, which the plots have."""
    return run and {name: value for name, value in run.items() if name != "plane"}


def as_json(value):
    """Write JSON that cannot end its script element, or begin a comment in it."""
    text = json.dumps(value, default=content.packed, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

"""Write the page to explore the models of a data set."""

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.run import Run
from kerasae.storage.atomic import write_text

params = snakemake.params
with logged(snakemake):
    from kerasae.engine import steps
    from kerasae.reporting.explorer import content
    from kerasae.reporting.explorer.page import explorer

    artifacts, whole = Artifacts(params.folder, params.entries), Run(snakemake.wildcards.dataset)
    shown = {
        kind: {
            run.variant: steps.explored(artifacts, run, kind, run.variant in params.planes)
            for run in runs
        }
        for kind, runs in params.explored.items()
    }
    scores, claims = artifacts.read("scores", whole), ()
    if params.article:
        from studies.bake_off.claims import short_verdicts

        claims = short_verdicts(scores)
    data = content.shown(artifacts.read("data", whole), params.seed)
    page = explorer(
        whole.dataset,
        content.of_data(data, content.chosen(data)),
        scores=scores,
        demonstration=params.demonstration,
        claims=claims,
        **shown,
    )
    write_text(snakemake.output[0], page)

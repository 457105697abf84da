"""Test the article's claims with the scores."""

from kerasae.engine.artifacts import Artifacts
from kerasae.engine.logs import logged
from kerasae.engine.run import Run
from kerasae.reporting.pages import html_table, page
from kerasae.reporting.tables import to_markdown
from kerasae.storage.atomic import atomic_write, write_text
from studies.bake_off.claims import judge, judgements
from studies.bake_off.claims.forest import forest

params, output = snakemake.params, snakemake.output
with logged(snakemake):
    run = Run(snakemake.wildcards.dataset)
    scores = Artifacts(params.folder).read("scores", run)
    verdicts = judge(scores).set_index("id")
    title = f"Claims of the article: {run.dataset}"
    texts = {
        output.csv: verdicts.to_csv(),
        output.markdown: to_markdown(verdicts),
        output.page: page(title, html_table(verdicts.reset_index()), params.demonstration),
    }
    for path, text in texts.items():
        write_text(path, text)
    with atomic_write(output.figure) as temporary:
        forest(judgements(scores), title).savefig(temporary, dpi=150)

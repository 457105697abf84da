"""Compare the methods of anomaly detection across data sets."""

from pathlib import Path

import pandas as pd

from kerasae.engine.logs import check_files, logged
from kerasae.evaluation.scores import read
from kerasae.reporting.across import diagrams, pairs, ranks
from kerasae.reporting.across.comparison_page import page
from kerasae.reporting.across.methods import NO_MODEL, TASK, methods
from kerasae.storage.atomic import atomic_write, write_text

params, output = snakemake.params, snakemake.output
with logged(snakemake):
    for path in snakemake.input:
        check_files(Path(path).parent, [path])
    metric = TASK.metric(snakemake.wildcards.metric)
    scores = methods(pd.concat(map(read, snakemake.input)), metric.name)
    values = ranks.by_dataset(scores)
    title = f"{metric.title} across {len(values)} data sets"
    texts = {
        output.page: page(
            scores, title, params.demonstration, reference=NO_MODEL, metric=metric.title
        ),
        output.csv: scores.to_csv(index=False),
    }
    for path, text in texts.items():
        write_text(path, text)
    figures = {
        output.ranks: diagrams.critical_difference(values, pairs.wilcoxon_holm(values), title),
        output.values: diagrams.heat_map(values, title, metric.title),
    }
    for path, figure in figures.items():
        with atomic_write(path) as temporary:
            figure.savefig(temporary, dpi=150)

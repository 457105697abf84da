"""How alike the codes of all variants are, in pairs: those of one seed."""

from itertools import combinations

import job
import numpy as np
import pandas as pd

from kerasae.evaluation.measures.latent_space import linear_cka
from kerasae.evaluation.scores import tidy

job.start(snakemake)
codes = {}
for variant, path in zip(snakemake.params.variants, snakemake.input.codes, strict=True):
    with np.load(path, allow_pickle=False) as arrays:
        codes[variant] = arrays["mean_codes_test" if "mean_codes_test" in arrays else "codes_test"]
metrics = {variant: {} for variant in codes}
for one, other in combinations(codes, 2):
    alike = linear_cka(codes[one], codes[other])
    if not np.isnan(alike):  # a code that does not vary is like no other
        metrics[one][f"cka with {other}"] = metrics[other][f"cka with {one}"] = alike
run = {**snakemake.wildcards, "latent_dim": snakemake.params.latent_dim, "held_out": "none"}
frames = [tidy({**run, "variant": v}, "latent_space", found) for v, found in metrics.items()]
job.save_scores(pd.concat(frames), snakemake.output[0])

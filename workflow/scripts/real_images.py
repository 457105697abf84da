"""What can be reached by samples: real images that were held out, as if they were generated."""

import job

from kerasae.evaluation.measures.samples import sample_numbers
from kerasae.evaluation.scores import tidy

job.start(snakemake)
real, others, probabilities, accuracy = job.arrays(
    snakemake.input.real, "features", "held_out_features", "held_out_probabilities", "accuracy"
)
numbers = sample_numbers(real, others, probabilities)
metrics = {f"{metric} (real)": value for metric, value in numbers.items()}
metrics["accuracy of the classifier"] = float(accuracy)
run = {
    **snakemake.wildcards,
    "variant": "real_images",
    "seed": "",
    "latent_dim": "",
    "held_out": "none",
}
job.save_scores(tidy(run, "samples", metrics), snakemake.output[0])

"""Samples: comparison of generated with real images, in the features of a classifier."""

from kerasae.evaluation.metric import Metric, ScoreKey
from kerasae.evaluation.task import Evaluation, Inputs, Numbers, Ranking, Task


def _numbers(inputs, samples, sampler):
    """Return the metrics of the samples of one sampler."""
    from kerasae.evaluation.metrics.samples import sample_metrics

    real = inputs["real"]["features"]
    metrics = sample_metrics(real, samples["features"], samples["probabilities"])
    return {ScoreKey(name, sampler=sampler): value for name, value in metrics.items()}


def measure(inputs: Inputs) -> Numbers:
    """Evaluate the samples of every sampler of one model."""
    for sampler, samples in inputs["generated"]["samples"].items():
        yield {}, _numbers(inputs, samples, sampler)


def real_images(inputs: Inputs) -> Numbers:
    """Evaluate held-out real samples, and the same with shuffled values, as bounds."""
    real = inputs["real"]
    numbers = _numbers(inputs, real["held_out"], "real")
    numbers[ScoreKey("judge_accuracy")] = float(real["accuracy"])
    yield {"variant": "real_images"}, numbers
    yield {"variant": "shuffled_pixels"}, _numbers(inputs, real["shuffled"], "real")


TASK = Task(
    name="samples",
    title="Samples",
    text=(
        "Generated samples, as many as in the test set, compared with the test set in the "
        "features of a small classifier that is trained on the data set, another one for each "
        "seed. Samplers: the prior of "
        "the model; a learned prior over the categories of vq; a mixture of ten Gaussians, fitted "
        "to the codes of any variant. Precision and density: realism of the generated samples. "
        "Recall and coverage: how much of the real data is covered. Blurred samples score high "
        "in precision, density and confidence: read these together with recall and coverage. "
        "real_images: as many real samples that the classifier was not trained on, the upper "
        "bound of generated samples; shuffled_pixels: these with the values of each in a random "
        "order, the lower bound."
    ),
    metrics=(
        Metric(
            "frechet_distance", "FID in classifier features",
            "Fréchet distance to the test set, in the features of a classifier",
            better="lower", range="≥ 0",
            source="Heusel et al.: GANs trained by a two time-scale update rule, NeurIPS 2017",
        ),
        Metric(
            "kernel_distance", "KID in classifier features",
            "squared maximum mean discrepancy to the test set, cubic kernel, unbiased",
            better="lower", range="about 0 for equal distributions",
            source="Bińkowski et al.: Demystifying MMD GANs, ICLR 2018",
        ),
        Metric(
            "precision", "precision", "share of the generated samples that lie near a real sample",
            better="higher", range="0 to 1",
            source="Kynkäänniemi et al.: Improved precision and recall, NeurIPS 2019",
        ),
        Metric(
            "recall", "recall", "share of the real samples that lie near a generated sample",
            better="higher", range="0 to 1",
            source="Kynkäänniemi et al.: Improved precision and recall, NeurIPS 2019",
        ),
        Metric(
            "density", "density",
            "number of real neighbourhoods that a generated sample lies in, over 5",
            better="higher", range="≥ 0, about 1 for real samples",
            source="Naeem et al.: Reliable fidelity and diversity metrics, ICML 2020",
        ),
        Metric(
            "coverage", "coverage",
            "share of the real neighbourhoods that contain a generated sample",
            better="higher", range="0 to 1",
            source="Naeem et al.: Reliable fidelity and diversity metrics, ICML 2020",
        ),
        Metric(
            "pairwise_distance", "pairwise distance",
            "mean distance of two generated samples, in the features of the classifier; blurred "
            "and unreadable samples count as diverse, too",
            range="≥ 0",
        ),
        Metric(
            "confidence", "confidence", "mean largest probability of the classifier",
            range="1 / classes to 1",
        ),
        Metric(
            "class_entropy", "class entropy", "entropy of the classifier's mean probabilities",
            range="0 to log(classes)", unit="nats",
        ),
        Metric(
            "judge_accuracy", "classifier accuracy", "test accuracy of the classifier itself",
            better="higher", range="0 to 1",
        ),
    ),
    evaluations=(
        Evaluation("real_images", real_images, ("real",), per="seed"),
        Evaluation("samples", measure, ("real", "generated")),
    ),
    leading=tuple(
        map(
            ScoreKey,
            ("frechet_distance", "precision", "recall", "density", "coverage", "class_entropy"),
        )
    ),
    rows=("sampler",),
    needs=("labels", "thorough"),
    rankings=(
        Ranking(
            "generation",
            (ScoreKey("frechet_distance"),),
            "FID in classifier features, by the better sampler",
            best_of="sampler",
        ),
    ),
    bounds=("real_images", "shuffled_pixels"),
)  # fmt: skip

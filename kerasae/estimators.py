"""Autoencoders as scikit-learn estimators: a transformer and a novelty detector.

Inputs are rows (n, d). Images are passed as flattened rows, with their shape in ``image_shape``.
Values are not scaled: precede the estimator by a `sklearn.preprocessing.StandardScaler`, or with
the Bernoulli likelihood by a `sklearn.preprocessing.MinMaxScaler`. The models compute in float32:
training values that differ by less than it resolves are an error.
"""

import copy
import math
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OutlierMixin,
    TransformerMixin,
)
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from kerasae.custom.declared import BY_THE_RUN
from kerasae.datasets.preprocessing import LARGEST
from kerasae.datasets.values import (
    MERGED,
    by_batches,
    is_positive_integer,
    merged_column,
    refuse_masked,
    unresolved_column,
)
from kerasae.evaluation.metrics.likelihood import log_likelihoods, shared_noise, weights_of
from kerasae.evaluation.metrics.reconstruction import element_losses
from kerasae.evaluation.new_samples import dominance
from kerasae.models import model_class
from kerasae.training.defaults import training_defaults
from kerasae.types import Likelihood, Tensor

BATCH_SIZE = 1024
"""Fixed batch size of predictions. Short batches are padded, so that the output of a row does not
depend on the other rows."""


class AutoencoderEstimator(BaseEstimator):
    """Base class of the estimators: parameters, training and score.

    Parameters
    ----------
    variant : str, optional
        Name of the model or variant, see `kerasae.models.entry`.
    latent_dim : int, optional
        Dimensions of a code.
    settings : dict, optional
        Further parameters of the model, such as ``beta`` or ``widths``.
    likelihood : {"gaussian", "bernoulli"}, optional
        Gaussian for real values, Bernoulli for values in [0, 1].
    image_shape : tuple of int, optional
        Shape (H, W, C) of the image in a row, for models that need images.
    epochs, batch_size : int or None, optional
        Passes over the rows, and rows per training step. None: set by the number of rows, see
        `kerasae.training.defaults.training_defaults`.
    learning_rate : float, optional
        Learning rate of Adam, finite and above 0.
    random_state : int, RandomState or None, optional
        Seed of initial weights, order and noise. The same integer gives the same model.
    """

    def __init__(
        self,
        variant: str = "vanilla",
        *,
        latent_dim: int = 2,
        settings: Mapping[str, Any] | None = None,
        likelihood: Likelihood = "gaussian",
        image_shape: Sequence[int] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 0.001,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.variant = variant
        self.latent_dim = latent_dim
        self.settings = settings
        self.likelihood = likelihood
        self.image_shape = image_shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Train the autoencoder.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to train on.
        y : ignored
            For consistency with scikit-learn.

        Returns
        -------
        self
        """
        from kerasae.models import build
        from kerasae.training.train import StopOnNonFinite, compiled

        self._check_parameters()
        rows = self._checked(X, reset=True)
        epochs, batch_size = training_defaults(len(rows))
        epochs = epochs if self.epochs is None else self.epochs
        batch_size = batch_size if self.batch_size is None else self.batch_size
        seed = self.random_state
        if not isinstance(seed, Integral):
            seed = int(check_random_state(seed).randint(2**31 - 1))
        model = build(
            self.variant,
            rows.shape[1:],
            self.latent_dim,
            likelihood=self.likelihood,
            seed=seed,
            **copy.deepcopy(dict(self.settings or {})),
        )
        compiled(model, epochs * -(-len(rows) // batch_size), self.learning_rate)
        history = model.fit(
            rows,
            batch_size=batch_size,
            epochs=epochs,
            verbose=0,
            callbacks=[StopOnNonFinite()],
        )
        self.model_, self.variant_ = model, self.variant
        self.loss_curve_ = history.history["loss"]
        if rows.ndim == 2:
            columns = list(getattr(self, "feature_names_in_", ()))
            if sentence := dominance(rows, self._column_losses(rows), columns):
                gaussian = model.likelihood == "gaussian"
                scaler = "StandardScaler()" if gaussian else "MinMaxScaler(clip=True)"
                warnings.warn(f"{sentence}: precede the estimator by a {scaler}", stacklevel=2)
        return self

    def _check_parameters(self) -> None:
        """Check the parameters that neither the model nor its training checks."""
        whole, settings, seed = "an integer of at least 1", self.settings or {}, self.random_state
        self._require(
            "variant", isinstance(self.variant, str), "the name of a model, such as 'vae'"
        )
        self._require("latent_dim", is_positive_integer(self.latent_dim), whole)
        likelihoods = ("gaussian", "bernoulli")
        self._require("likelihood", self.likelihood in likelihoods, "gaussian or bernoulli")
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            self._require(name, value is None or is_positive_integer(value), f"{whole}, or None")
        are_named = isinstance(settings, Mapping) and all(isinstance(key, str) for key in settings)
        expected = "None or a dictionary of parameters of the model, such as {'widths': [64, 32]}"
        self._require("settings", are_named, expected)
        for key in set(BY_THE_RUN) & set(settings):
            self._require("settings", False, f"without {key}, which the estimator sets")
        is_seed = not isinstance(seed, Integral) or seed >= 0
        self._require("random_state", is_seed, "an integer of at least 0, a RandomState or None")

    def _require(self, name: str, is_valid: bool, expected: str) -> None:
        """Raise a ValueError for a parameter that is not valid."""
        if not is_valid:
            raise ValueError(f"{name} must be {expected}. Received: {getattr(self, name)!r}")

    def _checked(self, X: ArrayLike, reset: bool = False) -> np.ndarray:
        """Check rows (n, d), and reshape them to model inputs; ``reset`` before a training."""
        refuse_masked(X, "X")
        rows = validate_data(
            self, X, dtype=[np.float64, np.float32], reset=reset, ensure_min_samples=1 + reset
        )
        names = getattr(self, "feature_names_in_", range(rows.shape[1]))
        has_columns = hasattr(self, "feature_names_in_") and hasattr(X, "columns")
        # As they were given: integers beyond 2**53 become equal in float64
        columns = [X[name] for name in names] if has_columns else np.asarray(X).T  # type: ignore[index]
        for name, column in zip(names, map(np.asarray, columns), strict=True):
            if column.dtype.kind in "iu" and merged_column(column.reshape(len(column), -1)) == 0:
                raise ValueError(f"X: {MERGED} column {name}")
        if reset:
            self._check_training(rows, names)
        rows = check_array(rows, dtype=np.float32, input_name="X")
        fitted = self if reset else self.model_
        if fitted.likelihood == "bernoulli" and (rows.min() < 0 or rows.max() > 1):
            raise ValueError(
                "The Bernoulli likelihood needs values in [0, 1]. Precede the estimator by a "
                "MinMaxScaler(clip=True), or use the Gaussian likelihood. "
                f"Received: {rows.min():g} to {rows.max():g}"
            )
        return rows.reshape(-1, *fitted.image_shape) if fitted.image_shape else rows

    def _check_training(self, rows: np.ndarray, names: Sequence[Any]) -> None:
        """Raise a ValueError for rows (n, d) that float32 spoils, or that are no images."""
        largest = np.abs(rows).max(axis=0)
        if largest.max() > LARGEST:
            raise ValueError(
                f"X has values too large to train on. Expected numbers of at most {LARGEST:g}. "
                "Precede the estimator by a StandardScaler(). "
                f"Received: {largest.max():g} in column {names[largest.argmax()]}"
            )
        if (column := unresolved_column(rows)) is not None:
            values = rows[:, column]
            raise ValueError(
                "X has values that differ by less than float32 resolves. Precede the estimator by "
                "a StandardScaler(). "
                f"Received: {values.min():.10g} to {values.max():.10g} in column {names[column]}"
            )
        shape = self.image_shape
        if shape is not None and not (
            isinstance(shape, Sequence)
            and len(shape) == 3
            and all(map(is_positive_integer, shape))
            and math.prod(shape) == rows.shape[1]
        ):
            raise ValueError(
                f"image_shape must be (H, W, C) with H·W·C = {rows.shape[1]}, the columns of a "
                f"row. Received: {shape}"
            )

    def _in_batches(self, function: Callable[[np.ndarray], Tensor], rows: np.ndarray) -> np.ndarray:
        """Apply a function of tensors to rows (n, ...) in padded batches."""

        def padded(batch: np.ndarray) -> np.ndarray:
            filled = np.concatenate([batch, np.repeat(batch[-1:], BATCH_SIZE - len(batch), axis=0)])
            return np.asarray(function(filled))[: len(batch)]

        return by_batches(padded, rows, BATCH_SIZE)

    def score_samples(self, X: ArrayLike) -> np.ndarray:
        """Score rows by their reconstruction.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        numpy.ndarray of shape (n,)
            Log-likelihood given the posterior mean, in nats, for the Gaussian of variance 1 without
            its constant: minus half the squared error. A variance that a VAE sets or learns is left
            out. Lower is more anomalous; -inf for a row whose reconstruction is not finite.
        """
        return -self.feature_scores(X).sum(axis=1)

    def feature_scores(self, X: ArrayLike) -> np.ndarray:
        """Split the anomaly score of each row over its columns.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        numpy.ndarray of shape (n, d)
            Negative log-likelihood of each value, see `score_samples`: the reconstruction loss, at
            least 0; higher is more anomalous. The sum over a row is its ``-score_samples`` by the
            reconstruction, so that dividing by it gives the shares of the columns. inf where the
            reconstruction is not finite.
        """
        check_is_fitted(self)
        return self._column_losses(self._checked(X))

    def _column_losses(self, rows: np.ndarray) -> np.ndarray:
        """Reconstruction loss of each column (n, d) of model inputs (n, ...)."""

        def decoder_outputs(batch: np.ndarray) -> Tensor:
            return self.model_.decoder(self.model_.encode(batch), training=False)

        outputs = self._in_batches(decoder_outputs, rows)
        losses = element_losses(rows.astype(float), outputs.astype(float), self.model_.likelihood)
        return np.nan_to_num(losses.reshape(len(rows), -1), nan=np.inf, posinf=np.inf)

    def score(self, X: ArrayLike, y: object = None) -> float:
        """Mean of `score_samples`, for model selection; higher is better."""
        return float(self.score_samples(X).mean())

    def __getstate__(self) -> dict[str, Any]:
        """State for pickling, with the model as the content of its file."""
        state = super().__getstate__()
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.keras"
                state["model_"].save(path)
                state = {**state, "model_": path.read_bytes()}
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Restore the pickled state."""
        from kerasae.models import load

        super().__setstate__(state)
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.keras"
                path.write_bytes(state["model_"])
                self.model_ = load(path, self.variant_)


class AutoencoderTransformer(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, AutoencoderEstimator
):
    """Encode rows to codes and back; parameters of `AutoencoderEstimator`.

    Attributes
    ----------
    model_ : kerasae.models.base.Autoencoder
        The trained model.
    loss_curve_ : list of float
        Training loss of every epoch.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_wine(return_X_y=True)
    >>> codes = AutoencoderTransformer("vanilla", latent_dim=3, epochs=5)
    >>> model = make_pipeline(StandardScaler(), codes, LogisticRegression())
    >>> model.fit(X, y).predict(X).shape
    (178,)
    """

    @property
    def _n_features_out(self) -> int:
        return self.model_.latent_dim

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode rows (n, d) to codes (n, latent_dim), posterior means for stochastic models."""
        check_is_fitted(self)
        return self._in_batches(self.model_.encode, self._checked(X))

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Decode codes (n, latent_dim) to rows (n, d)."""
        check_is_fitted(self)
        codes = check_array(X, dtype=np.float32)
        if codes.shape[1] != (latent_dim := self.model_.latent_dim):
            raise ValueError(f"Expected codes of shape (n, {latent_dim}). Received: {codes.shape}")
        return self._in_batches(self.model_.decode, codes).reshape(len(codes), -1)

    def __sklearn_tags__(self) -> Tags:
        """Tags of scikit-learn: codes are float32."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


class AutoencoderDetector(OutlierMixin, AutoencoderEstimator):
    """Detect novelties: rows with a high reconstruction loss, or of a VAE with a low likelihood.

    This does not find every anomaly: images with less ink than the training images have a lower
    loss than these. Compare with a baseline.

    Parameters
    ----------
    variant, latent_dim, settings, likelihood, image_shape, epochs, batch_size, learning_rate, \
random_state
        See `AutoencoderEstimator`.
    contamination : float, optional
        Share of the training rows to count as anomalous, above 0 and at most 0.5.
    criterion : {"reconstruction", "likelihood"}, optional
        What `score_samples` returns: see there. The likelihood needs a VAE.

    Attributes
    ----------
    model_, loss_curve_
        See `AutoencoderTransformer`.
    offset_ : float
        Threshold of the score; rows below it are anomalous.
    """

    def __init__(
        self,
        variant: str = "vanilla",
        *,
        latent_dim: int = 2,
        settings: Mapping[str, Any] | None = None,
        likelihood: Likelihood = "gaussian",
        image_shape: Sequence[int] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 0.001,
        random_state: int | np.random.RandomState | None = 0,
        contamination: float = 0.1,
        criterion: Literal["reconstruction", "likelihood"] = "reconstruction",
    ) -> None:
        super().__init__(
            variant,
            latent_dim=latent_dim,
            settings=settings,
            likelihood=likelihood,
            image_shape=image_shape,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            random_state=random_state,
        )
        self.contamination = contamination
        self.criterion = criterion

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Train on rows (n, d), and fit the threshold to their scores; ``y`` is ignored."""
        super().fit(X)
        self.criterion_ = self.criterion
        self.offset_ = float(np.percentile(self.score_samples(X), 100 * self.contamination))
        return self

    def _check_parameters(self) -> None:
        """Check the parameters that neither the model nor its training checks."""
        super()._check_parameters()
        share, criteria = self.contamination, ("reconstruction", "likelihood")
        is_share = isinstance(share, Real) and 0 < share <= 0.5
        self._require("contamination", is_share, "above 0 and at most 0.5, a share of the rows")
        self._require("criterion", self.criterion in criteria, "reconstruction or likelihood")
        if self.criterion == "likelihood" and not model_class(self.variant).stochastic:
            raise ValueError(
                f"The likelihood needs a VAE, such as variant='vae'. Received: {self.variant!r}"
            )

    def score_samples(self, X: ArrayLike) -> np.ndarray:
        """Score rows by the criterion.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows.

        Returns
        -------
        numpy.ndarray of shape (n,)
            Lower is more anomalous, in nats. Reconstruction: the log-likelihood given the
            posterior mean, as of `AutoencoderTransformer`. Likelihood: the importance-weighted
            bound of log p(x) from 20 posterior samples, of the same noise for all rows (Burda et
            al., ICLR 2016). -inf for a row whose score is not finite, as its values are too far
            from the training rows for the model.
        """
        check_is_fitted(self)
        if self.criterion_ == "reconstruction":
            return super().score_samples(X)
        rows = self._checked(X)
        noise = shared_noise(self.model_)
        weights = self._in_batches(lambda batch: weights_of(self.model_, batch, noise), rows)
        return np.nan_to_num(log_likelihoods(weights), nan=-np.inf, posinf=-np.inf, neginf=-np.inf)

    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """Score of rows (n, d) minus the threshold, (n,); negative is anomalous."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Classify rows (n, d) as anomalous (-1) or normal (+1), (n,)."""
        return np.where(self.decision_function(X) >= 0, 1, -1)  # NaN is anomalous

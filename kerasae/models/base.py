"""Base class of the models: an encoder, a bottleneck, a decoder, and an objective.

    codes = bottleneck(encoder(images))        reconstruction = mean(decoder(codes))

The likelihood determines the decoder's outputs: logits, whose sigmoid is the mean, for images in
[0, 1], or the mean itself for any numbers. A model overrides the bottleneck, the objective or
both; tasks treat all models alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from kerasae.custom.load import parameters
from kerasae.datasets.values import is_positive_integer
from kerasae.networks.dense import dense_decoder, dense_encoder, hidden_widths
from kerasae.networks.kernels import known_values
from kerasae.networks.likelihoods import LIKELIHOODS
from kerasae.seeds import derive
from kerasae.training.data import refuse_unfit
from kerasae.types import Likelihood, StrPath, Tensor

if keras.backend.backend() == "tensorflow":
    from kerasae.training.epochs import TensorFlowTrainer as BackendTrainer
else:
    from kerasae.training.other_backends import KerasTrainer as BackendTrainer


def _network(name: str) -> property:
    """Make a property for a network that the first use makes."""

    def read(model: "Autoencoder") -> keras.Model:
        if name not in model.__dict__:
            model.build_networks()
        return model.__dict__[name]

    def write(model: "Autoencoder", network: keras.Model) -> None:
        model.__dict__[name] = network

    return property(read, write)


class Autoencoder(BackendTrainer):
    """Base class of the models.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (H, W, C), or of one row of a table, (d,).
    latent_dim : int
        Size of a code.
    widths : sequence of int, optional
        Widths of the hidden layers, from the input inwards; the decoder has the same in
        the other order. By default `kerasae.networks.dense.hidden_widths`.
    least_widths : pair of int, optional
        Lower limits of these two default widths, for inputs of few values.
    likelihood : {"bernoulli", "gaussian"}, optional
        Its negative logarithm is the reconstruction loss: Bernoulli for values in [0, 1],
        Gaussian of variance 1 for any numbers.
    seed : int, optional
        Root of the model's random numbers: initial weights, data order, noise.
    preprocessing : dict, optional
        Preprocessing of the training data, see `kerasae.datasets.Preprocessing.to_config`. The
        model does not apply it; its file keeps it for reading new samples.
    metadata : dict, optional
        Further content of the model's file: ``code``, the class and the SHA-256 of its file for a
        user's own model, ``losses`` and ``likelihoods``, see
        `kerasae.evaluation.new_samples.training_quantiles`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Attributes
    ----------
    encoder, decoder : keras.Model
        Images (N, H, W, C) in [0, 1] to the input of the bottleneck, and codes
        (N, latent_dim) to the logits of images; with the Gaussian likelihood to images.
    terms : tuple of str
        Names of the loss terms, ``"loss"`` being the one that is minimised.
    gaussian_variance : float
        Variance of the Gaussian likelihood; the Bernoulli likelihood has none.
    stochastic : bool
        Whether the bottleneck samples the code from a distribution.
    generative : bool
        Whether the model can `sample`.
    discrete : bool
        Whether codes are categorical, with ``categories`` at every position. Such a model has
        ``indices`` (N, positions) of images, ``nearest`` of any codes, and ``look_up`` back.
    gains_from_xla : bool
        Whether XLA speeds up its training on a CPU. XLA slows convolutions down.
    unused : tuple of str
        Parameters of base classes that the model has no use for.
    stages, stage : int
        Number of parts that the training has, each compiled by itself, and the current one from 0.
    """

    terms: tuple[str, ...] = ("loss",)
    gaussian_variance = 1.0
    stochastic = False
    generative = False
    discrete = False
    gains_from_xla = True
    unused: tuple[str, ...] = ()
    stages = 1
    stage = 0

    def __init__(
        self,
        input_shape: Sequence[int],
        latent_dim: int,
        widths: Sequence[int] | None = None,
        least_widths: Sequence[int] = (1, 1),
        likelihood: Likelihood = "bernoulli",
        seed: int = 0,
        preprocessing: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        # Under a policy of mixed precision the hidden layers alone compute in half precision
        super().__init__(dtype="float32")
        sizes = tuple(input_shape) if hasattr(input_shape, "__iter__") else ()
        if not sizes or not all(map(is_positive_integer, sizes)):
            raise ValueError(
                "input_shape must be (H, W, C) or (d,), whole numbers from 1. "
                f"Received: {input_shape!r}"
            )
        if not is_positive_integer(latent_dim):
            raise ValueError(f"latent_dim must be a whole number from 1. Received: {latent_dim!r}")
        if widths is not None and not (
            isinstance(widths, Sequence) and widths and all(map(is_positive_integer, widths))
        ):
            raise ValueError(
                f"widths must be a list of whole numbers from 1, or None. Received: {widths!r}"
            )
        if len(least_widths) != 2 or not all(map(is_positive_integer, least_widths)):
            raise ValueError(
                f"least_widths must be two whole numbers from 1. Received: {least_widths!r}"
            )
        if likelihood not in LIKELIHOODS:
            raise ValueError(
                f"likelihood must be one of {', '.join(LIKELIHOODS)}. Received: {likelihood!r}"
            )
        self.image_shape, self.latent_dim = sizes, latent_dim
        self.widths, self.least_widths = widths, tuple(least_widths)
        self.likelihood, self.seed = likelihood, seed
        self.preprocessing, self.metadata = preprocessing, dict(metadata or {})
        self.noise = keras.random.SeedGenerator(derive(seed, "noise"))
        self.trackers = {term: keras.metrics.Mean(name=term) for term in self.terms}
        self.built = True  # Keras has nothing to build: `build_networks` does

    def build_networks(self) -> None:
        """Make the encoder and the decoder, unless they are there.

        Their first use makes them too, so that a constructor may set what `networks` reads at any
        place.
        """
        if "encoder" not in self.__dict__:
            encoder, decoder = self.networks()
            self.__dict__.update(encoder=encoder, decoder=decoder)
            self.encoder, self.decoder = encoder, decoder  # Keras tracks what is set

    encoder, decoder = _network("encoder"), _network("decoder")

    def __repr__(self) -> str:
        """Describe the model by the arguments of its constructor that are not their defaults."""
        config, aside = self.get_config(), ("preprocessing", "metadata")
        given = [
            f"{name}={config[name]!r}"
            for name, default in parameters(type(self)).items()
            if name not in aside and config.get(name, default) != default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    # What a model may override

    def networks(self) -> tuple[keras.Model, keras.Model]:
        """Make the encoder and the decoder."""
        return self.dense_networks(encoder_outputs=self.latent_dim)

    def bottleneck(self, outputs: Tensor, sampled: bool = False) -> Tensor:
        """Turn the encoder's outputs into codes (N, latent_dim).

        Parameters
        ----------
        outputs : tensor of shape (N, encoder outputs)
            Outputs of the encoder.
        sampled : bool, optional
            Whether a stochastic bottleneck returns a posterior sample; else the posterior mean.
        """
        return outputs

    def objective(self, images: Tensor, training: bool) -> dict[str, Tensor]:
        """Compute the loss terms of one batch.

        Parameters
        ----------
        images : tensor of shape (N, H, W, C)
            In [0, 1].
        training : bool
            Whether batch normalisation uses the batch's statistics, and noise is added.

        Returns
        -------
        dict of str to tensor
            A scalar for each of `terms`, independent of the size of the batch.
        """
        raise NotImplementedError(f"{type(self).__name__} has no objective")

    def sample_prior(self, count: int, seed: int) -> Tensor:
        """Sample codes (count, latent_dim) from the model's prior."""
        raise NotImplementedError(f"{type(self).__name__} cannot sample: it has no prior")

    # Use of a trained model

    def encode(self, images: ArrayLike | Tensor, sampled: bool = False) -> Tensor:
        """Encode images.

        Parameters
        ----------
        images : array of shape (N, H, W, C)
            uint8, or float in [0, 1].
        sampled : bool, optional
            Whether a stochastic model returns posterior samples; else posterior means, which
            are the same at every call.

        Returns
        -------
        tensor of shape (N, latent_dim)
            The codes.
        """
        return self.bottleneck(self.encoder(self.scale(images), training=False), sampled)

    def decode(self, codes: ArrayLike | Tensor) -> Tensor:
        """Decode codes (N, latent_dim) to images (N, H, W, C), the means of the likelihood."""
        codes = ops.convert_to_tensor(codes, dtype="float32")
        if len(codes.shape) != 2 or codes.shape[1] != self.latent_dim:
            raise ValueError(
                f"Expected codes of shape (N, {self.latent_dim}). Received: {tuple(codes.shape)}"
            )
        return LIKELIHOODS[self.likelihood].mean(self.decoder(codes, training=False))

    def reconstruct(self, images: ArrayLike | Tensor, sampled: bool = False) -> Tensor:
        """Encode images and decode the codes; parameters as those of `encode`."""
        return self.decode(self.encode(images, sampled))

    def sample(self, count: int, seed: int = 0) -> Tensor:
        """Generate images.

        Parameters
        ----------
        count : int
            Number of images.
        seed : int, optional
            The same seed gives the same images.

        Returns
        -------
        tensor of shape (count, H, W, C)
            Means of the likelihood, in [0, 1] where that is Bernoulli.

        Raises
        ------
        NotImplementedError
            If the model is not `generative`.
        """
        return self.decode(self.sample_prior(count, seed))

    def export(
        self,
        filepath: StrPath,
        format: str = "tf_saved_model",
        input_signature: Sequence[keras.InputSpec] | None = None,
        **kwargs: Any,
    ) -> None:
        """Export the reconstruction of images for use without Keras; see `keras.Model.export`.

        The encoder and the decoder have an `export` of their own. The decoder gives logits with the
        Bernoulli likelihood, whose sigmoid is the image.

        Parameters
        ----------
        filepath : path-like
            Folder of a SavedModel, or file of another format.
        format : {"tf_saved_model", "onnx", ...}, optional
            As in Keras.
        input_signature : list of keras.InputSpec, optional
            By default floats of shape (None, H, W, C).
        **kwargs
            As in Keras.
        """
        self(np.zeros((1, *self.image_shape), np.float32))  # Keras exports what was called
        if input_signature is None:
            input_signature = [keras.InputSpec("float32", (None, *self.image_shape))]
        super().export(filepath, format=format, input_signature=input_signature, **kwargs)

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Reconstruct images; what `keras.Model.predict` calls."""
        if self.within_step:  # Keras's own step, which does not use it
            return images
        outputs = self.encoder(self.scale(images), training=training)
        outputs = self.decoder(self.bottleneck(outputs), training=training)
        return LIKELIHOODS[self.likelihood].mean(outputs)

    def scale(self, images: ArrayLike | Tensor) -> Tensor:
        """Bring images to float32 in [0, 1]: whole numbers are divided by 255, floats are kept.

        Raises
        ------
        ValueError
            If images are of another shape, or are not finite, or are whole numbers that are no
            bytes; the values are checked outside of compiled steps only, where they are known.
        """
        if (values := known_values(images)) is not None:
            refuse_unfit(values, "gaussian")  # values of new images may lie beyond [0, 1]
        images = ops.convert_to_tensor(images)
        if tuple(images.shape[1:]) != self.image_shape:
            raise ValueError(
                f"Expected images of shape (N, {', '.join(map(str, self.image_shape))}). "
                f"Received: {tuple(images.shape)}"
            )
        whole, images = keras.backend.is_int_dtype(images.dtype), ops.cast(images, "float32")
        return images / 255 if whole else images

    # Helpers of the models

    def losses_of(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Compute the negative log-likelihood (N,) of each image given the outputs, in nats.

        The Gaussian one less its constant, ½ log 2π a value.
        """
        return LIKELIHOODS[self.likelihood].losses(images, outputs)

    def reconstruction_loss(self, images: Tensor, outputs: Tensor) -> Tensor:
        """Compute the negative log-likelihood of images (N, H, W, C) in nats.

        A scalar given the decoder's outputs, summed over the pixels and averaged over the batch.
        """
        return ops.mean(self.losses_of(images, outputs))

    def dense_networks(self, encoder_outputs: int) -> tuple[keras.Model, keras.Model]:
        """Make the deep encoder and decoder of the article."""
        pixels = int(np.prod(self.image_shape))
        inwards, outwards = (
            self.widths or tuple(map(max, hidden_widths(pixels, outputs), self.least_widths))
            for outputs in (encoder_outputs, self.latent_dim)
        )
        return (
            dense_encoder(self.image_shape, encoder_outputs, inwards, self.seed),
            dense_decoder(self.image_shape, self.latent_dim, outwards[::-1], self.seed),
        )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a model from the arguments of its constructor, and its networks."""
        model = cls(**config)
        model.build_networks()
        return model

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, which are attributes of the same names."""
        names = list(parameters(type(self)))
        own = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return {**own, "input_shape": self.image_shape}

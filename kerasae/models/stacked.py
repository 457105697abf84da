"""Stacked autoencoder: trained greedily, one pair of layers after the other.

    stage s:    L = 1/N Σ_i ‖ h_i - dec_s(enc_s(h_i)) ‖²        h = enc_{s-1}( … enc_1(x))

enc_s is the s-th encoder layer, dec_s the decoder layer that undoes it; the layers already
trained are frozen, in inference mode. The first pair reconstructs pixels, with L_r. Bengio,
Lamblin, Popovici, Larochelle: Greedy layer-wise training of deep networks, NeurIPS 2006.
Differences from it:

1. There is no fine-tuning of the whole afterwards.
2. The codes h are rectified and have no upper bound, so that no cross-entropy is defined
   for them: inner stages minimise the squared error, summed per image like all losses.
3. So does the article's text (``target="codes"``, the default). Its companion code
   reconstructs *pixels* in every stage, through the frozen outer decoder layers
   (``target="pixels"``); its published figures are of this kind.
"""

import math

import keras
from keras import ops

from kerasae.models.base import Autoencoder


@keras.saving.register_keras_serializable("kerasae")
class Stacked(Autoencoder):
    """Vanilla, trained in as many stages as it has pairs of layers.

    `evaluate` measures the loss of the stage that was trained last, as the validation does.

    Parameters
    ----------
    target : {"codes", "pixels"}, optional
        What the inner stages reconstruct.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction")

    def __init__(self, *args, target="codes", **kwargs):
        if target not in ("codes", "pixels"):
            raise ValueError(f"target must be 'codes' or 'pixels'. Received: {target!r}")
        super().__init__(*args, **kwargs)
        self.target = target

    @property
    def pairs(self):
        """The encoder layers, each with the decoder layer that undoes it, from the pixels in."""
        return list(zip(self.encoder.layers[1:], self.decoder.layers[-2::-1], strict=True))

    @property
    def stages(self):
        """One for each pair of layers."""
        return len(self.pairs)

    def objective(self, images, training):
        """Compute the reconstruction loss of the pair of layers that is being trained.

        Codes come from the innermost pair alone, so that only the last stage has a bottleneck.
        """
        encode, decode = self.pairs[self.stage]
        outer = self.pairs[: self.stage]
        inputs = ops.reshape(images, (-1, math.prod(self.image_shape)))  # (N, pixels)
        for layer, _ in outer:
            inputs = layer(inputs, training=False)
        hidden = encode(inputs, training=training)
        if self.stage == self.stages - 1:
            hidden = self.bottleneck(hidden)  # (N, latent_dim)
        outputs = decode(hidden, training=training)  # as the inputs
        if self.target == "codes" and outer:
            loss = ops.mean(ops.sum(ops.square(inputs - outputs), axis=1))
        else:
            for _, layer in reversed(outer):
                outputs = layer(outputs, training=False)
            loss = self.reconstruction_loss(images, ops.reshape(outputs, ops.shape(images)))
        return {"loss": loss, "reconstruction": loss}

    def train_on(self, images, validation, epochs, initial_epoch, **fit_options):
        """Train the stages, each for its share of the epochs; see `Trainer.train_on`.

        Every stage has an optimizer of its own, which serves only the variables it was built for.
        Callbacks see each stage as a separate training. Early stopping ends the current stage only.
        """
        whole = keras.callbacks.History()
        whole.set_model(self)
        whole.on_train_begin()
        given = self.optimizer
        frozen = [layer for pair in self.pairs for layer in pair if not layer.trainable]
        try:
            for stage in range(self.stages):
                end = round(epochs * (stage + 1) / self.stages)
                if initial_epoch < end:
                    self.start(stage, given, frozen)
                    history = super().train_on(
                        images, validation, end, initial_epoch, **fit_options
                    )
                    whole.epoch += history.epoch
                    whole.params = history.params
                    for name, values in history.history.items():
                        whole.history.setdefault(name, []).extend(values)
                    initial_epoch = end
        finally:
            self._unfreeze(None, frozen)
            self.stage, self.optimizer = 0, given
            self.history = whole
        return whole

    def start(self, stage, given, frozen=()):
        """Begin a stage: its layers are trainable, and its optimizer is fresh, as the given one."""
        self._unfreeze(stage, frozen)
        self.stage = stage
        self.optimizer = self.stage_optimizer(given)

    def _unfreeze(self, stage, frozen):
        """Make the layers of one stage trainable, or with None all, but for those frozen."""
        for number, layers in enumerate(self.pairs):
            for layer in layers:
                wanted = stage is None or number == stage
                layer.trainable = wanted and not any(layer is other for other in frozen)

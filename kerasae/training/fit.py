"""`compile`, `fit` and `evaluate` of a model, as Keras has them."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal, TypeAlias

import keras
from keras import ops
from numpy.typing import ArrayLike

from kerasae.networks.kernels import replicas
from kerasae.seeds import derive
from kerasae.training.data import (
    ArrayBatches,
    Check,
    EpochCounter,
    as_array,
    as_batches,
    divided,
    refuse_targets,
    refuse_weights,
)
from kerasae.types import Tensor

Images: TypeAlias = ArrayLike | keras.utils.PyDataset | Iterable[Any]
"""An array, or batches; see `Trainer.fit`."""
Batches: TypeAlias = keras.utils.PyDataset | Iterable[Tensor]
"""Batches of checked images, see `kerasae.training.data.as_batches`."""
Verbose: TypeAlias = Literal["auto", 0, 1, 2]


class Trainer(keras.Model):
    """Base class of the trainers of the backends, and by them of all models."""

    by_gradients = True  # else an epoch takes no optimizer steps, and only computes the losses
    within_step = False  # whether Keras is computing a step, and needs no reconstruction
    within_xla = False  # whether XLA will compile the step that is being traced
    _validation: Batches | None = None

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str | None = None,
        loss: None = None,
        loss_weights: None = None,
        metrics: None = None,
        weighted_metrics: None = None,
        jit_compile: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Compile as in Keras; by default with Adam at 0.001, and with XLA.

        Parameters
        ----------
        optimizer : keras.optimizers.Optimizer or str, optional
            As in Keras.
        loss, loss_weights, metrics, weighted_metrics : None
            A model has its own loss, and reports its terms.
        jit_compile : bool, optional
            Whether XLA compiles the steps; by default unless they run eagerly.
        **kwargs
            ``run_eagerly``, ``steps_per_execution`` and ``auto_scale_loss``, as in Keras.

        Raises
        ------
        ValueError
            If a loss or metrics are given.
        """
        given = {"loss": loss, "loss_weights": loss_weights, "metrics": metrics}
        given["weighted_metrics"] = weighted_metrics
        if received := [f"{name}={value!r}" for name, value in given.items() if value is not None]:
            raise ValueError(
                f"{type(self).__name__} has a loss of its own, and reports its terms: "
                f"{', '.join(self.terms)}. For squared errors build it with "
                "likelihood='gaussian'; compute other metrics from `reconstruct`. "
                f"Received: {', '.join(received)}"
            )
        optimizer = keras.optimizers.get(optimizer or keras.optimizers.Adam(0.001))
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        half = self.encoder.dtype_policy.name == "mixed_float16"
        if kwargs.pop("auto_scale_loss", True) and half and not scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        if jit_compile is None:
            jit_compile = not kwargs.get("run_eagerly")
        super().compile(optimizer=optimizer, jit_compile=jit_compile, **kwargs)
        # variables that the step would create itself make TensorFlow trace it twice
        self.optimizer.build(self.trainable_variables)
        self._kept = SimpleNamespace(optimizers={}, programs={})  # of each stage

    def get_compile_config(self) -> dict[str, Any] | None:
        """Give `compile_from_config` what it needs, as Keras asks where `compile` is overridden."""
        if not self.compiled:
            return None
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
        }

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile a loaded model as it was when it was saved."""
        optimizer = keras.saving.deserialize_keras_object(config["optimizer"])
        self.compile(**{**config, "optimizer": optimizer, "auto_scale_loss": False})

    def fit(
        self,
        x: Images | None = None,
        y: Images | None = None,
        batch_size: int | None = 256,
        epochs: int = 1,
        verbose: Verbose = "auto",
        callbacks: Sequence[keras.callbacks.Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Images | tuple[Images, Images] | None = None,
        shuffle: bool = True,
        class_weight: None = None,
        sample_weight: None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> keras.callbacks.History:
        """Train on images.

        Parameters
        ----------
        x : array of shape (n, H, W, C), or data of batches
            uint8, or float in [0, 1]; any finite numbers with the Gaussian likelihood. Of an array,
            every image is seen once an epoch, in a fresh order, and to callbacks an epoch is a
            single batch. A memory map is read as it is used. Batches are those of a
            ``tf.data.Dataset``, a ``keras.utils.PyDataset``, a generator, a PyTorch
            ``DataLoader`` or another iterable: of images, or of pairs whose first part is images.
        y : optional
            The same images as ``x``; labels are not used.
        batch_size : int, optional
            Images per batch of an array; the partial one at the end of an epoch counts by its size.
        epochs, initial_epoch : int, optional
            Number of the last epoch, and of the one before the first.
        validation_data : as ``x``, or a pair with it, optional
            Images on which the loss terms are computed after every epoch.
        validation_split : float, optional
            Share at the end of an array ``x`` that becomes the validation data.
        shuffle : bool, optional
            Whether images of an array come in a fresh order.
        class_weight, sample_weight : None
            Samples have no weights.
        verbose, callbacks, steps_per_epoch, validation_steps, validation_batch_size, \
        validation_freq
            As in `keras.Model.fit`.

        Returns
        -------
        keras.callbacks.History
            Every loss term for every epoch, ``val_`` in front of those of the validation.

        Raises
        ------
        ValueError
            If values or shapes are unfit, or there are weights, or targets other than the input.
        """
        if not self.compiled:
            raise ValueError("Call compile() before fit().")
        refuse_weights(class_weight if sample_weight is None else sample_weight)
        refuse_targets(x, y)
        check = Check(self.image_shape, self.likelihood)
        order = derive(self.seed, "order") if shuffle else None
        size = 256 if batch_size is None else batch_size
        images = as_batches(x, size, check, order)
        validation = None
        if validation_data is not None:
            given = validation_data if isinstance(validation_data, tuple) else (validation_data,)
            others, targets, weights = keras.utils.unpack_x_y_sample_weight(given)
            refuse_targets(others, targets)
            refuse_weights(weights)
            validation = as_batches(others, validation_batch_size or size, check)
        elif validation_split:
            images, validation = divided(images, validation_split)
        options = {
            "verbose": verbose,
            "callbacks": callbacks,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "validation_freq": validation_freq,
        }
        with _unwrapped(check):
            return self.train_on(images, validation, epochs, initial_epoch, **options)

    def train_on(
        self,
        images: Batches,
        validation: Batches | None,
        epochs: int,
        initial_epoch: int,
        **options: Any,
    ) -> keras.callbacks.History:
        """Train on batches; a model with another course of training overrides this."""
        if isinstance(images, ArrayBatches):
            options["callbacks"] = keras.callbacks.CallbackList(options["callbacks"]).callbacks
            options["callbacks"].insert(0, EpochCounter(images))
        # The step depends on the stage and on settings that may have changed
        self.train_function = self.test_function = None
        self._validation = validation
        try:
            return super().fit(
                images,
                epochs=epochs,
                initial_epoch=initial_epoch,
                validation_data=validation,
                shuffle=False,
                **options,
            )
        finally:
            self._validation = self.train_function = self.test_function = None

    def _run_epochs(
        self,
        run_epoch: Callable[[int], dict[str, float]],
        epochs: int,
        initial_epoch: int,
        verbose: Verbose,
        callbacks: Sequence[keras.callbacks.Callback] | None,
    ) -> keras.callbacks.History:
        """Call a function for the loss terms of each epoch, which to callbacks is one batch."""
        calls = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=1,
            model=self,
        )
        self.stop_training, logs = False, None
        calls.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            calls.on_epoch_begin(epoch)
            calls.on_train_batch_begin(0)
            logs = run_epoch(epoch)
            calls.on_train_batch_end(0, logs)
            calls.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        self.optimizer.finalize_variable_values(self.trainable_variables)
        calls.on_train_end(logs)
        return self.history

    def evaluate(
        self,
        x: Images | None = None,
        y: Images | None = None,
        batch_size: int | None = 256,
        verbose: Verbose = "auto",
        sample_weight: None = None,
        steps: int | None = None,
        **kwargs: Any,
    ) -> list[float] | dict[str, float]:
        """Compute the loss terms on images.

        Parameters
        ----------
        x, y, batch_size, sample_weight
            As those of `fit`.
        verbose, steps, **kwargs
            And ``callbacks`` and ``return_dict``, as in `keras.Model.evaluate`.

        Returns
        -------
        list of float or dict of str to float
            As in Keras.
        """
        if x is not None and x is self._validation:  # Keras's own call in `fit`
            return super().evaluate(x, verbose=verbose, steps=steps, **kwargs)
        refuse_weights(sample_weight)
        refuse_targets(x, y)
        check = Check(self.image_shape, self.likelihood)
        images = as_batches(x, 256 if batch_size is None else batch_size, check)
        self.test_function = None  # the stage and settings may have changed
        with _unwrapped(check):
            return super().evaluate(images, verbose=verbose, steps=steps, **kwargs)

    def train_on_batch(
        self,
        x: ArrayLike | Tensor,
        y: ArrayLike | Tensor | None = None,
        sample_weight: None = None,
        class_weight: None = None,
        return_dict: bool = False,
    ) -> list[float] | dict[str, float]:
        """Take one optimizer step on a batch; arguments as those of `fit`, result as in Keras."""
        refuse_weights(class_weight)
        if self.stages > 1:
            raise ValueError(
                f"{type(self).__name__} trains in {self.stages} stages: use fit, with a data set "
                "for batches. Received: train_on_batch"
            )
        return super().train_on_batch(self._batch(x, y, sample_weight), return_dict=return_dict)

    def test_on_batch(
        self,
        x: ArrayLike | Tensor,
        y: ArrayLike | Tensor | None = None,
        sample_weight: None = None,
        return_dict: bool = False,
    ) -> list[float] | dict[str, float]:
        """Compute the loss terms on a batch; arguments as those of `fit`, result as in Keras."""
        return super().test_on_batch(self._batch(x, y, sample_weight), return_dict=return_dict)

    def _batch(
        self, x: ArrayLike | Tensor, y: ArrayLike | Tensor | None, sample_weight: None
    ) -> ArrayLike | Tensor:
        """Check a batch, and return its images."""
        return Check(self.image_shape, self.likelihood)(as_array(x), y, sample_weight)

    def reseed(self, seed: int) -> None:
        """Begin anew with another seed, as if built with it; compiled programs are kept."""
        fresh = type(self).from_config({**self.get_config(), "seed": seed})
        for variable, initial in zip(self.variables, fresh.variables, strict=True):
            variable.assign(initial)
        self.seed = seed
        if self.compiled:
            _reset(self.optimizer, self.trainable_variables)

    def restart_noise(self) -> None:
        """Bring the random numbers back to their start, where those of a loaded model are."""
        self.noise.state.assign(keras.random.SeedGenerator(derive(self.seed, "noise")).state)

    def stage_optimizer(self, like: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """Return the optimizer of the model's stage at its start, of the kind and settings of one.

        Compiled programs keep the optimizer of a stage, so that there is one for all trainings.
        """
        variables = self.trainable_variables
        optimizer = self._kept.optimizers.setdefault(self.stage, _clone(like, variables))
        _reset(optimizer, variables, like)
        return optimizer

    def loss_terms(self, images: Tensor, training: bool) -> dict[str, Tensor]:
        """Compute the loss terms, and check that they are a scalar for each of `terms`."""
        terms = self.objective(images, training)
        if not isinstance(terms, dict) or set(terms) != set(self.terms):
            received = tuple(terms) if isinstance(terms, dict) else type(terms).__name__
            raise ValueError(
                f"{type(self).__name__}.objective must return a dict of the terms that the class "
                f"names: terms = {self.terms}. Received: {received}"
            )
        for term, value in terms.items():
            if len(shape := getattr(value, "shape", ())):
                raise ValueError(
                    f"{type(self).__name__}.objective must average over the batch: the term "
                    f"{term} must be a scalar. Received: a tensor of shape {tuple(shape)}"
                )
        if penalties := self.losses:  # of layers with regularizers, in networks of one's own
            terms = {**terms, "loss": terms["loss"] + sum(penalties)}
        return terms

    def track(self, terms: Mapping[str, Tensor], images: Tensor) -> None:
        """Add a batch to the averages of the epoch, weighted by its size."""
        size = ops.shape(images)[0]
        for term, value in terms.items():
            if replicas() > 1:  # one of them may have no image of the last batch
                value = ops.where(size > 0, value, 0.0)
            self.trackers[term].update_state(value, sample_weight=size)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The trackers of the loss terms, reset before every epoch."""
        return list(self.trackers.values())


@contextlib.contextmanager
def _unwrapped(check: Check) -> Iterator[None]:
    """Raise the error of a check as it is, without what a pipeline wraps around it."""
    try:
        yield
    except Exception:
        if check.failure is not None:
            raise check.failure from None
        raise


def _clone(
    optimizer: keras.optimizers.Optimizer, variables: Sequence[Tensor]
) -> keras.optimizers.Optimizer:
    """Make an optimizer of the same kind and settings for variables."""
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(variables)
    return fresh


def _reset(
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[Tensor],
    like: keras.optimizers.Optimizer | None = None,
) -> None:
    """Bring the state of an optimizer of variables back to its start, or to that of another one."""
    fresh = _clone(like or optimizer, variables)
    for variable, initial in zip(optimizer.variables, fresh.variables, strict=True):
        variable.assign(initial)

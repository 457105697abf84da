"""Train models on one and on two logical devices, in a process of its own; prints the losses."""

import json

import keras
import tensorflow as tf
from conftest import build

import kerasae
from kerasae.datasets.known import SHIPPED


def main():
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(
        processor, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    # One device has no image of the last batch
    images = kerasae.datasets.load("mnist", path=SHIPPED / "mnist").x_train[:129]
    strategies = {"1": tf.distribute.get_strategy()}
    strategies["2"] = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    losses = {}
    for name in ("stacked", "vae"):
        for count, strategy in strategies.items():
            with strategy.scope():
                model = build(name, seed=1)
            how = {"batch_size": 64, "epochs": 3, "validation_data": images[:64], "verbose": 0}
            losses[f"{name} {count}"] = model.fit(images, **how).history["loss"]
            keras.utils.clear_session()
    print(json.dumps(losses))


if __name__ == "__main__":
    main()

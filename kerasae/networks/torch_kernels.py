"""What `kerasae.networks.kernels` cannot say in `keras.ops`, in PyTorch."""

import torch
from keras import ops


def known_values(values):
    """Give values back, tensors as NumPy arrays: PyTorch always knows them."""
    return ops.convert_to_numpy(values) if isinstance(values, torch.Tensor) else values


def vjp(function, inputs, variables):
    """Compute a function and its vector-Jacobian product; see `tensorflow_kernels.vjp`."""
    recording = torch.is_grad_enabled()  # not so in an evaluation
    inputs = inputs if inputs.requires_grad else inputs.detach().requires_grad_()
    with torch.enable_grad():
        outputs = function(inputs)

    def pullback(vector):
        return torch.autograd.grad(outputs, inputs, vector, create_graph=recording)[0]

    return outputs if recording else outputs.detach(), pullback

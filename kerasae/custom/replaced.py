"""Stand-ins for the networks of a model while it is checked."""

import contextlib


class StandIn:
    """A network whose outputs a function computes instead; all else of it stays."""

    def __init__(self, network, compute):
        self.network, self.compute = network, compute

    def __call__(self, *args, **kwargs):
        """Compute the outputs."""
        return self.compute(*args, **kwargs)

    def __getattr__(self, name):
        """Give an attribute of the network."""
        return getattr(self.network, name)


@contextlib.contextmanager
def replaced(model, **attributes):
    """Set attributes of a model within the context, which Keras does not track."""
    before = {name: vars(model)[name] for name in attributes if name in vars(model)}
    vars(model).update(attributes)
    try:
        yield
    finally:
        for name in attributes:
            del vars(model)[name]
        vars(model).update(before)

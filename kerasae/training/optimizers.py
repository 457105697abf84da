"""Optimizers that begin anew."""


def anew(optimizer, variables):
    """Make an optimizer of the same kind and settings for variables."""
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(variables)
    return fresh


def restart(optimizer, variables, like=None):
    """Bring the state of an optimizer of these variables back to its start, or that of another."""
    fresh = anew(like or optimizer, variables)
    for variable, initial in zip(optimizer.variables, fresh.variables, strict=True):
        variable.assign(initial)

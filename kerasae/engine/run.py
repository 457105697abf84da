"""A run: one training of one model, the noun that names files, seeds and rows of scores."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """A run, or a group of runs: those that agree in every field that is not None.

    Attributes
    ----------
    dataset : str
        Name of the data set.
    variant : str, optional
        Name of a variant or baseline.
    latent_dim : int, optional
        Size of a code.
    held_out : str, optional
        Token of the class that is held out of the training set, see `kerasae.datasets.tokens`;
        ``none`` without one, ``given`` for given anomalies.
    seed : int, optional
        Root seed.
    label : str
        Label of the held-out class, as scores and texts show it.
    """

    dataset: str
    variant: str | None = None
    latent_dim: int | None = None
    held_out: str | None = None
    seed: int | None = None
    label: str = "none"

    @property
    def name(self) -> str:
        """Name of its files: ``vae-latent20-without_none-seed1``; ``all`` without fields."""
        parts = {
            "": self.variant,
            "latent": self.latent_dim,
            "without_": self.held_out,
            "seed": self.seed,
        }
        named = [f"{prefix}{value}" for prefix, value in parts.items() if value is not None]
        return "-".join(named) or "all"

    def group(self, *fields: str) -> "Run":
        """Return the group of the runs that agree with this one in some fields."""
        kept = {field: getattr(self, field) for field in fields}
        return Run(self.dataset, **kept, label=self.label if "held_out" in fields else "none")

    def with_(self, **fields: Any) -> "Run":
        """Return the run that differs in some fields."""
        return dataclasses.replace(self, **fields)

    def columns(self) -> dict[str, Any]:
        """Return the columns of its scores: the fields that are not None, with the token."""
        fields = {**dataclasses.asdict(self), "label": None}
        return {name: value for name, value in fields.items() if value is not None}

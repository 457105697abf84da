"""What a comparison found."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from kerasae.comparison.processes import interrupts
from kerasae.config.plan import Plan
from kerasae.reporting import rankings as ranked
from kerasae.reporting.summary import answers
from kerasae.reporting.tables import documents
from kerasae.storage.atomic import atomic_write
from kerasae.types import StrPath


@dataclass(repr=False)
class Comparison:
    """Result of `compare`.

    Attributes
    ----------
    plan : kerasae.config.plan.Plan
        What was to be computed.
    config : dict
        The configuration, for the workflow.
    description : str
        Description of the data, in Markdown.
    scores : pandas.DataFrame
        Tidy scores, see `kerasae.evaluation.metric.COLUMNS`.
    failures : dict of str to str
        What failed → the error.
    complete : bool
        Whether everything was computed; not so after an interruption.
    seconds : float
        Wall time.
    explored : dict
        What the page to explore shows: ``samples``, and by ``("runs", variant)`` and
        ``("flat_runs", variant)`` of the runs of the first seed.
    """

    plan: Plan
    config: dict[str, Any]
    description: str
    scores: pd.DataFrame
    failures: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    seconds: float = 0.0
    explored: dict[Any, Any] = field(default_factory=dict)

    @property
    def rankings(self) -> pd.DataFrame:
        """Variants and baselines by use, the best first, see `rankings`."""
        return ranked.rankings(self.scores)

    def __repr__(self) -> str:
        """Describe the results in lines."""
        number = len(self.plan.seeds)
        begin = f"{self.plan.dataset}, {number} seed{'s' * (number > 1)}"
        if not self.complete:
            begin += ", interrupted: results so far"
        lines = answers(self.scores) or ["no model was compared"]
        failed = [f"{what} failed: {why}" for what, why in self.failures.items()]
        return "\n".join([f"{begin}:", *(f"  {line}" for line in (*lines, *failed))])

    def _repr_html_(self) -> str:
        """Show the recommendations in a notebook."""
        return ranked.body(self.scores, self.description)

    def save(self, folder: StrPath) -> None:
        """Write scores, tables, rankings, the page to explore and the configuration.

        The files are those of the workflow for one data set. To add the scores to a run of the
        workflow, name ``scores.csv`` under ``merge`` in its configuration.

        Parameters
        ----------
        folder : path-like
            A new folder, or one without results.

        Raises
        ------
        FileExistsError
            If the folder has scores; nothing is overwritten.
        ValueError
            If the comparison was interrupted before a model was compared.
        """
        with interrupts():  # Ctrl-C leaves no part of the files
            check_new(folder)
            if not self.complete and not answers(self.scores):
                raise ValueError("Interrupted before a model was compared: nothing is saved.")
            self._save(Path(folder))

    def _save(self, folder: Path) -> None:
        """Write the files of a folder."""
        headed = self.plan.demonstration
        texts = {
            "scores.csv": self.scores.to_csv(index=False),
            "which_one.csv": self.rankings.to_csv(index=False),
            "which_one.html": ranked.page(
                self.scores, self.plan.dataset, self.description, demonstration=headed
            ),
            "description.md": self.description,
            "config.yaml": yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True),
        }
        for name in self.plan.tables:
            if (self.scores["task"] == name).any():
                latent_dim, held_out = self.plan.table_run(name)
                found = documents(
                    self.scores,
                    name,
                    self.plan.dataset,
                    list(self.plan.all_variants),
                    latent_dim,
                    held_out,
                    headed,
                )
                texts |= {f"tables/{name}{ending}": text for ending, text in found.items()}
        for name, text in texts.items():
            with atomic_write(folder / name) as path:
                path.write_text(text, encoding="utf-8")
        self.explore(folder / "explorer.html")

    def explore(self, path: StrPath) -> None:
        """Write a page to explore the models of the first seed; it opens from disk.

        Parameters
        ----------
        path : path-like
            A new HTML file.

        Raises
        ------
        FileExistsError
            If the file exists; nothing is overwritten.
        """
        # Imported here, as Bokeh takes a second
        from kerasae.reporting.explorer.explorer_page import explorer

        if Path(path).exists():
            raise FileExistsError(f"Expected a new file, as none is overwritten. Received: {path}")
        runs = {
            kind: {
                name: self.explored[kind, name]
                for name in self.plan.all_variants
                if (kind, name) in self.explored
            }
            for kind in ("runs", "flat_runs")
        }
        page = explorer(
            self.plan.dataset, self.explored["samples"], scores=self.scores, **runs,
            demonstration=self.plan.demonstration,
        )  # fmt: skip
        with atomic_write(path) as file:
            file.write_text(page, encoding="utf-8")


def check_new(folder: StrPath) -> None:
    """Raise `FileExistsError` if a folder has scores."""
    if Path(folder, "scores.csv").exists():
        raise FileExistsError(
            f"Expected a folder without results, as none are overwritten. Received: {folder}"
        )

"""The result of a comparison."""

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

_RESULTS = (
    *("scores.csv", "which_one.csv", "which_one.html", "explorer.html"),
    *("description.md", "config.yaml", "tables"),
)
"""Files and folders that `Comparison.save` writes."""


@dataclass(repr=False)
class Comparison:
    """Result of `compare`.

    Attributes
    ----------
    plan : kerasae.config.plan.Plan
        The plan of the comparison.
    config : dict
        The configuration, for the workflow.
    description : str
        Description of the data, in Markdown.
    scores : pandas.DataFrame
        Tidy scores, see `kerasae.evaluation.metric.COLUMNS`.
    failures : dict of str to str
        Name of a failed job → the error.
    complete : bool
        Whether everything was computed; not so after an interruption.
    seconds : float
        Wall time.
    explored : dict
        Content of the page to explore: ``samples``, and of the runs of the first seed
        ``("runs", variant)`` and ``("flat_runs", variant)``.
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
        failed = [f"{job} failed: {error}" for job, error in self.failures.items()]
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
            If the folder has a file that would be overwritten.
        ValueError
            If the comparison was interrupted before a model was compared.
        """
        with interrupts():  # Ctrl-C leaves no part of the files
            check_new(folder)
            if not self.complete and not answers(self.scores):
                raise ValueError("Interrupted before a model was compared: nothing is saved.")
            for name, text in self._texts().items():
                with atomic_write(Path(folder, name)) as path:
                    path.write_text(text, encoding="utf-8")
            self.explore(Path(folder, "explorer.html"))

    def _texts(self) -> dict[str, str]:
        """Write the text of every file but the page to explore: path in the folder → text."""
        plan, scores = self.plan, self.scores
        texts = {
            "scores.csv": scores.to_csv(index=False),
            "which_one.csv": self.rankings.to_csv(index=False),
            "which_one.html": ranked.page(
                scores, plan.dataset, self.description, demonstration=plan.demonstration
            ),
            "description.md": self.description,
            "config.yaml": yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True),
        }
        for name in set(plan.tables) & set(scores["task"]):
            latent_dim, held_out = plan.table_run(name)
            tables = documents(
                scores, name, plan.dataset, list(plan.all_variants), latent_dim, held_out,
                plan.demonstration,
            )  # fmt: skip
            texts |= {f"tables/{name}{ending}": text for ending, text in tables.items()}
        return texts

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
    """Raise `FileExistsError` if a folder has a file of the name of a result."""
    for path in (Path(folder, name) for name in _RESULTS):
        if path.exists():
            raise FileExistsError(
                f"Expected a folder without results, as none are overwritten. Received: {path}"
            )

"""Image data sets: MNIST ships with the package, its two relatives are found or fetched."""

from kerasae.datasets.idx import DatasetError
from kerasae.datasets.sources import SOURCES, load
from kerasae.datasets.splits import Dataset, Split, split

__all__ = ["SOURCES", "Dataset", "DatasetError", "Split", "load", "split"]

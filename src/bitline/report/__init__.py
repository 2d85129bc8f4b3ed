"""What a LUT says, for people: key figures, a datasheet, a report of one file, references."""

from __future__ import annotations

from bitline.report.cite import bibtex
from bitline.report.datasheet import Datasheet, datasheet
from bitline.report.key_figures import KeyFigure, key_figures
from bitline.report.parameters import changed_parameters
from bitline.report.write import write

__all__ = ["Datasheet", "KeyFigure", "bibtex", "changed_parameters", "datasheet", "key_figures", "write"]

"""Reports of harvests: figures as JSON, or one self-contained page of HTML. Nothing personal.

Ids, kinds, counts, codes, times and paths in bodies: no value of any body.
"""

from elements_procura.report.figures import figures
from elements_procura.report.metrics import Reading, metrics
from elements_procura.report.page import MARK, page

__all__ = ["MARK", "Reading", "figures", "metrics", "page"]

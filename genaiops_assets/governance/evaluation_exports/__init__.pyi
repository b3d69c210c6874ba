from .base import EVALUATION_EXPORTERS as EVALUATION_EXPORTERS
from .base import EvaluationExporter as EvaluationExporter
from .base import Figure as Figure
from .base import JudgedVersion as JudgedVersion
from .base import judged_version as judged_version

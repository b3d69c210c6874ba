from .evidence import why_not as why_not
from .overview import Overview as Overview
from .overview import overview_of as overview_of
from .pack import Built as Built
from .pack import Graph as Graph
from .pack import build_dossier as build_dossier
from .site import LANGUAGES as LANGUAGES

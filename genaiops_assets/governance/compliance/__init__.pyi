from .coverage import Described as Described
from .coverage import State as State
from .coverage import build_coverage as build_coverage
from .coverage import open_entries as open_entries
from .coverage import render_coverage as render_coverage
from .registry import in_force as in_force
from .registry import register as register

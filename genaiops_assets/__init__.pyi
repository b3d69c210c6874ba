from .workbench import open_home as open_home

__version__: str

from .registry import PluginError as PluginError
from .registry import Registry as Registry

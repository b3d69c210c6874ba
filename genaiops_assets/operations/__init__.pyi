from .backup import Backup as Backup
from .backup import back_up as back_up
from .collecting import Collection as Collection
from .collecting import collect as collect
from .collecting import plan_collection as plan_collection
from .erased_since import erase_again as erase_again
from .restore import Restored as Restored
from .restore import restore_home as restore_home

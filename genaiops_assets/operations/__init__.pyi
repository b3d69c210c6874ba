from .backup import Backup as Backup
from .backup import back_up as back_up
from .erased_since import erase_again as erase_again
from .restore import Restored as Restored
from .restore import restore_home as restore_home

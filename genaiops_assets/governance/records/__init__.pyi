from .due import Overdue as Overdue
from .due import overdue as overdue
from .history import enter_in_ledger as enter_in_ledger
from .reading import Records as Records
from .reading import read_records as read_records
from .reading import records_folder as records_folder
from .schema import KINDS as KINDS
from .schema import Record as Record

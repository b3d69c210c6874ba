from .document_life import Life as Life
from .document_life import life_of as life_of
from .search import Hit as Hit
from .search import Wanted as Wanted
from .search import search_ledger as search_ledger

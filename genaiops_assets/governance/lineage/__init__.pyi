from .document_life import life_of as life_of

from .asking import KINDS as KINDS
from .asking import Answer as Answer
from .asking import Found as Found
from .asking import find_knowledge as find_knowledge
from .gathering import Text as Text
from .gathering import gather as gather
from .index import FOLDER as FOLDER

from .content import PageSources as PageSources
from .content import build_page as build_page
from .figures import plots_of as plots_of
from .rendering import LANGUAGES as LANGUAGES
from .rendering import page_file as page_file
from .rendering import render_page as render_page
from .rendering import shown as shown
from .worst import CITED as CITED

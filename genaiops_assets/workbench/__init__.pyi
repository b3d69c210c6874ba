from .artifact import ArtifactView as ArtifactView
from .home import Home as Home
from .home import open_home as open_home
from .scratch import ScratchTraining as ScratchTraining
from .use_case import UseCaseView as UseCaseView

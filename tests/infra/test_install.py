"""What a machine says to pip is said to uv."""

from __future__ import annotations

import importlib.util
import re
import tomllib

from tests.conftest import PROJECT

spec = importlib.util.spec_from_file_location("install", PROJECT / "infra" / "install.py")
assert spec and spec.loader
install = importlib.util.module_from_spec(spec)
spec.loader.exec_module(install)


def test_pips_configuration_becomes_uvs_variables() -> None:
    listed = """:env:.find-links='/a/wheels https://example.org/wheels'
:env:.default-timeout='180'
global.cert='/etc/ssl/ca.crt'
global.constraint='/etc/pip/c1.txt /etc/pip/c2.txt'
global.extra-index-url='file:///opt/simple https://other.example/simple'
global.find-links='/not/this'
global.index-url='https://example.org/simple'
global.trusted-host='example.org'
install.index-url='https://mine.example/simple'
list.format='columns'
"""
    assert install.variables(listed) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/a/wheels,https://example.org/wheels",
        "UV_HTTP_TIMEOUT": "180",
        "SSL_CERT_FILE": "/etc/ssl/ca.crt",
        "UV_CONSTRAINT": "/etc/pip/c1.txt /etc/pip/c2.txt",
        "UV_INDEX": "file:///opt/simple https://other.example/simple",
        "UV_DEFAULT_INDEX": "https://mine.example/simple",
        "UV_INSECURE_HOST": "example.org",
    }


def test_without_configuration_only_pips_way_of_choosing_is_said() -> None:
    assert install.variables("") == {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_torch_comes_first_and_is_compiled_like_the_rest() -> None:
    assert install.STEPS[0] == ["torch==2.13.0"] and install.STEPS[-1][0] == "--no-deps"


def test_every_dependency_without_an_extra_of_its_own_is_pinned() -> None:
    """Those that were added while the set was already tried together: a range alone would bring another version."""
    pinned = {re.split("==", line)[0].lower() for line in (PROJECT / "infra/constraints.txt").read_text().splitlines()}
    wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[><=\[]", d)[0].lower().replace("_", "-") for d in wanted}
    assert names | {"uv"} <= pinned, names - pinned

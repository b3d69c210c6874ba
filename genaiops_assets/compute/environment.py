"""A payload's environment: what it is allowed to see of the parent's, and what it is told.

Belongs here: that allow-list and the settings of every payload. A variable that is not named here does not reach a
payload: neither keys of other programs nor switches of a library that nobody thought of. Does not belong here: starting
a payload (`local.py`)."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from genaiops_assets.compute.job import FRUGAL, WAITING
from genaiops_assets.lake import Lake, is_secret, network_switches

ALLOWED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR", "TEMP", "TMP",
    "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "SYSTEMROOT",
    "CUDA_*", "CUBLAS_*", "NVIDIA_*", "NCCL_*", "ROCR_*", "HIP_*", "PYTORCH_*", "TORCH_*",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "GENAIOPS_*",
)  # fmt: skip
STORAGE = ("AWS_*", "GOOGLE_*", "GCLOUD_*", "AZURE_*", "FSSPEC_*", "S3_*")  # keys of the object store that holds a lake
ONLINE = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy")
KEY_FIELD = "key_variable"  # of a payload's inputs: the name of the variable that holds a key


def environment(
    cpus: int,
    lake: Lake,
    online: bool,
    inputs: Mapping[str, Any] | None = None,
    parent: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The child's environment: the allowed part of the parent's, threads from the use case, memory bounded, telemetry
    off, hubs off unless the reference needs one. A secret reaches only a payload whose inputs name its variable; keys
    of the object store only where the lake lies in one."""
    threads = {
        name: str(cpus) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
    }
    folders = {
        "DATA_JUICER_CACHE_HOME": "data_juicer",
        "HF_HOME": "hf",
        "MPLCONFIGDIR": "mpl",
        "NUMBA_CACHE_DIR": "numba",  # compiled code that is loaded again: where only the owner of the home can write
    }
    caches = {name: str(lake.cache / folder) for name, folder in folders.items()}
    seen = visible(parent, is_remote=not lake.store.is_local, online=online, named=key_variables(inputs or {}))
    return {**seen, **FRUGAL, **threads, **WAITING, **network_switches(online), **caches}


def visible(
    parent: Mapping[str, str], *, is_remote: bool = False, online: bool = False, named: Collection[str] = ()
) -> dict[str, str]:
    """The part of an environment that a payload may see."""
    patterns = (*ALLOWED, *(STORAGE if is_remote else ()), *(ONLINE if online or is_remote or named else ()))
    return {
        name: value
        for name, value in parent.items()
        if name in named or (not is_secret(name, parent) and any(fnmatchcase(name, p) for p in patterns))
    }


def key_variables(inputs: Any) -> set[str]:
    """Names of the variables whose keys a payload's inputs ask for."""
    if isinstance(inputs, Mapping):
        own = {inputs[KEY_FIELD]} if isinstance(inputs.get(KEY_FIELD), str) and inputs[KEY_FIELD] else set()
        return own.union(*(key_variables(v) for v in inputs.values()))
    return set().union(*map(key_variables, inputs)) if isinstance(inputs, (list, tuple)) else set()

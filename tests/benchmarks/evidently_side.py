"""The other side of `bench-drift`: Evidently on the same windows, run by the Python of an environment that has it
(GENAIOPS_EVIDENTLY_PYTHON).

Takes a .npz with `reference` (n, d), `windows` (w, m, d), `reference_features` (n, f), `window_features` (w, m, f);
prints JSON with the seconds of each window by method. Imports nothing of the project. Data sets are built outside the
clock: only `Report.run` is timed."""

import json
import sys
import time

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import EmbeddingsDrift
from evidently.metrics.embeddings import MMDDriftMethod, ModelDriftMethod
from evidently.presets import DataDriftPreset


def frame(rows: np.ndarray, prefix: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[f"{prefix}{i}" for i in range(rows.shape[1])])


def embedded(rows: np.ndarray) -> Dataset:
    found = frame(rows, "d")
    return Dataset.from_pandas(found, data_definition=DataDefinition(embeddings={"question": list(found.columns)}))


def numbers(rows: np.ndarray) -> Dataset:
    found = frame(rows, "f")
    return Dataset.from_pandas(found, data_definition=DataDefinition(numerical_columns=list(found.columns)))


def timed(report: Report, current: Dataset, reference: Dataset) -> float:
    began = time.perf_counter()
    report.run(current, reference).dict()
    return time.perf_counter() - began


def main() -> None:
    data = np.load(sys.argv[1])
    methods = {
        "embedding drift, default": lambda: (Report([EmbeddingsDrift(embeddings_name="question")]), embedded),
        "embedding drift, classifier with bootstrap": lambda: (
            Report([EmbeddingsDrift(embeddings_name="question", drift_method=ModelDriftMethod(bootstrap=True))]),
            embedded,
        ),
        "embedding drift, MMD with bootstrap": lambda: (
            Report([EmbeddingsDrift(embeddings_name="question", drift_method=MMDDriftMethod(bootstrap=True))]),
            embedded,
        ),
        "column drift, each dimension": lambda: (Report([DataDriftPreset()]), numbers),
        "column drift, features": lambda: (Report([DataDriftPreset()]), numbers),
    }
    seconds = {}
    for name, made in methods.items():
        kind = "features" if name.endswith("features") else ""
        reference = data["reference_features"] if kind else data["reference"]
        windows = data["window_features"] if kind else data["windows"]
        report, build = made()
        seconds[name] = [timed(report, build(window), build(reference)) for window in windows]
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()

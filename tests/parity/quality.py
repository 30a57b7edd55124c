"""How good XGBoost is on the same rows, folds and parameters as usina.

    python quality.py FOLDER      needs xgboost-cpu (or xgboost), numpy and scikit-learn

FOLDER holds
    params.json      usina's boosting parameters, under XGBoost's names
    task.json        {"task": "binary" | "multiclass" | "regression", …}
    fold-0, fold-1, …, each with
        features.json                           [{"name": …, "kind": "numeric"} | {…, "kind": "categorical", …}, …]
        train.npy, test.npy                     encoded rows; NaN is missing
        train_labels.npy, test_labels.npy       0 or 1, the index of a class, or a number

Prints one JSON line: the metric (ROC AUC, one-vs-rest ROC AUC, or RMSE) of each fold.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost
from sklearn import metrics


def xgboost_params(params, task):
    """XGBoost's parameters, and how many rounds."""
    params = dict(params)
    rounds = params.pop("n_estimators")
    assert params.pop("early_stopping_rounds", None) is None, "the folds have no rows to watch"
    params["objective"] = {
        "binary": "binary:logistic",
        "multiclass": "multi:softprob",
        "regression": "reg:squarederror",
    }[task["task"]]
    if task["task"] == "multiclass":
        params["num_class"] = len(task["classes"])
    if task["task"] != "binary":
        params.pop("scale_pos_weight", None)
    return params | {"nthread": 1, "seed": 0, "verbosity": 1}, rounds


def score(task, labels, predicted):
    if task["task"] == "binary":
        return metrics.roc_auc_score(labels, predicted)
    if task["task"] == "multiclass":
        wide = predicted.astype(float)
        return metrics.roc_auc_score(labels, wide / wide.sum(axis=1, keepdims=True), multi_class="ovr")
    return metrics.root_mean_squared_error(labels, predicted)


def main(folder):
    task = json.loads((folder / "task.json").read_text())
    params, rounds = xgboost_params(json.loads((folder / "params.json").read_text()), task)
    scores = []
    for fold in sorted(folder.glob("fold-*"), key=lambda fold: int(fold.name.removeprefix("fold-"))):
        features = json.loads((fold / "features.json").read_text())
        types = ["c" if feature["kind"] == "categorical" else "float" for feature in features]

        def part(name):
            labels = np.load(fold / f"{name}_labels.npy").ravel()
            # Names are left out: XGBoost refuses some that are fine here.
            rows = np.load(fold / f"{name}.npy")
            return xgboost.DMatrix(rows, labels, feature_types=types, enable_categorical=True), labels

        booster = xgboost.train(params, part("train")[0], rounds)
        test, labels = part("test")
        scores.append(float(score(task, labels, booster.predict(test))))
    metric = "rmse" if task["task"] == "regression" else "roc_auc"
    print(json.dumps({"xgboost": xgboost.__version__, "metric": metric, "folds": scores}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

"""Whether scikit-learn finds the linear models that usina finds.

    python linear.py FILE      needs numpy and scikit-learn

FILE is JSON: rows (numbers; null is missing), kinds (one a column: "number" or "category"), target, alpha, l1_ratio,
task ("regression", "binary" or "multiclass") and predictions (usina's, one a row or one a class and row). The columns
are scaled, cut into levels and filled in as usina says that it does. Prints one JSON line with the largest difference.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge


def design(rows, kinds):
    columns = []
    for values, kind in zip(rows.T, kinds):
        missing = np.isnan(values)
        if kind == "number":
            mean, sd = values[~missing].mean(), values[~missing].std()
            columns.append(np.where(missing, 0, (values - mean) / (sd or 1)))
        else:
            columns += [np.where(missing, False, values == level) for level in range(int(np.nanmax(values)) + 1)]
        if missing.any():
            columns.append(missing)
    return np.column_stack(columns).astype(float)


def model(told, rows):
    alpha, l1 = told["alpha"], told["l1_ratio"]
    if told["task"] != "regression":
        solver = {"solver": "saga"} if l1 > 0 else {"solver": "lbfgs"}
        return LogisticRegression(C=1 / (rows * alpha), l1_ratio=l1, tol=1e-10, max_iter=200_000, **solver)
    if l1 > 0:
        return ElasticNet(alpha=alpha, l1_ratio=l1, tol=1e-12, max_iter=1_000_000)
    return Ridge(alpha=rows * alpha)


def main(file):
    told = json.loads(file.read_text())
    rows = np.array(told["rows"], dtype=float)
    x = design(rows, told["kinds"])
    target = np.array(told["target"])
    fitted = model(told, len(rows)).fit(x, target)
    if told["task"] == "regression":
        theirs = fitted.predict(x)
    elif told["task"] == "binary":
        theirs = fitted.predict_proba(x)[:, 1]
    else:
        theirs = fitted.predict_proba(x).ravel()
    ours = np.array(told["predictions"])
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    print(json.dumps({"difference": float(np.abs(ours - theirs).max()), "spread": float(theirs.std())}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

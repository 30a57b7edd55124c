"""Whether XGBoost predicts what usina predicts, from the model that usina exported.

    python xgboost_parity.py FOLDER      needs xgboost-cpu (or xgboost) and numpy

FOLDER holds
    model.json         the exported model
    rows.npy           encoded rows; NaN is missing
    predictions.npy    usina's predictions for these rows, `width` numbers a row
    contributions.npy  usina's SHAP values of the first rows, `outputs x (features + 1)` numbers a row

Prints one JSON line with the largest difference and exits with 1 when it is above 1e-6 (for a regression: of the
larger of 1 and the predicted number). Leaves FOLDER/resaved.json, the model as XGBoost writes it after having
read it: usina must read that too.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost

TOLERANCE = 1e-6
# Of SHAP values, which are sums over all trees: of the larger of 1 and the raw prediction.
EXPLAINED_TOLERANCE = 1e-4
ALONE = 100


def main(folder):
    booster = xgboost.Booster(model_file=folder / "model.json")
    names, types = booster.feature_names, booster.feature_types
    assert names and types, "the model names neither its features nor their types"
    assert "best_iteration" not in booster.attributes(), "the prediction depends on an attribute"

    rows = np.load(folder / "rows.npy")

    def predict(chosen):
        # Categories are their codes, as floats: what the model was trained on, and what its splits name.
        matrix = xgboost.DMatrix(chosen, feature_names=names, feature_types=types, enable_categorical=True)
        return booster.predict(matrix)

    theirs = predict(rows)
    # A row alone takes another way through XGBoost than rows in blocks, and trusts the order of nodes.
    alone = range(0, len(rows), max(1, len(rows) // ALONE))
    for row in alone:
        assert (predict(rows[row : row + 1])[0] == theirs[row]).all(), f"XGBoost predicts row {row} in two ways"

    ours = np.load(folder / "predictions.npy")
    assert ours.size == theirs.size, f"{ours.shape} predictions, XGBoost has {theirs.shape}"
    ours = ours.reshape(theirs.shape)

    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    scale = np.maximum(1, np.abs(theirs)) if objective.startswith("reg:") else 1
    worst = float((np.abs(ours.astype(float) - theirs.astype(float)) / scale).max(initial=0))

    explained = np.load(folder / "contributions.npy")
    few = rows[: len(explained)]
    matrix = xgboost.DMatrix(few, feature_names=names, feature_types=types, enable_categorical=True)
    contributions = booster.predict(matrix, pred_contribs=True)
    explained = explained.reshape(contributions.shape)
    margins = booster.predict(matrix, output_margin=True).reshape(explained.shape[:-1])
    scale = np.maximum(1, np.abs(margins))
    worst_explained = float((np.abs(explained - contributions) / scale[..., None]).max())
    worst_sum = float((np.abs(explained.astype(float).sum(axis=-1) - margins) / scale).max())
    assert np.abs(contributions[..., :-1]).max() > 0.01, "nothing contributes"
    explains = max(worst_explained, worst_sum) <= EXPLAINED_TOLERANCE

    booster.save_model(folder / "resaved.json")
    print(
        json.dumps(
            {
                "xgboost": xgboost.__version__,
                "objective": objective,
                "rows": len(rows),
                "alone": len(alone),
                "trees": len(booster.get_dump()),
                "rounds": booster.num_boosted_rounds(),
                "max_difference": worst,
                "max_explained_difference": worst_explained,
                "max_sum_difference": worst_sum,
                "same": worst <= TOLERANCE and explains,
            }
        )
    )
    return 0 if worst <= TOLERANCE and explains else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))

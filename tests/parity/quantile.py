"""How near usina and XGBoost come to a quantile of rows that they have not seen.

    python quantile.py FILE      needs xgboost-cpu (or xgboost), numpy and scikit-learn

FILE is JSON: train, target, test, unseen (the targets of test), predictions (usina's), quantile, params (XGBoost's) and
rounds. Prints one JSON line: the pinball loss of usina, of XGBoost and of the best constant, and the share of unseen
targets below usina's predictions.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost
from sklearn.metrics import mean_pinball_loss


def main(file):
    told = json.loads(file.read_text())
    train, target, test, unseen, ours = (
        np.array(told[key], dtype=np.float32) for key in ("train", "target", "test", "unseen", "predictions")
    )
    booster = xgboost.train(told["params"], xgboost.DMatrix(train, target), told["rounds"])

    def loss(predicted):
        return float(mean_pinball_loss(unseen, predicted, alpha=told["quantile"]))

    constant = np.full_like(unseen, np.quantile(target, told["quantile"]))
    print(
        json.dumps(
            {
                "ours": loss(ours),
                "theirs": loss(booster.predict(xgboost.DMatrix(test))),
                "constant": loss(constant),
                "below": float((unseen <= ours).mean()),
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

"""Whether XGBoost learns what usina learns when the learning rate falls.

    python decay.py FILE      needs xgboost-cpu (or xgboost) and numpy

FILE is JSON: rows, target, predictions (usina's), params (XGBoost's), rounds, rate and every. Prints one JSON line with
the largest difference of two probabilities, with the schedule and without it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost


def main(file):
    told = json.loads(file.read_text())
    rows = np.array(told["rows"], dtype=np.float32)
    matrix = xgboost.DMatrix(rows, label=np.array(told["target"], dtype=np.float32))
    ours = np.array(told["predictions"])

    def difference(rate_of):
        # Not LearningRateScheduler: that one sets the rate after a round, so that each rate begins a round late.
        booster = xgboost.Booster(told["params"], [matrix])
        for round in range(told["rounds"]):
            booster.set_param({"eta": rate_of(round)})
            booster.update(matrix, round)
        return float(np.abs(booster.predict(matrix).astype(float) - ours).max())

    eta, rate, every = told["params"]["eta"], told["rate"], told["every"]
    print(json.dumps({"falls": difference(lambda round: eta * rate ** (round // every)), "stays": difference(lambda _: eta)}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

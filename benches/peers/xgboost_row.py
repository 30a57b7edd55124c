"""What one row costs XGBoost in process.

    python xgboost_row.py MODEL.json ROWS.f32 WIDTH

ROWS.f32 holds little-endian 32-bit floats, one row after the other. Prints microseconds of CPU time a row: through
`inplace_predict`, XGBoost's fast way for numpy arrays, and through a `DMatrix`, the usual one.
"""

import json
import os
import sys
import time

# Threads that wait sleep instead of spinning: one row gives them nothing to do. Read by OpenMP when XGBoost loads it.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import numpy as np
import xgboost

REPEAT = 8


def micros(predict, rows):
    for row in rows[:50]:
        predict(row)
    start = time.process_time()
    for _ in range(REPEAT):
        for row in rows:
            predict(row)
    return round((time.process_time() - start) * 1e6 / (REPEAT * len(rows)), 2)


def main(model, rows, width):
    booster = xgboost.Booster({"nthread": 1}, model_file=model)
    rows = np.fromfile(rows, dtype="<f4").reshape(-1, 1, width)
    names = booster.feature_names
    result = {
        "xgboost": xgboost.__version__,
        "inplace_predict": micros(lambda row: booster.inplace_predict(row, validate_features=False), rows),
        "dmatrix": micros(lambda row: booster.predict(xgboost.DMatrix(row, feature_names=names, nthread=1)), rows),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

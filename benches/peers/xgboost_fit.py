"""What a fit costs XGBoost, from the CSV file to the model.

    python xgboost_fit.py FILE.csv PARAMS THREADS TRAIN_ROWS

The target is the last column. PARAMS are usina's, as JSON. Learns from the first TRAIN_ROWS rows, measures on the
others. Prints seconds of CPU time by phase, and the ROC AUC.
"""

import json
import os
import sys
import time

# Threads that wait sleep instead of spinning: what they spin away on a busy machine is no work. Read by OpenMP
# when XGBoost loads it.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import pandas as pd
import xgboost
from sklearn.metrics import roc_auc_score


def main(file, params, threads, rows):
    params = {key: value for key, value in json.loads(params).items() if value is not None and value != {}}
    rounds = params.pop("n_estimators")
    params |= {"objective": "binary:logistic", "nthread": threads, "seed": 42}

    start = time.process_time()
    table = pd.read_csv(file)
    reading = time.process_time()
    columns, target = table.iloc[:, :-1], table.iloc[:, -1]
    train = xgboost.DMatrix(columns[:rows], target[:rows], nthread=threads)
    encoded = time.process_time()
    begun = time.monotonic()
    booster = xgboost.train(params, train, rounds)
    wall = time.monotonic() - begun
    fitted = time.process_time()
    predicted = booster.predict(xgboost.DMatrix(columns[rows:], nthread=threads))
    result = {
        "version": xgboost.__version__,
        "reading": reading - start,
        "features": encoded - reading,
        "fit": fitted - encoded,
        "wall": wall,
        "roc_auc": roc_auc_score(target[rows:], predicted),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

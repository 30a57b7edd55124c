"""Factorises ratings once with scikit-learn or implicit, on one thread, and prints what that cost as one JSON object.

    python factor.py FOLDER nmf|als PARAMS      needs numpy, scipy, scikit-learn and implicit

FOLDER holds users.bin, items.bin (u32) and values.bin (f32), one a rating, and start.users and start.items: factors to
begin with, f32, row by row. The factors that come of them are written there as theirs.users and theirs.items. PARAMS is
JSON, by our names.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402
import scipy.sparse as sparse  # noqa: E402


def nmf(ratings, start, params):
    import sklearn
    from sklearn.decomposition import NMF

    warnings.simplefilter("ignore")
    # It reckons in the type of the matrix: as float64 it is what a user gets who does not ask for another.
    ratings = ratings.astype(np.dtype(params["dtype"]))
    users, items = (factors.astype(ratings.dtype) for factors in start)
    model = NMF(params["width"], init="custom", max_iter=params["iterations"])
    begun = time.process_time()
    users = model.fit_transform(ratings, W=users, H=np.ascontiguousarray(items.T))
    cpu = time.process_time() - begun
    objective = model.reconstruction_err_**2 / 2
    return users, model.components_.T, cpu, objective, model.n_iter_, f"scikit-learn {sklearn.__version__}"


def als(ratings, start, params):
    import implicit
    from implicit.cpu.als import AlternatingLeastSquares

    # Its confidence is alpha times the value; the paper's, and ours, is 1 more.
    confidence = ratings.copy()
    confidence.data = 1 + params["alpha"] * confidence.data
    model = AlternatingLeastSquares(
        params["width"],
        regularization=params["regularization"],
        alpha=1.0,
        iterations=params["iterations"],
        num_threads=1,
    )
    model.user_factors, model.item_factors = start
    begun = time.process_time()
    model.fit(confidence, show_progress=False)
    cpu = time.process_time() - begun
    users, items = model.user_factors.astype(float), model.item_factors.astype(float)
    scores = users @ items.T
    rows, columns = confidence.nonzero()
    given = scores[rows, columns]
    loss = (scores**2).sum() + (confidence.data * (1 - given) ** 2 - given**2).sum()
    loss += params["regularization"] * ((users**2).sum() + (items**2).sum())
    return model.user_factors, model.item_factors, cpu, loss, params["iterations"], f"implicit {implicit.__version__}"


def main(folder, algorithm, params):
    users, items = (np.fromfile(folder / f"{side}.bin", dtype="<u4") for side in ("users", "items"))
    values = np.fromfile(folder / "values.bin", dtype="<f4")
    ratings = sparse.csr_matrix((values, (users, items)), shape=(params["users"], params["items"]))
    start = [np.fromfile(folder / f"start.{side}", dtype="<f4").reshape(-1, params["width"]) for side in ("users", "items")]
    of_users, of_items, cpu, objective, iterations, version = {"nmf": nmf, "als": als}[algorithm](ratings, start, params)
    for side, factors in (("users", of_users), ("items", of_items)):
        np.ascontiguousarray(factors, dtype="<f4").tofile(folder / f"theirs.{side}")
    print(json.dumps({"cpu": cpu, "objective": float(objective), "iterations": iterations, "version": version}))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))

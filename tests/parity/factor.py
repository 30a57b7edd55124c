"""Whether scikit-learn and implicit factorise ratings as usina does.

    python factor.py FILE      needs numpy, scipy, scikit-learn and implicit

FILE is JSON: users, items, ratings ([user, item, value]), start (users and items: factors to begin with), nmf (a list of
parameters by scikit-learn's names), factors (of items; and new, a user's ratings, to be folded in beside them), als
(parameters by implicit's names) and rankings ([ranked, relevant], with k). Prints one JSON line.
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import scipy.sparse as sparse  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402
from sklearn.decomposition import NMF  # noqa: E402
from sklearn.metrics import ndcg_score  # noqa: E402

RANDOM_STARTS = 5


def nmf_objective(model, ratings, users, items):
    distance = np.linalg.norm(ratings.toarray() - users @ items.T) ** 2 / 2
    alpha_h = model.alpha_W if model.alpha_H == "same" else model.alpha_H
    for alpha, others, factors in ((model.alpha_W, len(items), users), (alpha_h, len(users), items)):
        penalty = model.l1_ratio * np.abs(factors).sum() + (1 - model.l1_ratio) / 2 * (factors**2).sum()
        distance += alpha * others * penalty
    return distance


def nmf(ratings, start, params):
    width = start["users"].shape[1]
    model = NMF(width, init="custom", **params)
    users = model.fit_transform(ratings, W=start["users"].copy(), H=start["items"].T.copy())
    told = {"objective": nmf_objective(model, ratings, users, model.components_.T), "iterations": model.n_iter_}
    told["random"] = []
    for seed in range(RANDOM_STARTS):
        model = NMF(width, init="random", random_state=seed, **params)
        users = model.fit_transform(ratings)
        told["random"].append(nmf_objective(model, ratings, users, model.components_.T))
    return told


def folded(told, params):
    """The factors of a new user beside those of the items as they are, and what the items score."""
    items = np.array(told["factors"])
    model = NMF(items.shape[1], init="random", **params)
    model.fit(np.ones((2, len(items))))
    model.components_, model.n_components_ = items.T.copy(), items.shape[1]
    row = np.zeros((1, len(items)))
    for item, value in told["new"]:
        row[0, item] = value
    return (model.transform(sparse.csr_matrix(row)) @ items.T)[0]


def als_loss(confidence, users, items, regularization):
    scores = users @ items.T
    dense = confidence.toarray()
    loss = (np.where(dense > 0, dense, 1) * ((dense > 0) - scores) ** 2).sum()
    return loss + regularization * ((users**2).sum() + (items**2).sum())


def exact(confidence, start, regularization, iterations):
    """The formulas of Hu, Koren, Volinsky 2008, each problem solved exactly."""
    users, items = start["users"].copy(), start["items"].copy()

    def half(rows, others, confidence):
        gram = others.T @ others + regularization * np.eye(others.shape[1])
        for row in range(len(rows)):
            rated = others[confidence[row] > 0]
            sure = confidence[row][confidence[row] > 0]
            rows[row] = np.linalg.solve(gram + (rated.T * (sure - 1)) @ rated, rated.T @ sure)

    dense = confidence.toarray().astype(float)
    for _ in range(iterations):
        half(users, items, dense)
        half(items, users, dense.T)
    return als_loss(confidence, users, items, regularization)


def als(ratings, start, params):
    # implicit's confidence is alpha times the value; the paper's is 1 more.
    confidence = ratings.astype(np.float32)
    confidence.data = 1 + np.float32(params["alpha"]) * confidence.data
    told = {}
    for name, use_cg in (("cg", True), ("cholesky", False)):
        model = AlternatingLeastSquares(
            params["factors"],
            regularization=params["regularization"],
            alpha=1.0,
            iterations=params["iterations"],
            use_cg=use_cg,
            num_threads=1,
        )
        model.user_factors = start["users"].astype(np.float32)
        model.item_factors = start["items"].astype(np.float32)
        model.fit(confidence, show_progress=False)
        users, items = model.user_factors.astype(float), model.item_factors.astype(float)
        told[name] = als_loss(confidence, users, items, params["regularization"])
        told[f"{name}_scores"] = (users @ items.T).tolist()
    told["exact"] = exact(confidence, start, params["regularization"], params["iterations"])
    return told


def ranking(items, k, ranked, relevant):
    """hit, precision, recall, NDCG and average precision of one ranking."""
    is_relevant = np.isin(ranked[:k], relevant)
    precisions = np.cumsum(is_relevant) / (1 + np.arange(len(is_relevant)))
    truth, scores = np.zeros(items), np.zeros(items)
    truth[relevant] = 1
    scores[ranked] = np.arange(len(ranked), 0, -1)
    return [
        float(is_relevant.any()),
        is_relevant.sum() / k,
        is_relevant.sum() / len(relevant),
        ndcg_score([truth], [scores], k=k),
        (precisions * is_relevant).sum() / min(k, len(relevant)),
    ]


def main(file):
    warnings.simplefilter("ignore")
    told = json.loads(file.read_text())
    rows, columns, values = zip(*told["ratings"])
    ratings = sparse.csr_matrix((np.array(values, dtype=float), (rows, columns)), (told["users"], told["items"]))
    start = {side: np.array(factors) for side, factors in told["start"].items()}
    rankings = [ranking(told["items"], told["k"], *pair) for pair in told["rankings"]]
    shown = {item for ranked, _ in told["rankings"] for item in ranked[: told["k"]]}
    answer = {
        "nmf": [nmf(ratings, start, params) for params in told["nmf"]],
        "folded": folded(told, told["nmf"][0]).tolist(),
        "als": als(ratings, start, told["als"]),
        "ranking": np.mean(rankings, axis=0).tolist() + [len(shown) / told["items"]],
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

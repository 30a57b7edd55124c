"""What pandas says of the columns of a CSV file.

    python profile.py FILE      needs pandas

Prints one JSON line: of each column its count, missing and distinct cells; of numbers min, max, mean, std and
quantiles; of everything else its most frequent values with their counts.
"""

import json
import sys

import pandas

RANKS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def describe(column):
    told = {
        "count": int(column.count()),
        "missing": int(column.isna().sum()),
        "distinct": int(column.nunique()),
    }
    if pandas.api.types.is_numeric_dtype(column):
        described = column.describe(percentiles=RANKS)
        told.update({key: float(described[key]) for key in ("min", "max", "mean", "std")})
        told["quantiles"] = [float(value) for value in column.quantile(RANKS)]
    else:
        told["top"] = {str(key): int(count) for key, count in column.value_counts().head(5).items()}
    return told


table = pandas.read_csv(sys.argv[1])
print(json.dumps({name: describe(table[name]) for name in table.columns}))

"""Writes one table in every format, as pandas and pyarrow write them, and lists the files."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
rows = 5_000
draw = np.random.default_rng(7)
frame = pd.DataFrame(
    {
        "id": np.arange(rows) - 1_000,
        "amount": draw.normal(size=rows).round(6),
        "plan": draw.choice(["basic", "família", 'a "gold", one'], size=rows),
        "left": draw.random(rows) < 0.3,
        "at": pd.Timestamp("2026-01-31 12:00:00.5") + pd.to_timedelta(np.arange(rows) * 37, unit="s"),
        "note": [f"note {row}" for row in range(rows)],
    }
)
frame["hole"] = frame["amount"].where(frame["id"] % 7 != 0)
frame["whole"] = frame["id"].astype("Int64").where(frame["id"] % 5 != 0)

files = []


def written(name: str) -> Path:
    files.append(name)
    return folder / name


frame.to_csv(written("table.csv"), index=False)
frame.to_csv(written("table.csv.gz"), index=False)
frame.to_csv(written("semicolon.csv"), index=False, sep=";", lineterminator="\r\n")
as_json = {"orient": "records", "lines": True, "date_format": "iso", "double_precision": 15}
frame.to_json(written("table.jsonl"), **as_json)
frame.to_json(written("packed.ndjson"), compression="gzip", **as_json)

for codec in ["snappy", "zstd", "gzip", "lz4", "none"]:
    frame.to_parquet(written(f"{codec}.parquet"), index=False, compression=codec)
narrow = frame.astype({"id": "int32", "plan": "category"})
narrow["at"] = narrow["at"].astype("datetime64[ms]")
narrow.to_parquet(written("narrow.parquet"), index=False, row_group_size=700)
zoned = frame.assign(at=frame["at"].dt.tz_localize("UTC").dt.tz_convert("America/Sao_Paulo"))
table = pa.Table.from_pandas(zoned, preserve_index=False)
pq.write_table(table, written("zoned.parquet"), data_page_version="2.0", data_page_size=3_000, use_dictionary=False)
table = pa.Table.from_pandas(frame, preserve_index=False)
pq.write_table(table, written("spark.parquet"), use_deprecated_int96_timestamps=True, store_schema=False)
encodings = {"id": "DELTA_BINARY_PACKED", "note": "DELTA_BYTE_ARRAY", "amount": "BYTE_STREAM_SPLIT"}
pq.write_table(table, written("delta.parquet"), use_dictionary=False, column_encoding=encodings, version="1.0")

print(json.dumps(files))

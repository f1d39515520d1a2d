"""Readers of the tables and columns of a run folder, also of a run that is still being written or was killed.

Columns of tables are found by their names, so that a table may gain columns. The last line of a file that is being
written may be incomplete, and columns of one series may have different lengths; such ends are left out.
"""

import array
import csv
import json
import math

import numpy as np

_KNOWN = ("time", "replica", "layer", "unit", "attribute", "value")


def point_of(row, columns):
    """The values that a row gives to the swept pointers, as text."""
    return tuple(row[i] for i in columns)


def read_metrics(path):
    """{(layer, unit, attribute): {(point, replica): (times, values, phases)}}, the pointers that points give values to,
    and the labels that phases are numbers of."""
    curves, numbers = {}, {}
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        first = file.readline()
        if not first.endswith("\n"):
            return {}, ()  # nothing was written yet
        names = next(csv.reader([first]))
        reader = csv.reader(file)
        missing = [n for n in _KNOWN if n not in names]
        if missing:
            raise ValueError(f"{path}: no column {missing[0]!r}; this is not a metrics.csv of engram")
        swept = [i for i, n in enumerate(names) if n.startswith("/")]
        time, replica, layer, unit, attribute, value = (names.index(n) for n in _KNOWN)
        phase = names.index("phase") if "phase" in names else None
        for row in reader:
            try:
                at, who, number = int(row[time]), int(row[replica]), float(row[value] or "nan")
                if len(row) != len(names):
                    continue
            except (ValueError, IndexError):
                continue  # the last line of a file that is being written
            of_key = curves.setdefault((row[layer], row[unit], row[attribute]), {})
            lists = of_key.setdefault((point_of(row, swept), who), tuple(map(array.array, "qdi")))
            lists[0].append(at)
            lists[1].append(number)
            lists[2].append(numbers.setdefault("" if phase is None else row[phase], len(numbers)))
    for of_key in curves.values():
        for key, lists in of_key.items():
            of_key[key] = tuple(map(np.frombuffer, lists, (np.int64, np.float64, np.int32)))
    return curves, tuple(names[i] for i in swept), list(numbers)


def read_results(path):
    """Rows (swept values as text, replica or None, name, index or None, value) of results.csv. Texts are left out."""
    rows = []
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            if None in row.values():
                continue  # the last line of a file that is being written
            try:
                value = float(row["value"]) if row["value"] else math.nan
                replica, index = (int(row[c]) if row.get(c) else None for c in ("replica", "index"))
            except (KeyError, TypeError, ValueError):
                continue
            rows.append(
                ({k: v for k, v in row.items() if k and k.startswith("/")}, replica, row["quantity"], index, value)
            )
    return rows


def read_texts(path, ending):
    """Rows (swept values as text, replica, name without its ending, text) of results.csv whose names end so."""
    rows = []
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            if None in row.values() or None in row or not row.get("quantity", "").endswith(ending):
                continue  # also the last line of a file that is being written
            swept = {k: v for k, v in row.items() if k.startswith("/")}
            if row["replica"].isdigit():
                rows.append((swept, int(row["replica"]), row["quantity"].removesuffix(ending), row["value"]))
    return rows


def read_column(path):
    """An NPY file, mapped into memory. Rows that its header promises and that are not there yet are left out."""
    with open(path, "rb") as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if fortran or dtype.hasobject:
            raise ValueError(f"{path}: not a column of engram")
        begin = file.tell()
        file.seek(0, 2)
        size = file.tell() - begin
    row = dtype.itemsize * math.prod(shape[1:])
    # The header of a column that is being written counts only what was complete when it was written last.
    rows = shape[0] if shape and shape[0] and shape[0] * row <= size else size // row if row else 0
    if shape == ():
        return np.fromfile(path, dtype, 1, offset=begin)
    if rows == 0:
        return np.empty((0, *shape[1:]), dtype)
    return np.memmap(path, dtype, "r", begin, (rows, *shape[1:]))


TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8",
         "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"}  # fmt: skip


def read_state(path):
    """{name: array} of a safetensors file, each mapped into memory."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            raise ValueError(f"{path}: ends within its header")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    arrays = {}
    for name, tensor in header.items():
        dtype, shape, (begin, end) = np.dtype(TYPES[tensor["dtype"]]), tuple(tensor["shape"]), tensor["data_offsets"]
        if end - begin != dtype.itemsize * math.prod(shape) or 8 + length + end > size:
            raise ValueError(f"{path}: {name} lies not where its shape says, or beyond the end")
        begin += 8 + length
        arrays[name] = np.memmap(path, dtype, "r", begin, shape) if math.prod(shape) else np.empty(shape, dtype)
    return arrays

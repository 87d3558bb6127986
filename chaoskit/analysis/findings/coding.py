"""Texts as integers: equal texts have equal codes in every column that is coded together."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, ints

Codes = npt.NDArray[np.signedinteger[Any]]
"""Of the narrowest type that holds them: cast before arithmetic."""

NULL = -1
"""The code of a null."""


def encode(*columns: pd.Series) -> tuple[tuple[Codes, ...], Any]:
    """Code texts, whatever pandas keeps them in (objects, ``str``, categories, Arrow).

    Args:
        columns: Shapes (rows of that column,).

    Returns:
        The codes of each column, and the distinct texts as an Arrow array indexed by code. A category's texts are coded
        once, not once per row.
    """
    chunks = [_chunks(column) for column in columns]
    flat = [_texts(chunk) for part in chunks for chunk in part]
    encoded = pa.chunked_array(flat, type=pa.large_string()).dictionary_encode()
    texts = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], type=pa.large_string())
    codes = _column([_plain(chunk.indices) for chunk in encoded.chunks], _narrowest(len(texts)))
    del encoded
    pa.default_memory_pool().release_unused()  # the table of hashes was larger than all codes
    starts = np.cumsum([0, *(len(part) for part in flat)])
    pieces = iter([codes[start:end] for start, end in pairwise(starts)])
    coded = tuple(_column([_rows(chunk, next(pieces)) for chunk in part], codes.dtype) for part in chunks)
    return coded, texts


def _chunks(column: pd.Series) -> list[Any]:
    made = pa.array(column, from_pandas=True)
    return list(made.chunks) if isinstance(made, pa.ChunkedArray) else [made]


def _texts(chunk: Any) -> Any:
    return pc.cast(chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk, pa.large_string())


def _rows(chunk: Any, codes: Codes) -> Codes:
    """The codes of a chunk's rows, from those of its texts."""
    if not pa.types.is_dictionary(chunk.type):
        return codes
    with_null: Codes = np.append(codes, codes.dtype.type(NULL))
    return with_null[_plain(chunk.indices)]


def _plain(indices: Any) -> Codes:
    """Arrow's indices as an array, NULL for null."""
    signed = indices if pa.types.is_signed_integer(indices.type) else indices.cast(pa.int64())
    plain: Codes = pc.fill_null(signed, NULL).to_numpy(zero_copy_only=False)
    return plain


def _narrowest(texts: int) -> np.dtype[Any]:
    return next(np.dtype(kind) for kind in (np.int8, np.int16, np.int32) if texts <= np.iinfo(kind).max)


def _column(parts: list[Codes], dtype: np.dtype[Any]) -> Codes:
    if len(parts) == 1:
        return parts[0].astype(dtype, copy=False)
    return np.concatenate(parts, dtype=dtype, casting="same_kind") if parts else np.zeros(0, dtype=dtype)


def among(codes: Codes, texts: Any, wanted: Iterable[str]) -> Bools:
    """Which rows hold one of ``wanted``, shape (rows,); a null holds none."""
    known: Bools = np.append(np.isin(np.array(texts.to_pylist(), dtype=object), list(wanted)), False)
    return known[codes]


def instants(frame: pd.DataFrame, name: str, *, null: int = NEVER_NS) -> Ints:
    """Column ``name`` as int64, shape (rows,), ``null`` for nulls; without a copy where it already is."""
    column = frame.get(name)
    if column is None or column.dtype.kind not in "iu":
        return ints(frame, name, null=null)
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy(dtype=np.int64)
    return column.to_numpy(dtype=np.int64, na_value=null)


def pairs(keys: tuple[Codes, ...], values: tuple[Codes, ...], value_count: int) -> tuple[Codes, ...]:
    """Code identities (key, value): shapes as given, NULL where the value is null; fewer codes than rows in all.

    A value that is never used under two keys is its own identity, which is how values ought to be.
    """
    home = np.full(value_count + 1, NULL, dtype=np.int32)
    for key, value in zip(keys, values, strict=True):
        home[value] = key
    if all(bool(((home[value] == key) | (value == NULL)).all()) for key, value in zip(keys, values, strict=True)):
        return values
    wide = [key.astype(np.int64) * value_count + value for key, value in zip(keys, values, strict=True)]
    codes, _ = pd.factorize(np.concatenate(wide))
    parts = np.split(codes.astype(np.int32), np.cumsum([len(value) for value in values])[:-1])
    return tuple(np.where(value == NULL, np.int32(NULL), part) for part, value in zip(parts, values, strict=True))

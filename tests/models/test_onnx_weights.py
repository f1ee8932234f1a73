from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaffinch.errors import ModelError
from chaffinch.models.onnx_weights import first_filters, read_weights
from chaffinch.task import get_task
from trainable import package_or_skip

NET = get_task("digits").ladder[-1].starter or Path()


def test_the_first_layer_of_the_shipped_net_is_read() -> None:
    filters = first_filters(NET)
    assert filters is not None
    assert filters.shape == (32, 5, 5)
    assert np.isfinite(filters).all()
    assert filters.std() > 0.01


def test_weights_are_those_that_onnx_reads() -> None:
    onnx = package_or_skip("onnx", "train")
    package_or_skip("onnx.numpy_helper", "train")
    weights = read_weights(NET)
    held = [one for one in onnx.load(str(NET)).graph.initializer if one.data_type == 1]
    assert [one.name for one in held] == list(weights)
    for one in held:
        np.testing.assert_array_equal(weights[one.name], onnx.numpy_helper.to_array(one))


def test_what_is_no_net_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        read_weights(tmp_path / "none.onnx")
    (tmp_path / "cut.onnx").write_bytes(NET.read_bytes()[:5000])
    with pytest.raises(ModelError, match="train it anew"):
        read_weights(tmp_path / "cut.onnx")
    (tmp_path / "empty.onnx").write_bytes(b"")
    assert first_filters(tmp_path / "empty.onnx") is None


@given(st.binary(max_size=200), st.integers(0, 4000))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, wrong: bytes, at: int) -> None:
    path = tmp_path / "odd.onnx"
    data = NET.read_bytes()[:8000]
    for odd in (wrong, data[:at] + wrong + data[at:]):
        path.write_bytes(odd)
        with suppress(ModelError):
            read_weights(path)

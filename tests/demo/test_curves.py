"""Curves never go below zero, and what a counter counts is what the curve says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itim.demo.curves import SHAPES, Curve

MOMENTS = st.floats(1.7e9, 1.9e9)


@pytest.mark.parametrize("shape", SHAPES)
@given(t=MOMENTS, seed=st.text(max_size=10))
def test_never_negative_and_alike_in_both_forms(shape, t, seed):
    curve = Curve(shape, seed)
    value = curve.now(t)
    assert value > 0
    assert curve.at(np.array([t]))[0] == pytest.approx(value)


@pytest.mark.parametrize("shape", SHAPES)
@given(t=MOMENTS)
def test_a_counter_grows_by_the_curve(shape, t):
    curve = Curve(shape, "x")
    grown = curve.integral(t + 30) - curve.integral(t)
    middle = np.mean(curve.at(np.linspace(t, t + 30, 61)))
    assert grown == pytest.approx(30 * middle, rel=1e-3)

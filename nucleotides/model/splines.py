"""Smooth functions of position: B-splines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def b_spline_basis(positions: int, degrees_of_freedom: int, degree: int = 3) -> NDArray[np.float32]:
    """B-splines over a row of positions, inner knots evenly spaced, the ends knots many times.

    By the recursion of Cox and de Boor (de Boor 1972, 10.1016/0021-9045(72)90080-9).

    Args:
        positions: their number, 2 or more.
        degrees_of_freedom: number of splines, more than `degree`.
        degree: of the polynomials.

    Returns:
        (positions, degrees_of_freedom): what each spline is at each position; rows sum to 1.
    """
    x, last = np.arange(positions, dtype=float)[:, None], positions - 1.0
    inner = np.linspace(0, last, degrees_of_freedom - degree + 1)
    knots = np.concatenate([np.zeros(degree), inner, np.full(degree, last)])
    basis = ((knots[:-1] <= x) & (x < knots[1:])).astype(float)
    basis[-1, degrees_of_freedom - 1] = 1  # the last interval is closed
    for k in range(1, degree + 1):
        rises = _ratio(x - knots[: -k - 1], knots[k:-1] - knots[: -k - 1])
        falls = _ratio(knots[k + 1 :] - x, knots[k + 1 :] - knots[1:-k])
        basis = rises * basis[:, :-1] + falls * basis[:, 1:]
    return basis.astype(np.float32)


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient; 0 between knots that coincide."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

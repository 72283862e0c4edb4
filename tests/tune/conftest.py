"""The stores of the training tests."""

from tests.train.conftest import stores

__all__ = ["stores"]

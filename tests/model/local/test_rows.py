"""What a window's outputs are does not depend on the windows that it is read with.

To the bit where the library of matrix products was seen to add up in one order: on one thread of a
processor with AVX-512. Elsewhere to what float32 tells apart.
"""

from collections.abc import Iterator

import pytest
import torch

from nucleotides.model.encoding import one_hot
from nucleotides.model.local import open_evaluator
from nucleotides.model.local.program import Program, Value
from nucleotides.model.local.rows import multiply_layer, multiply_matrix
from nucleotides.model.registry import create_model

PROGRAM = Program([], [], Value(0))


def test_layers_and_matrices_equal_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    for shape in ((1, 7), (5, 7), (1, 3, 7), (4, 3, 7)):
        x = torch.randn(shape, generator=generator, dtype=torch.float32)
        weight, bias = (torch.randn(s, generator=generator) for s in ((6, 7), (6,)))
        for some in (None, bias):
            found = multiply_layer(PROGRAM, x, weight, some)
            torch.testing.assert_close(found, torch.nn.functional.linear(x, weight, some))
        torch.testing.assert_close(multiply_matrix(PROGRAM, x, weight.T), x @ weight.T)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ["motifnet", "deepsea", "basset", "woodpecker"])
def test_a_window_is_read_alike_whatever_it_is_read_with(name: str) -> None:
    exactly = torch.backends.cpu.get_cpu_capability() == "AVX512"
    torch.manual_seed(0)
    network = create_model(name, 5, 700, {}).eval()
    codes = torch.randint(5, (33, 700), dtype=torch.uint8)
    evaluator = open_evaluator(network)
    assert evaluator is not None
    alone = torch.cat([evaluator.outputs(one_hot(row[None])) for row in codes])
    for size in (2, 3, 8, 13, 32, 33):
        parts = [evaluator.outputs(one_hot(part)) for part in codes.split(size)]
        if exactly:
            assert torch.equal(torch.cat(parts), alone), size
        torch.testing.assert_close(torch.cat(parts), alone, rtol=0, atol=1e-5)

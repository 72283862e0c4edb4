"""What a window's outputs are does not depend on the windows that it is read with.

To the bit where oneDNN was seen to add up in one order, on a processor with AVX-512: layers on any
number of threads, networks on one. Elsewhere to what float32 tells apart.
"""

from collections.abc import Iterator

import pytest
import torch

from nucleotides.model.encoding import one_hot
from nucleotides.model.local import open_evaluator, quicker, rows
from nucleotides.model.local.program import Program, Value
from nucleotides.model.local.rows import multiply_layer, multiply_matrix
from nucleotides.model.registry import create_model

AVX512 = torch.backends.cpu.get_cpu_capability() == "AVX512"


@pytest.fixture
def program() -> Program:
    """One that keeps what is made of weights."""
    return Program([], [], Value(0))


@pytest.fixture(params=["packed", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How rows are multiplied: by oneDNN, or as where there is none."""
    if request.param == "plain":
        for module in (rows, quicker):
            monkeypatch.setattr(module, "can_pack", lambda _: False)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_layers_and_matrices_equal_torch(program: Program) -> None:
    generator = torch.Generator().manual_seed(0)
    for shape in ((0, 7), (1, 7), (5, 7), (1, 3, 7), (4, 3, 7)):
        x = torch.randn(shape, generator=generator, dtype=torch.float32)
        weight, bias = (torch.randn(s, generator=generator) for s in ((6, 7), (6,)))
        for some in (None, bias):
            found = multiply_layer(program, x, weight, some)
            torch.testing.assert_close(found, torch.nn.functional.linear(x, weight, some))
        torch.testing.assert_close(multiply_matrix(program, x, weight.T), x @ weight.T)


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Threads that torch uses."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("size", [(50_880, 95), (925, 919), (3000, 7), (13, 40)])
def test_rows_are_multiplied_alike_however_many_they_are(
    size: tuple[int, int], way: str, program: Program
) -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(size[::-1], generator=generator)
    x = torch.randn((33, size[0]), generator=generator)
    together = multiply_layer(program, x, weight)
    for n in (1, 2, 3, 8, 13, 32):
        parts = torch.cat([multiply_layer(program, part, weight) for part in x.split(n)])
        if AVX512 and way == "packed":
            assert torch.equal(parts, together), n
        torch.testing.assert_close(parts, together, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("threads", [1], indirect=True)
@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("name", ["motifnet", "deepsea", "basset", "woodpecker"])
def test_a_window_is_read_alike_whatever_it_is_read_with(name: str) -> None:
    torch.manual_seed(0)
    network = create_model(name, 5, 700, {}).eval()
    codes = torch.randint(5, (33, 700), dtype=torch.uint8)
    evaluator = open_evaluator(network)
    assert evaluator is not None
    alone = torch.cat([evaluator.outputs(one_hot(row[None])) for row in codes])
    for size in (2, 3, 8, 13, 32, 33):
        parts = [evaluator.outputs(one_hot(part)) for part in codes.split(size)]
        if AVX512:
            assert torch.equal(torch.cat(parts), alone), size
        torch.testing.assert_close(torch.cat(parts), alone, rtol=0, atol=1e-5)

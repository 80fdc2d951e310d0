"""The family `shape`: elements put elsewhere, products by names of indices, padding, and images of other sizes."""
import torch
import torch.nn.functional as F
from cases import Case, constant, floats, integers, write

OPS = {
    "roll": torch.roll, "repeat": lambda x, sizes: x.repeat(sizes), "tile": torch.tile, "repeat_interleave": torch.repeat_interleave,
    "movedim": torch.movedim, "unflatten": lambda x, dim, sizes: x.unflatten(dim, sizes), "squeeze": lambda x, dim: x.squeeze(dim), "split": lambda x, sizes, dim: x.split(sizes, dim),
    "diagonal": torch.diagonal, "diag": torch.diag, "diag_embed": torch.diag_embed, "tril": torch.tril, "triu": torch.triu, "trace": torch.trace,
    "meshgrid": lambda *x, indexing: torch.meshgrid(*x, indexing=indexing), "hstack": lambda *x: torch.hstack(x), "vstack": lambda *x: torch.vstack(x), "dstack": lambda *x: torch.dstack(x),
    "einsum": lambda *x, equation: torch.einsum(equation, *x), "tensordot": lambda a, b, dims: torch.tensordot(a, b, dims), "cross": lambda a, b, dim: torch.cross(a, b, dim=dim), "kron": torch.kron,
    "addmv": torch.addmv, "addr": torch.addr, "baddbmm": torch.baddbmm,
    "pad": lambda x, pad, mode="constant", value=0.0: F.pad(x, pad, mode, value) if mode == "constant" else F.pad(x, pad, mode),
    "pixel_shuffle": F.pixel_shuffle, "pixel_unshuffle": F.pixel_unshuffle, "channel_shuffle": torch.channel_shuffle, "unfold": F.unfold, "fold": F.fold,
    "interpolate": F.interpolate, "affine_grid": F.affine_grid,
}
M = floats(4, 5)


def cases():
    for shifts, dims in [([2], [0]), ([-1, 7], [0, -1]), ([3], [])]:
        yield "roll", [M], {"shifts": shifts, **({"dims": dims} if dims else {})}
    yield "repeat", [M], {"sizes": [2, 1, 3]}
    yield "repeat", [floats(3)], {"sizes": [0]}
    yield "tile", [floats(2, 3, 4)], {"dims": [2, 3]}
    yield "repeat_interleave", [M], {"repeats": 3, "dim": 1}
    yield "repeat_interleave", [M], {"repeats": 2}
    yield "movedim", [floats(2, 3, 4, 5)], {"source": [0, -1], "destination": [2, 0]}
    yield "unflatten", [floats(4, 6)], {"dim": -1, "sizes": [2, -1]}
    yield "squeeze", [floats(1, 3, 1, 4)], {"dim": [0, 1, 2]}
    yield "split", [floats(7, 3)], {"sizes": [2, 4, 1], "dim": 0}
    for shape, o in [((4, 5), {}), ((5, 4), {"offset": -2}), ((4, 5), {"offset": 3}), ((2, 3, 4), {"dim1": 2, "dim2": 0}), ((3, 3), {"offset": 5})]:
        yield Case("diagonal", [floats(*shape)], o, second=o.get("offset") != 5)
    yield "diag", [floats(4)], {"diagonal": -1}
    yield "diag", [M], {"diagonal": 1}
    yield "diag_embed", [floats(2, 3)], {}
    yield "diag_embed", [floats(2, 3)], {"offset": 1, "dim1": 0, "dim2": 2}
    for op in ("tril", "triu"):
        yield op, [M], {}
        yield op, [floats(2, 5, 4)], {"diagonal": -1}
        yield op, [integers(4, 4, low=-5, high=5)], {"diagonal": 2}
    yield "trace", [M], {}
    yield "meshgrid", [floats(3), floats(4), floats(2)], {"indexing": "ij"}
    yield "meshgrid", [floats(3), floats(4)], {"indexing": "xy"}
    for op in ("hstack", "vstack", "dstack"):
        yield op, [floats(3), floats(3)], {}
        yield op, [floats(3, 2), floats(3, 2)], {}
    for equation, shapes in [
        ("ij,jk->ik", [(4, 5), (5, 3)]), ("ij,jk", [(4, 5), (5, 3)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("...ij,...jk->...ik", [(2, 1, 3, 4), (6, 4, 5)]),
        ("ii->i", [(4, 4)]), ("ii", [(4, 4)]), ("ij->ji", [(4, 5)]), ("ij->", [(4, 5)]), ("i,j->ij", [(4,), (5,)]), ("i,i", [(6,), (6,)]), ("ij,kj,k->i", [(4, 5), (3, 5), (3,)]),
        ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]), ("ij,ij->ij", [(4, 5), (4, 5)]), ("ij,ij->", [(4, 5), (1, 5)]), ("iij,jk->ik", [(3, 3, 4), (4, 2)]), ("b...->...", [(3, 4, 5)]),
        ("a,ab,abc,bd->dc", [(2,), (2, 3), (2, 3, 4), (3, 5)]), ("ij,k->i", [(4, 5), (3,)]),
    ]:
        yield "einsum", [floats(*s) for s in shapes], {"equation": equation}
    yield "tensordot", [floats(2, 3, 4), floats(4, 3, 5)], {"dims": [[1, 2], [1, 0]]}
    yield "cross", [floats(4, 3), floats(4, 3)], {"dim": 1}
    yield "cross", [floats(3, 1, 5), floats(3, 4, 5)], {"dim": 0}
    yield "kron", [floats(2, 3), floats(4, 2)], {}
    yield "kron", [floats(3), floats(2, 2)], {}
    yield "addmv", [floats(4), M, floats(5)], {"beta": 0.5, "alpha": 2.0}
    yield "addr", [M, floats(4), floats(5)], {}
    yield "baddbmm", [floats(1, 5), floats(2, 3, 4), floats(2, 4, 5)], {"beta": 2.0}
    for shape, pad in [((4, 5), [1, 2]), ((2, 3, 4), [1, -1, -2, 3]), ((2, 3, 4), [0, 1, 1, 0, 2, -1]), ((5,), [-2, -1])]:
        yield "pad", [floats(*shape)], {"pad": pad, "value": 1.5}
    for mode in ("reflect", "replicate", "circular"):
        yield "pad", [floats(2, 3, 5)], {"pad": [2, 1], "mode": mode}
        yield "pad", [floats(2, 3, 4, 5)], {"pad": [1, 3, 2, 0], "mode": mode}
        yield "pad", [floats(1, 2, 3, 4, 5)], {"pad": [1, 1, 2, 2, 1, 2], "mode": mode}
    yield "pad", [floats(2, 3, 4, 5)], {"pad": [-1, 3, 2, -1], "mode": "replicate"}
    yield "pixel_shuffle", [floats(2, 12, 3, 4)], {"upscale_factor": 2}
    yield "pixel_unshuffle", [floats(3, 6, 9)], {"downscale_factor": 3}
    yield "channel_shuffle", [floats(2, 6, 3, 2)], {"groups": 3}
    for o in [dict(kernel_size=[2, 3]), dict(kernel_size=[3, 2], stride=[2, 3], padding=[1, 1], dilation=[1, 2])]:
        yield "unfold", [floats(2, 3, 7, 8)], o
    yield "unfold", [floats(3, 7, 8)], dict(kernel_size=[3, 3])
    yield "fold", [floats(2, 18, 30)], dict(output_size=[6, 8], kernel_size=[2, 3])
    yield "fold", [floats(12, 16)], dict(output_size=[7, 8], kernel_size=[3, 2], stride=[2, 2], padding=[1, 0])
    for shape, o in [((2, 3, 4), dict(scale_factor=[2.0])), ((2, 3, 4, 5), dict(scale_factor=[2.0, 3.0])), ((2, 3, 8, 6), dict(size=[4, 3])), ((2, 3, 5, 7), dict(size=[8, 4])), ((1, 2, 3, 4, 5), dict(size=[5, 4, 7]))]:
        for mode in ("nearest", "nearest-exact"):
            yield "interpolate", [floats(*shape)], dict(mode=mode, **o)
    for align in (False, True):
        yield "interpolate", [floats(2, 3, 5)], dict(mode="linear", size=[8], align_corners=align)
        for mode in ("bilinear", "bicubic"):
            yield Case("interpolate", [floats(2, 3, 4, 5)], dict(mode=mode, scale_factor=[2.0, 2.0], align_corners=align), second=mode != "bicubic")
            yield Case("interpolate", [floats(2, 3, 7, 5)], dict(mode=mode, size=[4, 9], align_corners=align), second=mode != "bicubic")
        yield "interpolate", [floats(1, 2, 3, 4, 5)], dict(mode="trilinear", size=[5, 4, 7], align_corners=align)
    yield "interpolate", [floats(2, 3, 4, 5)], dict(mode="bilinear", scale_factor=[1.7, 1.3])
    yield "interpolate", [floats(2, 3, 4, 5)], dict(mode="bilinear", scale_factor=[1.7, 1.3], recompute_scale_factor=True)
    yield "interpolate", [floats(2, 3, 7, 5)], dict(mode="area", size=[3, 5])
    for align in (False, True):
        yield "affine_grid", [floats(2, 2, 3)], dict(size=[2, 1, 3, 4], align_corners=align)
    x = floats(2, 3, 4, 5)
    yield Case("pad", [x], {"pad": [5, 0, 0, 0], "mode": "reflect"}, refused="pad: expected amounts of at most 4 for dimension 3")
    yield Case("pad", [x], {"pad": [1], "mode": "constant"}, refused="pad: expected (before, after) for up to 4 dimensions")
    yield Case("pad", [x], {"pad": [-3, -3]}, refused="take more than float")
    yield Case("interpolate", [x], {"mode": "linear", "size": [3]}, refused="interpolate: this mode is for 1 spatial dimensions")
    yield Case("interpolate", [x], {"mode": "nearest"}, refused="interpolate: expected a size or a scale_factor, and not both")
    yield Case("einsum", [M, M], {"equation": "ij,jk->ik"}, refused="einsum: the index 'j' has extents 5 and 4 in \"ij,jk->ik\"")
    yield Case("einsum", [M], {"equation": "ij->k"}, refused="the result's index 'k' must be an operand's, once")
    yield Case("unfold", [x], {"kernel_size": [5, 2]}, refused="unfold: no patch of kernel 5")
    yield Case("cross", [M, M], {"dim": 1}, refused="cross: expected 3 elements along dimension 1")
    yield Case("pixel_shuffle", [x], {"upscale_factor": 2}, refused="pixel_shuffle: expected a positive factor that divides")


write(__file__, OPS, cases())

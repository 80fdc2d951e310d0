"""The family `vision`: images read at places that are data, and maxima put back where they were found."""
import torch
import torch.nn.functional as F
from cases import Case, constant, floats, values, write


def unpool(dims):
    pool, back = getattr(F, f"max_pool{dims}d"), getattr(F, f"max_unpool{dims}d")

    def call(x, window, output_size=None, **options):
        _, places = pool(window, return_indices=True, **options)
        return back(x, places, output_size=output_size, **options)

    return call


OPS = {"grid_sample": F.grid_sample, "affine_grid": F.affine_grid, "affine_sample": lambda x, theta, size, **o: F.grid_sample(x, F.affine_grid(theta, size, **o), **o),
       **{f"max_unpool{d}d": unpool(d) for d in (1, 2, 3)}}


def cases():
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for align in (False, True):
                o = dict(mode=mode, padding_mode=padding, align_corners=align)
                # float32 rounds a place to another element now and then: whole numbers of elements are chosen in float64 only
                f32 = mode != "nearest"
                yield Case("grid_sample", [floats(2, 3, 4, 5), floats(2, 3, 2, 2, scale=1.9)], o, second=False, f32=f32)
                yield Case("grid_sample", [floats(1, 2, 1, 6), floats(1, 4, 1, 2, scale=0.98)], o, second=False, f32=f32)
                if mode != "bicubic":
                    yield Case("grid_sample", [floats(2, 2, 3, 4, 2), floats(2, 1, 3, 2, 3, scale=1.7)], o, second=False, f32=f32)
    yield Case("grid_sample", [floats(2, 1, 3, 3), floats(2, 2, 2, 2, scale=6.0)], dict(mode="bilinear", padding_mode="reflection", align_corners=False), second=False)
    corners = constant(values([1, 2, 2, 2], [-1, -1, 1, -1, -1, 1, 1, 1]))
    for mode in ("bilinear", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            yield Case("grid_sample", [floats(1, 2, 3, 4), corners], dict(mode=mode, padding_mode=padding, align_corners=True), second=False)
    for align in (False, True):
        yield "affine_grid", [floats(2, 2, 3)], dict(size=[2, 1, 1, 4], align_corners=align)
        yield "affine_grid", [floats(2, 3, 4)], dict(size=[2, 1, 3, 1, 4], align_corners=align)
        yield Case("affine_sample", [floats(2, 3, 5, 4), floats(2, 2, 3)], dict(size=[2, 3, 4, 3], align_corners=align), second=False)
    for d, shape, o in [(1, (2, 3, 7), dict(kernel_size=[2])), (1, (3, 8), dict(kernel_size=[3], stride=[2], padding=[1])), (2, (2, 3, 6, 7), dict(kernel_size=[2, 3])),
                        (2, (3, 8, 6), dict(kernel_size=[2, 2])), (2, (1, 2, 7, 9), dict(kernel_size=[3, 3], stride=[3, 3], padding=[1, 0])), (3, (1, 2, 4, 4, 6), dict(kernel_size=[2, 2, 2])),
                        (3, (2, 3, 5, 4), dict(kernel_size=[1, 2, 2], stride=[1, 2, 2]))]:
        pooled = list(getattr(F, f"max_pool{d}d")(torch.zeros(shape), **o).shape)
        for extra in ({}, {"output_size": list(shape[-d:])}):
            try:
                F_out = getattr(F, f"max_unpool{d}d")(torch.zeros(pooled), torch.zeros(pooled, dtype=torch.int64), **o, **extra)
            except ValueError:
                continue
            if F_out.shape[-d:] < torch.Size(shape[-d:]):
                continue # places beyond the result
            yield Case(f"max_unpool{d}d", [floats(*pooled), constant(floats(*shape))], {**o, **extra})


write(__file__, OPS, cases())

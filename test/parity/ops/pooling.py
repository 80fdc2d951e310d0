"""The family `pooling`: max, average, power and adaptive pooling."""
import torch
import torch.nn.functional as F
from cases import Case, constant, floats, integers, write

OPS = {
    **{f"max_pool{d}d": getattr(F, f"max_pool{d}d") for d in (1, 2, 3)},
    **{f"max_pool{d}d_with_indices": (lambda f: lambda x, **o: f(x, return_indices=True, **o))(getattr(F, f"max_pool{d}d")) for d in (1, 2, 3)},
    **{f"avg_pool{d}d": getattr(F, f"avg_pool{d}d") for d in (1, 2, 3)},
    "lp_pool1d": lambda x, norm_type, kernel_size, stride=[None]: F.lp_pool1d(x, norm_type, kernel_size[0], stride[0]),
    "lp_pool2d": F.lp_pool2d,
    **{f"adaptive_avg_pool{d}d": getattr(F, f"adaptive_avg_pool{d}d") for d in (1, 2, 3)},
    **{f"adaptive_max_pool{d}d": (lambda f: lambda x, **o: f(x, return_indices=True, **o))(getattr(F, f"adaptive_max_pool{d}d")) for d in (1, 2, 3)},
}


def cases():
    # 2d: the common shapes, then odd ones; ties come from integers.
    for shape, options in [
        ((2, 3, 8, 8), dict(kernel_size=[2, 2])),
        ((2, 3, 9, 7), dict(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])),
        ((3, 9, 7), dict(kernel_size=[2, 3], stride=[3, 1], padding=[1, 0], dilation=[1, 2])),
        ((2, 2, 10, 11), dict(kernel_size=[3, 2], stride=[3, 3], padding=[1, 1], dilation=[2, 1], ceil_mode=True)),
        ((1, 2, 6, 6), dict(kernel_size=[5, 5], stride=[1, 1], padding=[2, 2])),
        ((2, 2, 6, 7), dict(kernel_size=[6, 7])),
        ((2, 2, 12, 1), dict(kernel_size=[3, 1], stride=[5, 1])),
        ((0, 3, 4, 4), dict(kernel_size=[2, 2])),
        ((2, 4, 21, 40), dict(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])),
    ]:
        yield Case("max_pool2d_with_indices", [floats(*shape)], options, second=shape[0] != 0)
        yield Case("max_pool2d", [integers(*shape, low=-2, high=3, dtype="float")], options, second=shape[0] != 0)
    for shape, options in [((2, 3, 17), dict(kernel_size=[3])), ((3, 16), dict(kernel_size=[4], stride=[3], padding=[2], dilation=[2])), ((2, 2, 40), dict(kernel_size=[20], stride=[1])),
                           ((2, 2, 11), dict(kernel_size=[2], stride=[2], ceil_mode=True))]:
        yield "max_pool1d_with_indices", [floats(*shape)], options
        yield "max_pool1d", [floats(*shape)], options
    for shape, options in [((2, 2, 4, 6, 5), dict(kernel_size=[2, 2, 2])), ((2, 5, 6, 7), dict(kernel_size=[3, 2, 1], stride=[1, 2, 3], padding=[1, 1, 0], ceil_mode=True)),
                           ((1, 2, 4, 5, 6), dict(kernel_size=[3, 3, 3], stride=[1, 2, 1], padding=[1, 1, 1]))]:
        yield "max_pool3d_with_indices", [floats(*shape)], options
    for shape, options in [
        ((2, 3, 8, 8), dict(kernel_size=[2, 2])),
        ((2, 3, 9, 7), dict(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1])),
        ((2, 3, 9, 7), dict(kernel_size=[3, 3], stride=[2, 2], padding=[1, 1], count_include_pad=False)),
        ((3, 9, 7), dict(kernel_size=[2, 3], stride=[3, 1], padding=[1, 0], divisor_override=5)),
        ((2, 2, 10, 11), dict(kernel_size=[3, 2], stride=[3, 3], padding=[1, 1], ceil_mode=True)),
        ((2, 2, 10, 11), dict(kernel_size=[3, 2], stride=[2, 3], padding=[1, 1], ceil_mode=True, count_include_pad=False)),
        ((1, 2, 6, 6), dict(kernel_size=[5, 5], stride=[1, 1], padding=[2, 2])),
        ((2, 2, 6, 7), dict(kernel_size=[6, 7])),
        ((2, 2, 12, 1), dict(kernel_size=[3, 1], stride=[5, 1])),
        ((0, 3, 4, 4), dict(kernel_size=[2, 2])),
    ]:
        yield Case("avg_pool2d", [floats(*shape)], options, second=shape[0] != 0)
    for shape, options in [((2, 3, 17), dict(kernel_size=[3])), ((3, 16), dict(kernel_size=[4], stride=[3], padding=[2])), ((2, 2, 40), dict(kernel_size=[20], stride=[1])),
                           ((2, 2, 11), dict(kernel_size=[2], stride=[2], ceil_mode=True, count_include_pad=False))]:
        yield "avg_pool1d", [floats(*shape)], options
    for shape, options in [((2, 2, 4, 6, 5), dict(kernel_size=[2, 2, 2])), ((2, 5, 6, 7), dict(kernel_size=[3, 2, 1], stride=[1, 2, 3], padding=[1, 1, 0], ceil_mode=True)),
                           ((1, 2, 4, 5, 6), dict(kernel_size=[3, 3, 3], stride=[1, 2, 1], padding=[1, 1, 1], divisor_override=4))]:
        yield "avg_pool3d", [floats(*shape)], options
    yield "lp_pool1d", [floats(2, 3, 12)], dict(norm_type=2.0, kernel_size=[3], stride=[2])
    yield "lp_pool2d", [floats(2, 3, 8, 9, scale=0.4, offset=0.6)], dict(norm_type=3.0, kernel_size=[2, 3])
    yield "lp_pool2d", [floats(2, 3, 8, 9)], dict(norm_type=2.0, kernel_size=[3, 3], stride=[2, 2], ceil_mode=True)
    for d, shape, size in [(1, (2, 3, 12), [4]), (1, (3, 11), [4]), (1, (2, 3, 5), [7]), (2, (2, 3, 8, 8), [1, 1]), (2, (2, 3, 10, 7), [7, 7]), (2, (3, 10, 8), [3, 4]),
                           (2, (2, 2, 5, 4), [5, 1]), (3, (1, 2, 4, 5, 6), [2, 3, 4])]:
        yield f"adaptive_avg_pool{d}d", [floats(*shape)], dict(output_size=size)
        yield Case(f"adaptive_max_pool{d}d", [floats(*shape)], dict(output_size=size), second=d == 2)
    bad = floats(2, 3, 8, 8)
    yield Case("max_pool2d", [bad], dict(kernel_size=[2, 2], padding=[2, 0]), refused="max_pool2d: expected a padding of at most half of the window of 2, came 2")
    yield Case("max_pool2d", [bad], dict(kernel_size=[9, 2]), refused="max_pool2d: no window of 9 fits into float")
    yield Case("max_pool2d", [floats(8, 8)], dict(kernel_size=[2, 2]), refused="max_pool2d: expected an input of rank 3 or 4")
    yield Case("avg_pool2d", [bad], dict(kernel_size=[0, 2]), refused="avg_pool2d: expected a positive kernel_size, stride and dilation, came 0, ")
    yield Case("adaptive_avg_pool2d", [bad], dict(output_size=[0, 2]), refused="adaptive_avg_pool2d: expected positive output sizes, came [0, 2]")
    yield Case("max_pool2d", [integers(2, 3, 8, 8, low=0, high=5)], dict(kernel_size=[2, 2]), refused="max_pool2d: expected input of floating point, came int64[2, 3, 8, 8]")


write(__file__, OPS, cases())

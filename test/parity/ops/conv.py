"""The family `conv`: convolutions and transposed convolutions over odd strides, paddings, dilations, groups and ranks."""
import torch.nn.functional as F
from cases import Case, floats, write

OPS = {f"conv{t}{d}d": getattr(F, f"conv{t}{d}d") for t in ("", "_transpose") for d in (1, 2, 3)}


def cases():
    conv1, conv2 = "conv1d", "conv2d"
    yield conv2, [floats(3, 4, 9, 8), floats(6, 4, 3, 3), floats(6)], {}
    yield conv2, [floats(3, 4, 9, 8), floats(6, 4, 3, 3)], {"padding": [1, 1]}
    yield conv2, [floats(2, 4, 11, 10), floats(6, 4, 3, 2), floats(6)], {"stride": [3, 2], "padding": [2, 1]}
    yield conv2, [floats(2, 4, 11, 10), floats(6, 4, 3, 3), floats(6)], {"dilation": [2, 3], "padding": [2, 3]}
    yield conv2, [floats(2, 4, 11, 10), floats(6, 4, 3, 3)], {"dilation": [2, 2], "stride": [2, 2], "padding": [1, 0]}
    yield conv2, [floats(2, 6, 7, 7), floats(4, 3, 3, 3), floats(4)], {"groups": 2, "padding": [1, 1]}
    yield conv2, [floats(2, 6, 7, 7), floats(6, 1, 3, 3), floats(6)], {"groups": 6, "padding": [1, 1], "stride": [2, 1]}
    yield conv2, [floats(2, 3, 7, 7), floats(6, 1, 3, 3)], {"groups": 3}
    yield conv2, [floats(2, 4, 6, 5), floats(2, 2, 3, 3)], {"groups": 2, "dilation": [1, 2], "stride": [3, 3], "padding": [2, 2]}
    yield conv2, [floats(17, 3, 6, 6), floats(33, 3, 1, 1), floats(33)], {}
    yield conv2, [floats(19, 5, 4, 4), floats(37, 5, 3, 3), floats(37)], {"padding": [1, 1]}
    yield conv2, [floats(1, 1, 1, 1), floats(1, 1, 1, 1), floats(1)], {"padding": [2, 2]}
    yield conv2, [floats(2, 2, 4, 4), floats(3, 2, 4, 4)], {}
    yield conv2, [floats(2, 2, 5, 5), floats(3, 2, 2, 4), floats(3)], {"padding": "same"}
    yield conv2, [floats(2, 2, 5, 5), floats(3, 2, 3, 3)], {"padding": "valid"}
    yield conv2, [floats(3, 6, 5), floats(4, 3, 3, 3), floats(4)], {}
    yield conv2, [floats(16, 8, 8, 8), floats(16, 8, 5, 5), floats(16)], {"stride": [2, 2], "padding": [2, 2]}
    yield conv1, [floats(2, 3, 12), floats(5, 3, 4), floats(5)], {"stride": [3], "padding": [5]}
    yield conv1, [floats(2, 4, 9), floats(4, 2, 3), floats(4)], {"groups": 2, "dilation": [3], "padding": [3]}
    yield conv1, [floats(4, 9), floats(2, 4, 3)], {"stride": [2]}
    yield "conv3d", [floats(2, 2, 4, 5, 3), floats(3, 2, 2, 3, 2), floats(3)], {"stride": [1, 2, 1], "padding": [1, 1, 0]}
    yield "conv3d", [floats(1, 4, 4, 4, 4), floats(4, 2, 3, 1, 3)], {"groups": 2, "dilation": [1, 1, 2], "padding": [1, 0, 2]}
    transposed = "conv_transpose2d"
    yield transposed, [floats(2, 4, 5, 4), floats(4, 3, 3, 3), floats(3)], {}
    yield transposed, [floats(2, 4, 5, 4), floats(4, 3, 3, 3), floats(3)], {"stride": [2, 3], "padding": [1, 2], "output_padding": [1, 2]}
    yield transposed, [floats(2, 4, 5, 4), floats(4, 3, 3, 2)], {"stride": [2, 1], "dilation": [2, 3], "padding": [1, 1], "output_padding": [1, 0]}
    yield transposed, [floats(2, 4, 5, 4), floats(4, 3, 2, 2), floats(6)], {"groups": 2, "stride": [2, 2]}
    yield transposed, [floats(2, 4, 5, 4), floats(4, 1, 3, 3)], {"groups": 4, "stride": [3, 3]}
    yield transposed, [floats(18, 4, 3, 3), floats(4, 34, 2, 2), floats(34)], {"stride": [2, 2]}
    yield "conv_transpose1d", [floats(2, 3, 6), floats(3, 2, 4), floats(2)], {"stride": [3], "padding": [2]}
    yield "conv_transpose1d", [floats(3, 6), floats(3, 2, 2)], {"dilation": [3]}
    yield "conv_transpose3d", [floats(1, 2, 3, 2, 2), floats(2, 3, 2, 2, 3), floats(3)], {"stride": [2, 1, 2], "padding": [1, 0, 1]}
    yield Case(conv2, [floats(2, 4, 5, 4), floats(4, 3, 3, 3)], refused="[4, 3, 3, 3] takes 3 channels")


write(__file__, OPS, cases())

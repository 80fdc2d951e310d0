"""ctc_loss of log_softmax(x): PyTorch's own derivative with respect to log_probs takes them for normalized, so it is taken through log_softmax."""
import torch.nn.functional as F
from cases import Case, floats, labels, values, write


def ctc(x, targets, input_lengths, target_lengths, **o):
    return F.ctc_loss(x.log_softmax(-1), targets, input_lengths, target_lengths, **o)


def ints(*numbers, shape=None):
    return values(shape or [len(numbers)], list(numbers), dtype="int64")


def cases():
    for reduction in ("none", "mean", "sum"):
        for blank in (0, 2, 4):
            targets = [1, 3, 3, 1, 1, 3, 3, 3, 3, 1, 3, 1]  # equal labels in a row among them
            o = {"reduction": reduction, "blank": blank}
            yield Case("ctc_loss", [floats(9, 3, 5, scale=3.0), ints(*targets, shape=[3, 4]), ints(9, 8, 9), ints(4, 3, 2)], o, second=False)
            yield Case("ctc_loss", [floats(9, 3, 5, scale=3.0), ints(*targets[:9]), ints(9, 9, 7), ints(4, 2, 3)], o, second=False)
            yield Case("ctc_loss", [floats(12, 1, 5, scale=9.0), ints(1, 3, shape=[1, 2]), ints(12), ints(2)], o, second=False)
    for o in ({}, {"reduction": "sum"}, {"reduction": "none"}):
        yield Case("ctc_loss", [floats(6, 3, 4), ints(1, 2, 3, 3, 1, 2, shape=[3, 2]), ints(6, 5, 6), ints(2, 0, 1)], o, second=False)  # nothing said
        yield Case("ctc_loss", [floats(6, 2, 4), ints(1, 1, 1, 2, 3, 1, shape=[2, 3]), ints(4, 6), ints(3, 3)], {**o, "zero_infinity": True}, second=False)
        yield Case("ctc_loss", [floats(6, 4), ints(1, 2), values([], [6], dtype="int64"), values([], [2], dtype="int64")], o, second=False)
        yield Case("ctc_loss", [floats(1, 2, 4), ints(1, 2, shape=[2, 1]), ints(1, 1), ints(1, 1)], o, second=False)
    yield Case("ctc_loss", [floats(50, 4, 20, scale=4.0), labels(4, 15, classes=19), ints(50, 40, 45, 31), ints(15, 12, 10, 14)], {"blank": 19}, second=False)
    yield Case("ctc_loss", [floats(6, 2, 4), ints(1, 2, 4, 1, shape=[2, 2]), ints(6, 6), ints(2, 2)], {}, refused="ctc_loss: targets: an index is not in [0, 4)")
    yield Case("ctc_loss", [floats(6, 2, 4), ints(1, 2, 3, 1, shape=[2, 2]), ints(6, 7), ints(2, 2)], {}, refused="ctc_loss: input_lengths")
    yield Case("ctc_loss", [floats(6, 2, 4), ints(1, 2, 3, 1, shape=[2, 2]), ints(6, 6), ints(2, 3)], {}, refused="ctc_loss: target_lengths")
    yield Case("ctc_loss", [floats(6, 2, 4), ints(1, 2, 3, 1, shape=[2, 2]), ints(6), ints(2, 3)], {}, refused="ctc_loss: expected one input length")


write(__file__, {"ctc_loss": ctc}, cases())

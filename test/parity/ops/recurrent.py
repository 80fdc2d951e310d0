"""The family `recurrent`: RNN, LSTM and GRU with their options, sequences of different lengths, and the cells."""
import torch
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from cases import constant, floats, values, write

SMALL = 0.6
KINDS = {"rnn": (torch.nn.RNN, 1, 1), "lstm": (torch.nn.LSTM, 4, 2), "gru": (torch.nn.GRU, 3, 1)}


def layer(kind):
    make, _, states = KINDS[kind]

    def call(x, *rest, sizes, hx=False, lengths=False, **options):
        rest = list(rest)
        n = rest.pop(0) if lengths else None
        first = [rest.pop(0) for _ in range(states)] if hx else None
        net = make(*sizes, **options).to(x.dtype)
        weights = dict(zip([name for name, _ in net.named_parameters()], rest))
        state = None if first is None else first[0] if states == 1 else tuple(first)
        if lengths:
            packed = pack_padded_sequence(x, n.to("cpu"), batch_first=options.get("batch_first", False), enforce_sorted=False)
            y, last = functional_call(net, weights, (packed, state))
            y, _ = pad_packed_sequence(y, batch_first=options.get("batch_first", False), total_length=x.shape[1 if options.get("batch_first") else 0])
        else:
            y, last = functional_call(net, weights, (x, state))
        return [y] + ([last] if states == 1 else list(last))

    return call


def cell(make, states):
    def call(x, *rest, sizes, **options):
        net = make(*sizes, **options).to(x.dtype)
        first, rest = rest[:states], rest[states:]
        out = functional_call(net, dict(zip([name for name, _ in net.named_parameters()], rest)), (x, first[0] if states == 1 else tuple(first)))
        return out if states == 1 else list(out)

    return call


CELLS = {"rnn_cell": (torch.nn.RNNCell, 1, 1), "lstm_cell": (torch.nn.LSTMCell, 4, 2), "gru_cell": (torch.nn.GRUCell, 3, 1)}
OPS = {**{kind: layer(kind) for kind in KINDS}, **{name: cell(make, states) for name, (make, _, states) in CELLS.items()}}


def weights(gates, size, hidden, layers=1, directions=1, bias=True, projected=0):
    result, out = [], projected or hidden
    for k in range(layers):
        for _ in range(directions):
            result += [floats(gates * hidden, size if k == 0 else out * directions, scale=SMALL), floats(gates * hidden, out, scale=SMALL)]
            result += [floats(gates * hidden, scale=SMALL)] * (2 if bias else 0)
            result += [floats(projected, hidden, scale=SMALL)] * (projected > 0)
    return result


def cases():
    for kind, (_, gates, states) in KINDS.items():
        own = [{}, {"nonlinearity": "relu"}] if kind == "rnn" else [{}]
        for o in own:
            yield kind, [floats(4, 2, 3), *weights(gates, 3, 5)], {"sizes": [3, 5], **o}
        yield kind, [floats(4, 2, 3), *weights(gates, 3, 4, bias=False)], {"sizes": [3, 4], "bias": False}
        yield kind, [floats(3, 2, 3), *[floats(4, 2, 4)] * states, *weights(gates, 3, 4, 2, 2)], {"sizes": [3, 4], "num_layers": 2, "bidirectional": True, "hx": True}
        yield kind, [floats(2, 5, 3), *weights(gates, 3, 4, 3)], {"sizes": [3, 4], "num_layers": 3, "batch_first": True}
        yield kind, [floats(4, 3), *[floats(1, 4)] * states, *weights(gates, 3, 4)], {"sizes": [3, 4], "hx": True}
        yield kind, [floats(1, 1, 1), *weights(gates, 1, 1)], {"sizes": [1, 1]}
        lengths = values([3], [5, 1, 3], "int64")
        yield kind, [floats(5, 3, 2), lengths, *weights(gates, 2, 3, 1, 2)], {"sizes": [2, 3], "lengths": True, "bidirectional": True}
        yield kind, [floats(3, 6, 2), lengths, *[floats(2, 3, 3)] * states, *weights(gates, 2, 3, 2)], {"sizes": [2, 3], "lengths": True, "num_layers": 2, "hx": True, "batch_first": True}
    yield "lstm", [floats(4, 2, 3), *weights(4, 3, 5, projected=2)], {"sizes": [3, 5], "proj_size": 2}
    yield "lstm", [floats(4, 2, 3), *weights(4, 3, 4, projected=3, bias=False)], {"sizes": [3, 4], "bias": False, "proj_size": 3}
    yield "lstm", [floats(3, 2, 3), floats(4, 2, 2), floats(4, 2, 4), *weights(4, 3, 4, 2, 2, projected=2)], {"sizes": [3, 4], "num_layers": 2, "bidirectional": True, "hx": True, "proj_size": 2}
    yield "lstm", [floats(5, 3, 2), values([3], [5, 1, 3], "int64"), *weights(4, 2, 3, 1, 2, projected=1)], {"sizes": [2, 3], "lengths": True, "bidirectional": True, "proj_size": 1}
    yield "lstm", [floats(4, 3), *weights(4, 3, 4, projected=2)], {"sizes": [3, 4], "proj_size": 2}
    for name, (_, gates, states) in CELLS.items():
        yield name, [floats(2, 3), *[floats(2, 4)] * states, *weights(gates, 3, 4)], {"sizes": [3, 4]}
        yield name, [floats(2, 3), *[floats(2, 4)] * states, *weights(gates, 3, 4, bias=False)], {"sizes": [3, 4], "bias": False}
    yield "rnn_cell", [floats(2, 3), floats(2, 4), *weights(1, 3, 4)], {"sizes": [3, 4], "nonlinearity": "relu"}


write(__file__, OPS, cases())

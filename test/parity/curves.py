"""PyTorch's loss curves, written to curves.json: every optimizer with its options and both schedulers.

usage: curves.py     (PyTorch 2.13; `torch` decides the numbers, sequence.py the weights and batches)

A case is a multi-layer perceptron (relu between the layers) trained `steps` steps on `batches` batches in turn; the
scheduler steps after every optimizer step. Weights first, layer by layer (weight [out, in], bias [out], both with scale
1/sqrt(in)), then the batches (inputs, then labels; or targets for MSE), all from Sequence(1).
"""
import json, math, os
import torch
from sequence import Sequence

SMALL = {"model": [20, 16, 5], "loss": "cross_entropy", "batch": 8, "batches": 10, "steps": 200}
REAL = {"model": [784, 128, 10], "loss": "cross_entropy", "batch": 64, "batches": 8, "steps": 200}
REGRESSION = {"model": [10, 5, 1], "loss": "mse", "batch": 4, "batches": 5, "steps": 1000}
STEP = {"type": "StepLR", "step_size": 30, "gamma": 0.5}
EXPONENTIAL = {"type": "ExponentialLR", "gamma": 0.99}

OPTIMIZERS = {
    "sgd": {"type": "SGD", "lr": 0.1},
    "sgd_momentum": {"type": "SGD", "lr": 0.05, "momentum": 0.9},
    "sgd_nesterov": {"type": "SGD", "lr": 0.05, "momentum": 0.9, "nesterov": True},
    "sgd_dampening": {"type": "SGD", "lr": 0.1, "momentum": 0.9, "dampening": 0.3},
    "sgd_weight_decay": {"type": "SGD", "lr": 0.1, "weight_decay": 0.01},
    "sgd_all": {"type": "SGD", "lr": 0.05, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01},
    "adam": {"type": "Adam", "lr": 0.003},
    "adam_betas": {"type": "Adam", "lr": 0.003, "betas": [0.8, 0.99], "eps": 1e-6},
    "adam_weight_decay": {"type": "Adam", "lr": 0.003, "weight_decay": 0.01},
    "adam_amsgrad": {"type": "Adam", "lr": 0.003, "amsgrad": True},
    "adamw": {"type": "AdamW", "lr": 0.003},
    "adamw_weight_decay": {"type": "AdamW", "lr": 0.003, "weight_decay": 0.1},
    "rmsprop": {"type": "RMSprop", "lr": 0.002},
    "rmsprop_momentum": {"type": "RMSprop", "lr": 0.001, "momentum": 0.9, "weight_decay": 0.01},
    "rmsprop_centered": {"type": "RMSprop", "lr": 0.002, "centered": True, "alpha": 0.95},
    "adagrad": {"type": "Adagrad", "lr": 0.02},
    "adagrad_weight_decay": {"type": "Adagrad", "lr": 0.02, "weight_decay": 0.01, "lr_decay": 0.001, "initial_accumulator_value": 0.1},
}
SCHEDULED = ("sgd_all", "sgd_nesterov", "adam_weight_decay", "adamw_weight_decay", "rmsprop_momentum", "adagrad_weight_decay")


def cases():
    for name, optimizer in OPTIMIZERS.items():
        yield {"name": name, **SMALL, "optimizer": optimizer}
    for name in SCHEDULED:
        for scheduler in (STEP, EXPONENTIAL):
            yield {"name": f"{name}_{scheduler['type']}", **SMALL, "optimizer": OPTIMIZERS[name], "scheduler": scheduler}
    yield {"name": "mlp_sgd", **REAL, "optimizer": {"type": "SGD", "lr": 0.05}}
    yield {"name": "mlp3_adam", **REAL, "model": [784, 128, 128, 10], "optimizer": {"type": "Adam", "lr": 0.0001}}
    yield {"name": "regression", **REGRESSION, "optimizer": {"type": "SGD", "lr": 0.01}}


def curve(case, dtype):
    sequence, layers = Sequence(1), []
    for i, o in zip(case["model"], case["model"][1:]):
        layer = torch.nn.Linear(i, o, dtype=dtype)
        with torch.no_grad():
            layer.weight.copy_(sequence.tensor((o, i), 1 / math.sqrt(i), dtype))
            layer.bias.copy_(sequence.tensor((o,), 1 / math.sqrt(i), dtype))
        layers += [layer, torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    data = []
    for _ in range(case["batches"]):
        x = sequence.tensor((case["batch"], case["model"][0]), 1.0, dtype)
        data.append((x, sequence.labels(case["batch"], case["model"][-1]) if case["loss"] == "cross_entropy"
                     else sequence.tensor((case["batch"], case["model"][-1]), 1.0, dtype)))
    loss_of = torch.nn.functional.cross_entropy if case["loss"] == "cross_entropy" else torch.nn.functional.mse_loss
    options = dict(case["optimizer"])
    optimizer = getattr(torch.optim, options.pop("type"))(net.parameters(), **options)
    scheduler = None
    if "scheduler" in case:
        options = dict(case["scheduler"])
        scheduler = getattr(torch.optim.lr_scheduler, options.pop("type"))(optimizer, **options)
    losses = []
    for step in range(case["steps"]):
        x, y = data[step % len(data)]
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    torch.set_num_threads(1)
    here = os.path.dirname(os.path.abspath(__file__))
    lines = []
    for case in cases():
        f64, f32 = curve(case, torch.float64), curve(case, torch.float32)
        drift = max(abs(a - b) / abs(a) for a, b in zip(f64, f32))
        print(f"{case['name']:34} {f64[0]:.4f} -> {f64[-1]:.6f}   float32 off by {drift:.1e}")
        record = json.dumps(case)[:-1] + ', "f64": [' + ", ".join(f"{v:.15g}" for v in f64) + '], "f32": [' + ", ".join(f"{v:.8g}" for v in f32) + "]}"
        lines.append(record)
    with open(os.path.join(here, "curves.json"), "w") as f:
        f.write('{"torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(lines)))

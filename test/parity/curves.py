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
# Fewer steps: these are many.
SHORT = {**SMALL, "steps": 40}
MORE = {
    "sgd_maximize": {"type": "SGD", "lr": 0.001, "maximize": True},
    "adam_maximize": {"type": "Adam", "lr": 0.0001, "maximize": True, "weight_decay": 0.01},
    "adam_decoupled": {"type": "Adam", "lr": 0.003, "weight_decay": 0.1, "decoupled_weight_decay": True, "amsgrad": True},
    "adamax": {"type": "Adamax", "lr": 0.004}, "adamax_all": {"type": "Adamax", "lr": 0.004, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.02},
    "nadam": {"type": "NAdam", "lr": 0.003}, "nadam_all": {"type": "NAdam", "lr": 0.003, "betas": [0.8, 0.99], "weight_decay": 0.02, "momentum_decay": 0.01},
    "nadam_decoupled": {"type": "NAdam", "lr": 0.003, "weight_decay": 0.1, "decoupled_weight_decay": True},
    "radam": {"type": "RAdam", "lr": 0.01}, "radam_all": {"type": "RAdam", "lr": 0.01, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.02},
    "radam_decoupled": {"type": "RAdam", "lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True},
    "adadelta": {"type": "Adadelta", "lr": 1.0}, "adadelta_all": {"type": "Adadelta", "lr": 0.5, "rho": 0.8, "eps": 1e-5, "weight_decay": 0.02},
    "asgd": {"type": "ASGD", "lr": 0.05}, "asgd_all": {"type": "ASGD", "lr": 0.05, "lambd": 0.01, "alpha": 0.6, "t0": 10, "weight_decay": 0.02},
    "rprop": {"type": "Rprop", "lr": 0.001}, "rprop_all": {"type": "Rprop", "lr": 0.002, "etas": [0.4, 1.1], "step_sizes": [1e-4, 0.01]},
    "lion": {"type": "Lion", "lr": 0.0005}, "lion_all": {"type": "Lion", "lr": 0.0005, "betas": [0.8, 0.95], "weight_decay": 0.1},
    "lamb": {"type": "LAMB", "lr": 0.005}, "lamb_all": {"type": "LAMB", "lr": 0.005, "betas": [0.8, 0.99], "eps": 1e-5, "weight_decay": 0.05},
    "adafactor": {"type": "Adafactor", "lr": 0.02}, "adafactor_all": {"type": "Adafactor", "lr": 0.05, "beta2_decay": -0.5, "eps": [1e-4, 0.01], "d": 1.5, "weight_decay": 0.1},
    "muon": {"type": "Muon", "lr": 0.02}, "muon_all": {"type": "Muon", "lr": 0.02, "weight_decay": 0.02, "momentum": 0.8, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "match_rms_adamw"},
}

# Smooth and one batch: a quasi-Newton method decides by comparisons, which rounding turns elsewhere; float64 only.
CONVEX = {**SMALL, "model": [20, 5], "batch": 32, "batches": 1, "steps": 3}
LBFGS = {"lbfgs": {"lr": 0.5, "max_iter": 4}, "lbfgs_history": {"lr": 0.3, "max_iter": 6, "history_size": 3},
         "lbfgs_wolfe": {"lr": 1.0, "max_iter": 5, "line_search_fn": "strong_wolfe"}}


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2: PyTorch has none."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                update = (b1 * m + (1 - b1) * p.grad).sign()
                p.sub_(g["lr"] * (update + g["weight_decay"] * p))
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


class LAMB(torch.optim.Optimizer):
    """You et al. 2020, algorithm 2."""

    def __init__(self, params, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        self.t = 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                m, v = self.state[p].setdefault("mv", (torch.zeros_like(p), torch.zeros_like(p)))
                m.mul_(b1).add_(p.grad, alpha=1 - b1)
                v.mul_(b2).add_(p.grad * p.grad, alpha=1 - b2)
                u = (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + g["eps"]) + g["weight_decay"] * p
                a, b = p.norm(), u.norm()
                p.sub_(g["lr"] * (a / b if a > 0 and b > 0 else 1.0) * u)


class Muon(torch.optim.Optimizer):
    """PyTorch's, with the iteration in the parameter's dtype instead of bfloat16."""

    def __init__(self, params, lr, weight_decay=0.1, momentum=0.95, nesterov=True, ns_steps=5, adjust_lr_fn="original"):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov, ns_steps=ns_steps, fn=adjust_lr_fn))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            for p in g["params"]:
                b = self.state[p].setdefault("b", torch.zeros_like(p))
                b.lerp_(p.grad, 1 - g["momentum"])
                x = p.grad.lerp(b, g["momentum"]) if g["nesterov"] else b.clone()
                tall = x.size(0) > x.size(1)
                x = x.T if tall else x
                x = x / x.norm().clamp(min=1e-7)
                for _ in range(g["ns_steps"]):
                    gram = x @ x.T
                    x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
                x = x.T if tall else x
                rows, columns = p.shape
                ratio = math.sqrt(max(1, rows / columns)) if g["fn"] == "original" else 0.2 * math.sqrt(max(rows, columns))
                p.mul_(1 - g["lr"] * g["weight_decay"]).sub_(g["lr"] * ratio * x)


OWN = {"Lion": Lion, "LAMB": LAMB, "Muon": Muon}
SCHEDULED = ("sgd_all", "sgd_nesterov", "adam_weight_decay", "adamw_weight_decay", "rmsprop_momentum", "adagrad_weight_decay")


def cases():
    for name, optimizer in OPTIMIZERS.items():
        yield {"name": name, **SMALL, "optimizer": optimizer}
    for name in SCHEDULED:
        for scheduler in (STEP, EXPONENTIAL):
            yield {"name": f"{name}_{scheduler['type']}", **SMALL, "optimizer": OPTIMIZERS[name], "scheduler": scheduler}
    for name, optimizer in MORE.items():
        yield {"name": name, **SHORT, "optimizer": optimizer}
    for name, options in LBFGS.items():
        yield {"name": name, **CONVEX, "optimizer": {"type": "LBFGS", **options}}
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
    kind = options.pop("type")
    parameters = [p for p in net.parameters() if kind != "Muon" or p.dim() == 2]
    optimizer = OWN.get(kind, getattr(torch.optim, kind, None))(parameters, **options)
    scheduler = None
    if "scheduler" in case:
        options = dict(case["scheduler"])
        scheduler = getattr(torch.optim.lr_scheduler, options.pop("type"))(optimizer, **options)
    losses = []
    for step in range(case["steps"]):
        x, y = data[step % len(data)]
        def closure():
            optimizer.zero_grad()
            loss = loss_of(net(x), y)
            loss.backward()
            return loss
        if kind == "LBFGS":
            loss = optimizer.step(closure)
        else:
            loss = closure()
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

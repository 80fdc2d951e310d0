"""Training-step throughput of PyTorch on thirteen models (CPU), one JSON line per model and mode.

usage: peer_torch.py [--modes eager,compile] [--models mlp,cnn,...] [--threads 2] [--seconds 3]
A step is zero_grad + forward + loss + backward + optimizer.step() on one fixed synthetic batch.
"""
import argparse, json, resource, statistics, time, os

ap = argparse.ArgumentParser()
ap.add_argument("--modes", default="eager,compile")
ap.add_argument("--models", default="")
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--seconds", type=float, default=3.0)
args = ap.parse_args()
os.environ["OMP_NUM_THREADS"] = str(args.threads)
t_import = time.time()
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode
t_import = time.time() - t_import
torch.set_num_threads(args.threads)


class MLP(nn.Module):          # 784-128-10, batch 64, SGD
    def __init__(s):
        super().__init__(); s.fc1 = nn.Linear(784, 128); s.fc2 = nn.Linear(128, 10)
    def forward(s, x): return s.fc2(torch.relu(s.fc1(x)))

class MLP3(nn.Module):         # 784-128-128-10, Adam
    def __init__(s):
        super().__init__(); s.fc1 = nn.Linear(784, 128); s.fc2 = nn.Linear(128, 128); s.fc3 = nn.Linear(128, 10)
    def forward(s, x): return s.fc3(torch.relu(s.fc2(torch.relu(s.fc1(x)))))

class TinyMLP(nn.Module):      # 10-5-1, batch 1, MSE, SGD
    def __init__(s):
        super().__init__(); s.fc1 = nn.Linear(10, 5); s.fc2 = nn.Linear(5, 1)
    def forward(s, x): return s.fc2(torch.relu(s.fc1(x)))

class CNN(nn.Module):          # conv 1-32-64, pool, fc 3136-128-10, SGD
    def __init__(s):
        super().__init__()
        s.c1 = nn.Conv2d(1, 32, 3, padding=1); s.c2 = nn.Conv2d(32, 64, 3, padding=1); s.p = nn.MaxPool2d(2, 2)
        s.fc1 = nn.Linear(64 * 49, 128); s.fc2 = nn.Linear(128, 10)
    def forward(s, x):
        x = s.p(torch.relu(s.c1(x))); x = s.p(torch.relu(s.c2(x)))
        return s.fc2(torch.relu(s.fc1(x.view(-1, 64 * 49))))

class CNNWide(nn.Module):      # conv 1-32, 32-32 without pool, fc 25088-128-10, Adam
    def __init__(s):
        super().__init__()
        s.c1 = nn.Conv2d(1, 32, 3, padding=1); s.c2 = nn.Conv2d(32, 32, 3, padding=1)
        s.fc1 = nn.Linear(32 * 784, 128); s.fc2 = nn.Linear(128, 10)
    def forward(s, x):
        x = torch.relu(s.c2(torch.relu(s.c1(x))))
        return s.fc2(torch.relu(s.fc1(x.view(-1, 32 * 784))))

class RNN(nn.Module):          # 28 steps of 28, hidden 128
    def __init__(s, cell):
        super().__init__(); s.rnn = cell(28, 128, batch_first=True); s.fc = nn.Linear(128, 10)
    def forward(s, x): o, _ = s.rnn(x); return s.fc(o[:, -1])

class BasicBlock(nn.Module):
    def __init__(s, i, o, st):
        super().__init__()
        s.a = nn.Conv2d(i, o, 3, st, 1, bias=False); s.an = nn.BatchNorm2d(o)
        s.b = nn.Conv2d(o, o, 3, 1, 1, bias=False); s.bn = nn.BatchNorm2d(o)
        s.short = nn.Sequential() if i == o and st == 1 else nn.Sequential(nn.Conv2d(i, o, 1, st, bias=False), nn.BatchNorm2d(o))
    def forward(s, x):
        y = torch.relu(s.an(s.a(x))); y = s.bn(s.b(y))
        return torch.relu(y + s.short(x))

class ResNet18(nn.Module):     # CIFAR-10 form
    def __init__(s):
        super().__init__()
        s.stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        L, i = [], 64
        for o, st in ((64, 1), (128, 2), (256, 2), (512, 2)):
            L += [BasicBlock(i, o, st), BasicBlock(o, o, 1)]; i = o
        s.body = nn.Sequential(*L); s.fc = nn.Linear(512, 10)
    def forward(s, x): return s.fc(s.body(s.stem(x)).mean((2, 3)))

class VGG11(nn.Module):        # CIFAR-10 form, with dropout
    def __init__(s):
        super().__init__(); L, i = [], 3
        for v in (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"):
            if v == "M": L.append(nn.MaxPool2d(2, 2))
            else: L += [nn.Conv2d(i, v, 3, padding=1), nn.ReLU()]; i = v
        s.f = nn.Sequential(*L); s.c = nn.Sequential(nn.Dropout(0.5), nn.Linear(512, 10))
    def forward(s, x): return s.c(s.f(x).flatten(1))

class Block(nn.Module):
    def __init__(s, d, h):
        super().__init__(); s.h = h
        s.l1 = nn.LayerNorm(d); s.qkv = nn.Linear(d, 3 * d); s.o = nn.Linear(d, d)
        s.l2 = nn.LayerNorm(d); s.u = nn.Linear(d, 4 * d); s.dn = nn.Linear(4 * d, d)
    def forward(s, x):
        B, T, D = x.shape
        q, k, v = s.qkv(s.l1(x)).view(B, T, 3, s.h, D // s.h).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + s.o(y.transpose(1, 2).reshape(B, T, D))
        return x + s.dn(F.gelu(s.u(s.l2(x)), approximate="tanh"))

class GPT(nn.Module):          # char-level GPT: 4 layers, d 128, 4 heads, T 128
    def __init__(s, V=96, T=128, d=128, L=4, h=4):
        super().__init__()
        s.te = nn.Embedding(V, d); s.pe = nn.Embedding(T, d)
        s.b = nn.Sequential(*[Block(d, h) for _ in range(L)]); s.ln = nn.LayerNorm(d); s.head = nn.Linear(d, V, bias=False)
        s.register_buffer("pos", torch.arange(T))
    def forward(s, i): return s.head(s.ln(s.b(s.te(i) + s.pe(s.pos)))).flatten(0, 1)

class AE(nn.Module):           # autoencoder with batch norm, tanh, sigmoid; RMSprop
    def __init__(s):
        super().__init__()
        s.n = nn.Sequential(nn.Linear(784, 512), nn.BatchNorm1d(512), nn.Tanh(), nn.Linear(512, 64), nn.Tanh(),
                            nn.Linear(64, 512), nn.BatchNorm1d(512), nn.Tanh(), nn.Linear(512, 784), nn.Sigmoid())
    def forward(s, x): return s.n(x)

ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()
sgd = lambda p: torch.optim.SGD(p, lr=0.01)
sgdm = lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=5e-4)
adam = lambda p: torch.optim.Adam(p, lr=1e-3)
adamw = lambda p: torch.optim.AdamW(p, lr=3e-4, weight_decay=0.1)
rms = lambda p: torch.optim.RMSprop(p, lr=1e-3)
lab = lambda n, k=10: torch.randint(0, k, (n,))
CASES = {
    "tiny_mlp_b1": (TinyMLP, lambda: (torch.randn(1, 10), torch.ones(1, 1)), mse, sgd),
    "mlp_b64": (MLP, lambda: (torch.randn(64, 784), lab(64)), ce, sgd),
    "mlp3_b64_adam": (MLP3, lambda: (torch.randn(64, 784), lab(64)), ce, adam),
    "mlp_b1024": (MLP, lambda: (torch.randn(1024, 784), lab(1024)), ce, sgd),
    "cnn_b64": (CNN, lambda: (torch.randn(64, 1, 28, 28), lab(64)), ce, sgd),
    "cnnwide_b64_adam": (CNNWide, lambda: (torch.randn(64, 1, 28, 28), lab(64)), ce, adam),
    "rnn_b64": (lambda: RNN(nn.RNN), lambda: (torch.randn(64, 28, 28), lab(64)), ce, adam),
    "lstm_b64": (lambda: RNN(nn.LSTM), lambda: (torch.randn(64, 28, 28), lab(64)), ce, adam),
    "gru_b64": (lambda: RNN(nn.GRU), lambda: (torch.randn(64, 28, 28), lab(64)), ce, adam),
    "autoencoder_b128_rms": (AE, lambda: (torch.rand(128, 784),) * 2, mse, rms),
    "vgg11_b32": (VGG11, lambda: (torch.randn(32, 3, 32, 32), lab(32)), ce, sgdm),
    "resnet18_b16": (ResNet18, lambda: (torch.randn(16, 3, 32, 32), lab(16)), ce, sgdm),
    "gpt_b16": (GPT, lambda: (torch.randint(0, 96, (16, 128)), lab(16 * 128, 96)), ce, adamw),
}

print(json.dumps({"torch": torch.__version__, "threads": args.threads, "import_s": round(t_import, 2),
                  "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}), flush=True)
for name, (make, batch, loss_fn, make_opt) in CASES.items():
    if args.models and name not in args.models.split(","): continue
    for mode in args.modes.split(","):
        try:
            torch.manual_seed(0)
            net = make(); opt = make_opt(net.parameters()); x, y = batch()
            def fb(x, y):
                l = loss_fn(net(x), y); l.backward(); return l
            t0 = time.time()
            if mode == "compile":
                torch._dynamo.reset(); fwd = torch.compile(lambda x, y: loss_fn(net(x), y)); upd = torch.compile(opt.step)
                def step():
                    opt.zero_grad(); l = fwd(x, y); l.backward(); upd(); return l
            else:
                def step():
                    opt.zero_grad(); l = fb(x, y); opt.step(); return l
            first = None
            for _ in range(3):
                step()
                if first is None: first = time.time() - t0
            ts, end = [], time.time() + args.seconds
            while time.time() < end or len(ts) < 5:
                a = time.perf_counter(); step(); ts.append(time.perf_counter() - a)
            flop = {}
            if mode == "eager":  # of contractions and convolutions, in the step as a whole
                with FlopCounterMode(display=False) as counter: step()
                flop = {"flop": counter.get_total_flops()}
            print(json.dumps({"model": name, "mode": mode, "step_us": round(statistics.median(ts) * 1e6, 1),
                              "min_us": round(min(ts) * 1e6, 1), "first_step_s": round(first, 2), "n": len(ts),
                              "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} | flop), flush=True)
        except Exception as e:
            print(json.dumps({"model": name, "mode": mode, "error": repr(e)[:300]}), flush=True)

"""The recipe of frontend/examples/gpt.cpp in PyTorch: same text, windows, schedule and initial distributions; prints the validation loss to compare.

usage: gpt.py [steps]     (PyTorch 2.13; 1000 steps as the example in full)
"""
import math, os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F

LENGTH, WIDTH, LAYERS, HEADS, BATCH, PEAK = 128, 128, 4, 4, 16, 1e-3


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.qkv, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.norm2, self.up, self.down = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(n, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.tokens = nn.Parameter(torch.randn(vocabulary, WIDTH) * 0.02)
        self.positions = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH)

    def loss(self, x, y):
        logits = F.linear(self.norm(self.blocks(self.tokens[x] + self.positions)), self.tokens)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def texts():
    folder = "/usr/share/common-licenses"
    files = sorted(f for f in os.listdir(folder) if not os.path.islink(os.path.join(folder, f)))
    all_texts = [open(os.path.join(folder, f), "rb").read() for f in files]
    characters = sorted(set(b"".join(all_texts)))
    number = {c: i for i, c in enumerate(characters)}
    cut = [len(t) - len(t) // 10 for t in all_texts]
    encode = lambda parts: torch.tensor([number[c] for p in parts for c in p])
    return len(characters), encode(t[:c] for t, c in zip(all_texts, cut)), encode(t[c:] for t, c in zip(all_texts, cut))


class Windows:
    def __init__(self):
        self.state = 1

    def batch(self, text):
        starts = []
        for _ in range(BATCH):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
            starts.append((self.state >> 33) % (len(text) - LENGTH))
        return torch.stack([text[s:s + LENGTH] for s in starts]), torch.stack([text[s + 1:s + 1 + LENGTH] for s in starts])


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    torch.manual_seed(0)
    vocabulary, train, validation = texts()
    net = Gpt(vocabulary)
    optimizer = torch.optim.AdamW(net.parameters(), lr=PEAK, weight_decay=0.1)
    windows, warm_up = Windows(), steps // 10
    for i in range(steps):
        rate = (i + 1) / warm_up if i < warm_up else 0.5 * (1 + math.cos(math.pi * (i - warm_up) / (steps - warm_up)))
        optimizer.param_groups[0]["lr"] = PEAK * rate
        optimizer.zero_grad()
        loss = net.loss(*windows.batch(train))
        loss.backward()
        optimizer.step()
        if (i + 1) % 100 == 0:
            print(f"step {i + 1}: loss {loss.item():.4f}", flush=True)
    held_out = Windows()
    with torch.no_grad():
        print(f"validation loss {sum(net.loss(*held_out.batch(validation)).item() for _ in range(40)) / 40:.4f}")

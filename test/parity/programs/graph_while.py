from twin import *
from torch import nn
import torch.nn.functional as F


class Equilibrium(nn.Module):
    def __init__(self, i, hidden, bound):
        super().__init__()
        self.input, self.inner, self.output, self.bound = nn.Linear(i, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1), bound

    def forward(self, x):
        injected = self.input(x)
        now, before = torch.zeros_like(injected), torch.ones_like(injected)
        for _ in range(self.bound):
            if not (now - before).abs().max() > 1e-3:
                break
            now, before = torch.tanh(0.5 * self.inner(now) + injected), now
        return self.output(now)


write(__file__, lambda: Equilibrium(4, 5, 12), lambda net: torch.optim.Adam(net.parameters(), lr=3e-3), lambda s: (s.tensor((6, 4)), s.tensor((6, 1))),
      minimise(lambda net, x, y: F.mse_loss(net(x), y)))

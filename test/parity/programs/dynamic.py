from twin import *
from torch import nn
import torch.nn.functional as F


class DynamicNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.input, self.middle, self.output = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 1)

    def forward(self, x):
        h = torch.relu(self.input(x))
        for _ in range(3 if x.abs().sum().item() > x.numel() * 0.8 else 1):
            h = torch.relu(self.middle(h)) + h
        if h.mean().item() > 1:
            h = h / h.mean()
        return self.output(h)


write(__file__, DynamicNet, lambda net: torch.optim.Adam(net.parameters(), lr=3e-3), lambda s: (s.tensor((6, 8), 1.6), s.tensor((6, 1))),
      minimise(lambda net, x, y: F.mse_loss(net(x), y)))

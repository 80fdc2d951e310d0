from twin import *
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.filter, self.gate = nn.Conv1d(width, width, 2, dilation=dilation), nn.Conv1d(width, width, 2, dilation=dilation)
        self.residual, self.skip, self.past = nn.Conv1d(width, width, 1), nn.Conv1d(width, width, 1), dilation

    def forward(self, x):
        padded = F.pad(x, (self.past, 0))
        h = torch.tanh(self.filter(padded)) * torch.sigmoid(self.gate(padded))
        return x + self.residual(h), self.skip(h)


class WaveNet(nn.Module):
    def __init__(self, levels, width, depth):
        super().__init__()
        self.input, self.depth = nn.Conv1d(levels, width, 1), depth
        for i in range(depth):
            self.add_module("block%d" % i, Block(width, 2**i))
        self.hidden, self.output = nn.Conv1d(width, width, 1), nn.Conv1d(width, levels, 1)

    def forward(self, x):
        x, total = self.input(x), 0
        for i in range(self.depth):
            x, skipped = getattr(self, "block%d" % i)(x)
            total = total + skipped
        return self.output(torch.relu(self.hidden(torch.relu(total))))


write(__file__, lambda: WaveNet(6, 4, 3), lambda net: torch.optim.Adam(net.parameters(), lr=2e-3), lambda s: (s.tensor((3, 6, 15)), s.labels(45, 6).view(3, 15)),
      minimise(lambda net, x, y: F.cross_entropy(net(x).transpose(1, 2).flatten(0, 1), y.flatten())))

from twin import *
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, x):
        return self.layers(x.flatten(1))


write(__file__, Net, lambda net: torch.optim.Adam(net.parameters(), lr=1e-3), lambda s: (s.tensor((16, 1, 28, 28)), s.labels(16, 10)),
      minimise(lambda net, x, y: F.cross_entropy(net(x), y)))

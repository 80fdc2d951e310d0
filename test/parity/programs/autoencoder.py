from twin import *
from torch import nn
import torch.nn.functional as F


def make(hidden, code, pixels):
    net = nn.Module()
    net.layers = nn.Sequential(nn.Linear(pixels, hidden), nn.BatchNorm1d(hidden), nn.Tanh(), nn.Linear(hidden, code), nn.Tanh(),
                               nn.Linear(code, hidden), nn.BatchNorm1d(hidden), nn.Tanh(), nn.Linear(hidden, pixels), nn.Sigmoid())
    return net


write(__file__, lambda: make(7, 3, 12), lambda net: torch.optim.RMSprop(net.parameters(), lr=1e-3), lambda s: (s.tensor((8, 12), 0.5) + 0.5,),
      minimise(lambda net, x: F.mse_loss(net.layers(x), x)))

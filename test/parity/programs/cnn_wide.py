from twin import *
from torch import nn
import torch.nn.functional as F


class CnnWide(nn.Module):
    def __init__(self, width, side):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(width * side * side, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(torch.relu(self.conv2(torch.relu(self.conv1(x)))).flatten(1))))


write(__file__, lambda: CnnWide(4, 10), lambda net: torch.optim.Adam(net.parameters(), lr=1e-3), lambda s: (s.tensor((6, 1, 10, 10)), s.labels(6, 10)),
      minimise(lambda net, x, y: F.cross_entropy(net(x), y)))

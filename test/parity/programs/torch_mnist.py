from twin import *
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 64), nn.Linear(64, 32), nn.Linear(32, 10)

    def forward(self, x):
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x.reshape(x.size(0), 784))))))


write(__file__, Net, lambda net: torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9), lambda s: (s.tensor((16, 1, 28, 28)), s.labels(16, 10)),
      minimise(lambda net, x, y: F.cross_entropy(net(x), y)))

from twin import *
from torch import nn
import torch.nn.functional as F


class BasicBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.shortcut = nn.Sequential() if stride == 1 and i == o else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self, width, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        layers, i = [], width
        for k in (1, 2, 4, 8):
            layers += [BasicBlock(i, k * width, 1 if k == 1 else 2), BasicBlock(k * width, k * width, 1)]
            i = k * width
        self.layers, self.fc = nn.Sequential(*layers), nn.Linear(i, 10)

    def forward(self, x):
        return self.fc(self.layers(torch.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


write(__file__, lambda: ResNet18(2, 3), lambda net: torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True),
      lambda s: (s.tensor((4, 3, 16, 16)), s.labels(4, 10)), minimise(lambda net, x, y: F.cross_entropy(net(x), y)))

from twin import *
from torch import nn
import torch.nn.functional as F


class Vgg16(nn.Module):
    def __init__(self, width):
        super().__init__()
        layers, i = [], 3
        for o, n in ((width, 2), (2 * width, 2), (4 * width, 3), (8 * width, 3), (8 * width, 3)):
            for _ in range(n):
                layers += [nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU()]
                i = o
            layers.append(nn.MaxPool2d(2))
        self.features, self.classifier = nn.Sequential(*layers), nn.Sequential(nn.Dropout(0.0), nn.Linear(i, 10))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def optimizer(net):
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    return sgd, torch.optim.lr_scheduler.StepLR(sgd, 7, 0.1)


def step(net, optimizer, x, y):
    loss = minimise(lambda net, x, y: F.cross_entropy(net(x), y))(net, optimizer[0], x, y)
    optimizer[1].step()
    return loss


write(__file__, lambda: Vgg16(2), optimizer, lambda s: (s.tensor((4, 3, 32, 32)), s.labels(4, 10)), step)

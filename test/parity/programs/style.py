from twin import *
from torch import nn
import torch.nn.functional as F


class ModulatedConv(nn.Module):
    def __init__(self, i, o, kernel, code):
        super().__init__()
        self.weight, self.style = nn.Parameter(torch.empty(o, i, kernel, kernel)), nn.Linear(code, i)

    def forward(self, x, w):
        n, (o, i, k, _) = x.size(0), self.weight.shape
        scaled = self.weight[None] * (self.style(w) + 1).view(n, 1, i, 1, 1)
        normal = scaled * torch.rsqrt(scaled.pow(2).sum((2, 3, 4), keepdim=True) + 1e-8)
        y = F.conv2d(x.reshape(1, n * i, *x.shape[2:]), normal.reshape(n * o, i, k, k), padding=k // 2, groups=n)
        return y.view(n, o, *x.shape[2:])


class StyleGenerator(nn.Module):
    def __init__(self, attributes, code, w):
        super().__init__()
        self.constant = nn.Parameter(torch.empty(1, w, 4, 4))
        self.mapping = nn.Sequential(nn.Linear(attributes, code), nn.SiLU(), nn.Linear(code, code), nn.SiLU())
        self.conv1, self.conv2, self.conv3 = (ModulatedConv(w, w, 3, code) for _ in range(3))
        self.colour = ModulatedConv(w, 3, 1, code)

    def forward(self, a):
        w = self.mapping(a)
        twice = lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.silu(self.conv1(self.constant.expand(a.size(0), -1, -1, -1), w))
        x = F.silu(self.conv3(twice(F.silu(self.conv2(twice(x), w))), w))
        return torch.sigmoid(self.colour(x, w))


write(__file__, lambda: StyleGenerator(6, 5, 4), lambda net: torch.optim.Adam(net.parameters(), lr=2e-3),
      lambda s: (s.tensor((3, 6), 0.5) + 0.5, s.tensor((3, 3, 16, 16), 0.5) + 0.5), minimise(lambda net, a, y: F.mse_loss(net(a), y)))

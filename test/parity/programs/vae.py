from twin import *
from torch import nn
import torch.nn.functional as F


class Vae(nn.Module):
    def __init__(self, size, hidden, code):
        super().__init__()
        self.encoder, self.mean, self.log_variance = nn.Linear(size, hidden), nn.Linear(hidden, code), nn.Linear(hidden, code)
        self.decoder, self.pixels = nn.Linear(code, hidden), nn.Linear(hidden, size)

    def loss(self, x, noise):
        h = torch.relu(self.encoder(x))
        m, v = self.mean(h), self.log_variance(h)
        logits = self.pixels(torch.relu(self.decoder(m + noise * torch.exp(0.5 * v))))
        return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") - 0.5 * torch.sum(1 + v - m * m - v.exp())) / x.size(0)


write(__file__, lambda: Vae(12, 9, 4), lambda net: torch.optim.Adam(net.parameters(), lr=1e-3),
      lambda s: (s.tensor((6, 12), 0.4) + 0.5, s.tensor((6, 4))), minimise(lambda net, x, noise: net.loss(x, noise)))

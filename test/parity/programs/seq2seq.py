from twin import *
from torch import nn
import torch.nn.functional as F


class Seq2Seq(nn.Module):
    def __init__(self, symbols, size):
        super().__init__()
        self.source, self.target = nn.Embedding(symbols, size), nn.Embedding(symbols + 1, size)
        self.encoder, self.decoder = nn.GRU(size, size, batch_first=True), nn.GRUCell(2 * size, size)
        self.query, self.key, self.score = nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, 1)
        self.out = nn.Linear(2 * size, symbols)

    def forward(self, x, previous):
        states, last = self.encoder(self.source(x))
        keys, h, logits = self.key(states), last[0], []
        for symbol in self.target(previous).unbind(1):
            weights = self.score(torch.tanh(keys + self.query(h).unsqueeze(1))).softmax(1)
            context = (weights * states).sum(1)
            h = self.decoder(torch.cat([symbol, context], 1), h)
            logits.append(self.out(torch.cat([h, context], 1)))
        return torch.stack(logits, 1)


write(__file__, lambda: Seq2Seq(5, 6), lambda net: torch.optim.Adam(net.parameters(), lr=2e-3),
      lambda s: (s.labels(28, 5).view(4, 7), s.labels(12, 6).view(4, 3), s.labels(12, 5).view(4, 3)),
      minimise(lambda net, x, previous, y: F.cross_entropy(net(x, previous).flatten(0, 1), y.flatten())))

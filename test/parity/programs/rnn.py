from twin import *
from torch import nn
import torch.nn.functional as F


class SineRnn(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.rnn, self.fc = nn.RNN(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0])


write(__file__, lambda: SineRnn(6), lambda net: torch.optim.Adam(net.parameters(), lr=3e-3), lambda s: (s.tensor((5, 9, 1)), s.tensor((5, 9, 1))),
      minimise(lambda net, x, y: F.mse_loss(net(x), y)))

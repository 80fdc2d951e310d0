from twin import *
from torch import nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, pixels, hidden):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(pixels, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


def step(net, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    return loss


write(__file__, lambda: Classifier(5, 6), lambda net: torch.optim.Adam(net.parameters(), lr=1e-3), lambda s: (s.tensor((4, 7, 5)), s.labels(4, 10)), step)

from twin import *
from torch import nn
import torch.nn.functional as F


def generator(code, w):
    return nn.Sequential(nn.ConvTranspose2d(code, 4 * w, 7, bias=False), nn.BatchNorm2d(4 * w), nn.ReLU(),
                         nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * w), nn.ReLU(),
                         nn.ConvTranspose2d(2 * w, 1, 4, 2, 1), nn.Tanh())


def discriminator(w):
    return nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * w), nn.LeakyReLU(0.2),
                         nn.Conv2d(2 * w, 1, 7))


def judge(logits, real):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))


def step(net, optimizers, x, noise):
    g, d = net["generator"], net["discriminator"]
    loss = minimise(lambda _: judge(d(x), 1.0) + judge(d(g(noise).detach()), 0.0))(net, optimizers[0])
    minimise(lambda _: judge(d(g(noise)), 1.0))(net, optimizers[1])
    return loss


adam = lambda net: torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))
write(__file__, lambda: nn.ModuleDict({"generator": generator(3, 2), "discriminator": discriminator(2)}),
      lambda net: (adam(net["discriminator"]), adam(net["generator"])), lambda s: (s.tensor((3, 1, 28, 28)), s.tensor((3, 3, 1, 1))), step)

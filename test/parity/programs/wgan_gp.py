from twin import *
from torch import nn


def mlp(i, h, o):
    return nn.Sequential(nn.Linear(i, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, o))


def critic_loss(critic, real, fake, share):
    between = (share * real + (1 - share) * fake).detach().requires_grad_()
    slope = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    penalty = ((slope.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean()
    return critic(fake).mean() - critic(real).mean() + 10 * penalty


def step(net, optimizers, real, noise, share):
    critic, generator = net["critic"], net["generator"]
    critics = minimise(lambda _: critic_loss(critic, real, generator(noise).detach(), share))
    loss = critics(net, optimizers[0])
    minimise(lambda _: -critic(generator(noise)).mean())(net, optimizers[1])
    return loss


adam = lambda net: torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.9))
write(__file__, lambda: nn.ModuleDict({"critic": mlp(2, 10, 1), "generator": mlp(2, 10, 2)}), lambda net: (adam(net["critic"]), adam(net["generator"])),
      lambda s: (s.tensor((7, 2), 2.0), s.tensor((7, 2)), s.tensor((7, 1), 0.5) + 0.5), step)

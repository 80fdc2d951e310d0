// An autoencoder with batch normalisation.
#include "../models.h"

using namespace tenon;

static Training autoencoder() {
  nn::Sequential net(nn::Linear(784, 512), nn::BatchNorm1d(512), nn::Tanh(), nn::Linear(512, 64), nn::Tanh(), nn::Linear(64, 512), nn::BatchNorm1d(512), nn::Tanh(),
                     nn::Linear(512, 784), nn::Sigmoid());
  Tensor x = rand({128, 784});
  return training(net, optim::RMSprop(net->parameters(), optim::RMSpropOptions(1e-3)), mean_squared_error, x, x);
}

static Register registered{"autoencoder_b128_rms", autoencoder};

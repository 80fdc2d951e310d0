// Optimizers and schedulers.
#pragma once
#include <tenon/optim/adagrad.h>
#include <tenon/optim/adam.h>
#include <tenon/optim/lr_scheduler.h>
#include <tenon/optim/optimizer.h>
#include <tenon/optim/rmsprop.h>
#include <tenon/optim/sgd.h>

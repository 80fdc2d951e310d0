// Everything about networks: modules, layers, losses, initialisers, functions.
#pragma once
#include <tenon/functional/functional.h>
#include <tenon/nn/activation.h>
#include <tenon/nn/attention.h>
#include <tenon/nn/container.h>
#include <tenon/nn/conv.h>
#include <tenon/nn/embedding.h>
#include <tenon/nn/holder.h>
#include <tenon/nn/init.h>
#include <tenon/nn/linear.h>
#include <tenon/nn/loss.h>
#include <tenon/nn/module.h>
#include <tenon/nn/norm.h>
#include <tenon/nn/rnn.h>
#include <tenon/nn/pooling.h>
#include <tenon/nn/sequential.h>
#include <tenon/nn/transformer.h>

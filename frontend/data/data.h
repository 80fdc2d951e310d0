// Everything about data: datasets, transforms, samplers, loaders.
#pragma once
#include <tenon/data/dataset.h>
#include <tenon/data/example.h>
#include <tenon/data/loader.h>
#include <tenon/data/mnist.h>
#include <tenon/data/samplers.h>
#include <tenon/data/tensor_dataset.h>
#include <tenon/data/transforms.h>

// Everything a program needs: #include <tenon/tenon.h>.
#pragma once
#include <tenon/data/data.h>
#include <tenon/nn/nn.h>
#include <tenon/onnx/load.h>
#include <tenon/onnx/onnx.h>
#include <tenon/optim/optim.h>
#include <tenon/serialize.h>
#include <tenon/tensor/control.h>
#include <tenon/tensor/tensor.h>

// The dialect `nn`: registration, and the methods generated from its entries.
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/nn/compositions.h"
#include "compiler/dialect/nn/onnx.h"
#include "compiler/dialect/nn/recurrent.h"
#include "compiler/dialect/nn/math.h"
#include "compiler/dialect/nn/resize.h"
#include "compiler/dialect/nn/window.h"

#include "compiler/dialect/nn/Nn.dialect.cpp.inc"
#include "compiler/dialect/nn/Nn.enums.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/nn/Nn.cpp.inc"

void tenon::ir::nn::NnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/nn/Nn.cpp.inc"
      >();
}

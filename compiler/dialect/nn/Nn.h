// The dialect `nn`.
#pragma once
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/dialect/prim/Prim.h"

#include "compiler/dialect/nn/Nn.dialect.h.inc"
#include "compiler/dialect/nn/Nn.enums.h.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/nn/Nn.h.inc"

// The op interfaces of Tenon, with what their methods speak of.
#pragma once
#include "compiler/dialect/interfaces/autocast.h"
#include "compiler/dialect/interfaces/expr.h"
#include "compiler/dialect/interfaces/literal.h"
#include "compiler/dialect/interfaces/onnx.h"
#include "compiler/dialect/interfaces/samples.h"
#include "compiler/dialect/interfaces/window.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/OpDefinition.h"
#include "compiler/dialect/interfaces/Interfaces.interfaces.h.inc"

// The elements of a tensor as an attribute, and where an attribute has them.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include <optional>

namespace tenon::ir {

/// Bytes as in a Literal as an attribute.
mlir::DenseElementsAttr denseElements(mlir::RankedTensorType type, llvm::ArrayRef<char> data);
/// The same without a copy, unless they are few: the attribute refers to `data`, which has to live as long as something reads it.
mlir::ElementsAttr elementsAt(mlir::RankedTensorType type, llvm::ArrayRef<char> data);
/// The elements where they lie; none where they are not written out as in a Literal (splats, flags).
std::optional<llvm::ArrayRef<char>> bytesIn(mlir::ElementsAttr elements);

} // namespace tenon::ir

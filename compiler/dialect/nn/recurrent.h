// Recurrent layers as scans.
#pragma once
#include "compiler/dialect/nn/compositions.h"

namespace tenon::ir::nn {

enum class Cell { tanh, relu, lstm, gru };

/// What rnn, lstm and gru have in common.
struct Recurrent {
  mlir::Value x, w_ih, w_hh, lengths;
  mlir::ValueRange states, bias;
  bool reverse;
  template <class Op>
  explicit Recurrent(Op op)
      : x(op.getX()), w_ih(op.getWIh()), w_hh(op.getWHh()), lengths(op.getLengths()), states(op.getStates()), bias(op.getBias()), reverse(op.getReverse()) {}
};

llvm::FailureOr<llvm::SmallVector<mlir::Value>> recurrentScan(const Recurrent &layer, mlir::ImplicitLocOpBuilder &b, Cell cell);
llvm::LogicalResult verifyRecurrentShapes(const Recurrent &layer, mlir::Operation *op, int64_t gates, int64_t states);

template <class Op> llvm::FailureOr<llvm::SmallVector<mlir::Value>> recurrent(Op op, mlir::ImplicitLocOpBuilder &b, Cell cell) { return recurrentScan(Recurrent(op), b, cell); }
template <class Op> llvm::LogicalResult verifyRecurrent(Op op, int64_t gates, int64_t states) { return verifyRecurrentShapes(Recurrent(op), op, gates, states); }

} // namespace tenon::ir::nn

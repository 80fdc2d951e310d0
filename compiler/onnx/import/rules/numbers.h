// Numbers of a file: operands of one, bounds of what it may ask for, the order of those without a sign.
#pragma once
#include "compiler/onnx/import/node.h"
#include <cmath>

namespace tenon::onnx::imports {

/// Places that a rule lists: a small file can ask for more than there is memory.
constexpr int64_t mostPlaces = int64_t(1) << 24;
inline bool within(int64_t v, int64_t limit) { return v > -limit && v < limit; }

/// x in an order that i64 has: unsigned numbers of 64 bits from 2^63 on lie below zero there. Its own inverse.
inline Expr ordered(Expr x, int dtype) { return dtype == pb::TensorProto::UINT64 ? x + -std::ldexp(1.0, 63) : x; }

/// An operand of one integer that decides shapes.
inline int64_t integerOf(Node &n, size_t i) {
  Dims v = n.ints(i);
  n.expect(v.size() == 1, "operand " + llvm::Twine(i) + " must be one number");
  return v[0];
}

} // namespace tenon::onnx::imports

// What autocast does to the operands of an op.
#pragma once

namespace tenon::ir {
/// low: floats become the low type. single: they become f32. Doubles stay as they are.
enum class Autocast { keep, low, single };
} // namespace tenon::ir

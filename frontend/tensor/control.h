// Loops and branches that are part of the program: their bodies are recorded once, with tensors whose numbers are not known yet.
#pragma once
#include "../arg.h"
#include "tensor.h"
#include <functional>

namespace tenon {

/// What one step of a scan is given and gives.
struct ScanOptions {
  /// From the last slice to the first; results stay in the order of the slices.
  TENON_ARG(bool, reverse) = false;
  /// Steps, where nothing is scanned (no xs).
  TENON_ARG(std::optional<int64_t>, length) = std::nullopt;
  /// backward() reads what the steps leave for it, memory that grows with their number. With chunk(n) only the carries that every n steps begin with are
  /// left, and each n steps are computed again: memory of length / n + n steps (least for n near the root of the length) for one more forward pass. The
  /// numbers do not depend on it, but for gradients of tensors from outside of the body, which compiled code sums chunk by chunk.
  TENON_ARG(std::optional<int64_t>, chunk) = std::nullopt;
};
struct WhileOptions {
  /// The most steps that are taken. backward() needs it: what it reads is kept for so many.
  TENON_ARG(std::optional<int64_t>, bound) = std::nullopt;
};

/// carries, slices -> next carries, results of the step.
using ScanBody = std::function<std::pair<TensorList, TensorList>(const TensorList &carries, const TensorList &slices)>;

/// A loop over the leading dimension (of T slices) of every tensor of `xs`. `body` gets the carries and slice t of each and returns the next carries (shapes and
/// dtypes unchanged) and the results of the step. Returns the last carries, and each result stacked: [T, ...]. The code does not grow with T.
///   auto [last, outputs] = tenon::scan([&](const TensorList &h, const TensorList &x) {
///     auto next = tanh(x[0] + matmul(h[0], weight));
///     return std::pair(TensorList{next}, TensorList{next});
///   }, {h0}, {inputs});
/// Tensors from outside may be used in the body, and are differentiated too. It runs define-by-run and inside compile(); inside, item(), backward() and in-place
/// writes of outer tensors are errors. Errors: xs of different lengths or of rank 0; no xs and no length; a chunk below 1; carries that change shape or dtype.
std::pair<TensorList, TensorList> scan(const ScanBody &body, const TensorList &carries, const TensorList &xs, const ScanOptions &options = {},
                                       Location loc = Location::current());

/// While `condition` (a boolean tensor of one element, computed of the carries) holds, the carries become what `body` makes of them. Returns the last carries.
/// backward() needs WhileOptions().bound(n), and is a scan over n steps.
TensorList while_loop(const std::function<Tensor(const TensorList &)> &condition, const std::function<TensorList(const TensorList &)> &body, const TensorList &carries,
                      const WhileOptions &options = {}, Location loc = Location::current());

/// The results of `then` where `predicate` (a boolean tensor of one element) is true, else those of `otherwise`; only one is computed. Both return as many tensors, of
/// equal shapes and dtypes.
TensorList cond(const Tensor &predicate, const std::function<TensorList()> &then, const std::function<TensorList()> &otherwise, Location loc = Location::current());

} // namespace tenon

// ctc_loss: a scan over time of the forward variables, which the derivative goes back through.
#include <tenon/functional/ctc_loss.h>

#include "frontend/functional/check.h"
#include "frontend/tensor/control.h"
#include "frontend/tensor/places.h"

#include <limits>

namespace tenon {
namespace {

using detail::checked_index;
using detail::gather_axis;

/// In place of the logarithm of 0: far below every likelihood, and finite, so that derivatives are.
constexpr double never = -1e30;

void check(const Tensor &log_probs, const Tensor &targets, const Tensor &inputs, const Tensor &lengths, const nn::CTCLossOptions &options, Location loc) {
  const char *op = "ctc_loss";
  detail::expect_floating(op, "log_probs", log_probs, loc);
  for (auto [what, t] : {std::pair("targets", &targets), {"input_lengths", &inputs}, {"target_lengths", &lengths}}) {
    detail::expect_defined(op, what, *t, loc);
    if (t->scalar_type() != kLong && t->scalar_type() != kInt)
      throw record::error(op, std::string("expected ") + what + " of int64 or int32, came " + record::text(*t), loc);
  }
  int64_t n = log_probs.dim() == 3 ? log_probs.size(1) : 1;
  if (log_probs.dim() < 2 || log_probs.dim() > 3 || log_probs.size(0) < 1)
    throw record::error(op, "expected log_probs [T, N, C] or [T, C] of at least one step, came " + record::text(log_probs), loc);
  if (targets.dim() < 1 || targets.dim() > 2 || (targets.dim() == 2 && targets.size(0) != n))
    throw record::error(op, "expected targets [N, S] or all of them joined for log_probs " + record::text(log_probs) + ", came " + record::text(targets), loc);
  if (inputs.numel() != n || lengths.numel() != n || inputs.dim() > 1 || lengths.dim() > 1)
    throw record::error(op, "expected one input length and one target length per sequence of log_probs " + record::text(log_probs) + ", came " + record::text(inputs) + " and " + record::text(lengths), loc);
  if (options.blank() < 0 || options.blank() >= log_probs.size(-1))
    throw record::error(op, "expected blank in [0, " + std::to_string(log_probs.size(-1)) + "), came " + std::to_string(options.blank()), loc);
}

struct Ctc {
  Location loc;
  Dtype dtype;
  Device device;
  int64_t steps, batch, classes, most, places; // places: labels with blanks around them
  Tensor whole(int64_t n) const { return record::constant(n, kLong, {}, loc); }
  Tensor real(double x) const { return record::constant(x, dtype, {}, loc); }
  Operand of(const Tensor &t) const { return {t, loc}; }
  Tensor count(IntArrayRef shape, int64_t n) const { return arange(n, TensorOptions(kLong).device(device), loc).view(shape, loc); }

  /// The labels as [N, S]; blank beyond a target's end.
  Tensor padded(const Tensor &targets, const Tensor &lengths, int64_t blank) const {
    auto column = count({1, most}, most), inside = column.lt(of(lengths));
    Tensor labels = record::cast(targets, kLong, loc);
    if (targets.dim() == 1) { // joined: each begins where those before it end
      auto begin = lengths.view({batch}, loc).cumsum(0, loc).view({batch, 1}, loc).sub(of(lengths));
      auto place = checked_index("ctc_loss: target_lengths", where(inside, of(begin.add(of(column))), of(whole(0))), std::max<int64_t>(most, 1), false, loc);
      labels = gather_axis(labels, place, 0, loc);
    }
    return checked_index("ctc_loss: targets", where(inside, of(labels), of(whole(blank))), classes, false, loc);
  }

  Tensor log_add(const TensorList &terms) const {
    auto top = terms[0];
    for (size_t i = 1; i < terms.size(); ++i)
      top = top.maximum(of(terms[i]));
    top = top.detach(loc);
    Tensor sum;
    for (auto &t : terms) {
      auto e = t.sub(of(top)).exp(loc);
      sum = sum.defined() ? sum.add(of(e)) : e;
    }
    return sum.log(loc).add(of(top));
  }
  /// Moved `by` places to the right.
  Tensor shifted(const Tensor &alpha, int64_t by) const {
    if (by >= places)
      return record::constant(never, dtype, {batch, places}, loc);
    return cat({record::constant(never, dtype, {batch, by}, loc), alpha.narrow(1, 0, places - by, loc)}, 1, loc);
  }

  Tensor losses(const Tensor &log_probs, const Tensor &labels, const Tensor &inputs, const Tensor &lengths, int64_t blank) const {
    auto blanks = record::constant(blank, kLong, {batch, most, 1}, loc);
    auto pairs = cat({blanks, labels.unsqueeze(2, loc)}, 2, loc).view({batch, 2 * most}, loc);
    auto extended = cat({pairs, record::constant(blank, kLong, {batch, 1}, loc)}, 1, loc);
    auto place = extended.add(of(count({batch, 1}, batch).mul(of(whole(classes))))); // in [N, C], flat
    // A label may follow another without a blank between them, unless they are equal.
    auto older = most ? cat({record::constant(blank, kLong, {batch, std::min<int64_t>(2, places)}, loc), extended.narrow(1, 0, places - std::min<int64_t>(2, places), loc)}, 1, loc) : extended;
    auto skips = extended.ne(of(whole(blank))).logical_and(of(extended.ne(of(older))));
    // Before the first step all likelihood is on a place in front: places 0 and 1 follow it.
    auto first = where(count({1, places}, places).lt(of(whole(2))).expand({batch, places}, loc), of(real(0)), of(real(never)));
    auto step = [&](const TensorList &carry, const TensorList &slice) {
      auto &alpha = carry[0], &time = carry[1];
      auto moved = log_add({alpha, shifted(alpha, 1), where(skips, of(shifted(alpha, 2)), of(real(never)))});
      auto from = where(time.eq(of(whole(0))), of(first), of(moved));
      auto next = from.add(of(gather_axis(slice[0].view({-1}, loc), place, 0, loc))).maximum(of(real(2 * never)));
      next = where(time.lt(of(inputs)), of(next), of(alpha));
      return std::pair(TensorList{next, time.add(of(whole(1)))}, TensorList{});
    };
    auto zero = record::constant(0, kLong, {}, loc);
    auto last = scan(step, {record::constant(never, dtype, {batch, places}, loc), zero}, {log_probs}, {}, loc).first[0];
    auto column = count({1, places}, places), end = lengths.mul(of(whole(2)));
    auto final = column.eq(of(end)).logical_or(of(column.eq(of(end.sub(of(whole(1)))))));
    auto ends = where(final, of(last), of(real(never)));
    auto top = ends.amax(1, true, loc).detach(loc);
    return ends.sub(of(top)).exp(loc).sum(1, false, std::nullopt, loc).log(loc).add(of(top.view({batch}, loc))).neg(loc);
  }
};

} // namespace

namespace nn::functional {

Tensor ctc_loss(const Tensor &log_probs, const Tensor &targets, const Tensor &input_lengths, const Tensor &target_lengths, const CTCLossFuncOptions &options, Location loc) {
  check(log_probs, targets, input_lengths, target_lengths, options, loc);
  bool alone = log_probs.dim() == 2;
  auto x = alone ? log_probs.unsqueeze(1, loc) : log_probs;
  auto most = targets.size(-1);
  Ctc ctc{loc, x.scalar_type(), x.device(), x.size(0), x.size(1), x.size(2), most, 2 * most + 1};
  auto inputs = checked_index("ctc_loss: input_lengths", input_lengths.to(x.device(), loc).view({ctc.batch, 1}, loc), ctc.steps + 1, false, loc);
  auto lengths = checked_index("ctc_loss: target_lengths", target_lengths.to(x.device(), loc).view({ctc.batch, 1}, loc), most + 1, false, loc);
  auto there = targets.to(x.device(), loc), single = alone && targets.dim() == 1 ? there.unsqueeze(0, loc) : there;
  auto loss = ctc.losses(x, ctc.padded(single, lengths, options.blank()), inputs, lengths, options.blank());
  auto impossible = loss.gt(ctc.of(ctc.real(-never / 2)));
  loss = where(impossible, ctc.of(ctc.real(options.zero_infinity() ? 0 : std::numeric_limits<double>::infinity())), {loss, loc});
  if (options.reduction() == kNone)
    return alone ? loss.view({}, loc) : loss;
  if (options.reduction() == kSum)
    return loss.sum(std::nullopt, loc);
  return loss.div({lengths.view({ctc.batch}, loc).maximum(ctc.of(ctc.whole(1))).to(ctc.dtype, loc), loc}).mean(std::nullopt, loc);
}

} // namespace nn::functional
} // namespace tenon

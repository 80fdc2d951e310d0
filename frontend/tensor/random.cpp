// Random numbers: Philox by (seed, counter). Counters are handed out when an op is written, used or not, so that
// define-by-run, compiled functions and devices draw the same numbers.
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/capture.h"
#include "frontend/tensor/random.h"
#include "frontend/tensor/record.h"
#include <cmath>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

namespace {

/// Two slots of rank 0, named state of every artifact that draws.
struct Generator {
  Tensor seed, counter;
  static Tensor slot(int64_t value, const char *name) {
    auto p = make_stored({}, kLong, Location::current());
    store_scalar(p->storage->host(Use::Replace), kLong, value);
    auto t = Access::wrap(std::move(p));
    record::add_state_name(t, [name] { return record::StateName{name}; });
    return t;
  }
  Generator() : seed(slot(0, "generator.seed")), counter(slot(0, "generator.counter")) {}
};
Generator &generator() {
  static auto *g = new Generator;
  return *g;
}
/// The slot's number on the host. Compiled functions move the counter in its memory.
int64_t &number(const Tensor &slot) { return *static_cast<int64_t *>(Access::impl(slot)->storage->host(Use::Change)); }

} // namespace

void manual_seed(uint64_t seed) {
  Lock lock;
  if (current_capture())
    throw Error("manual_seed: the generator cannot be restarted inside a compiled function");
  number(generator().seed) = int64_t(seed);
  number(generator().counter) = 0;
}

namespace {
thread_local Draws *noted = nullptr;
}
namespace detail {
DrawScope::DrawScope(Draws &draws) {
  draws.outer = std::exchange(noted, &draws);
  draws_ = &draws;
}
DrawScope::~DrawScope() { noted = draws_->outer; }
} // namespace detail

namespace record {

namespace {
Draw draw_now(int64_t n, Location loc);
Draw take(Draws *draws, int64_t n, Location loc) {
  if (!draws)
    return draw_now(n, loc);
  if (!draws->replaying)
    return draws->taken.emplace_back(take(draws->outer, n, loc));
  if (draws->next == draws->taken.size())
    throw record::error("checkpoint", "the function draws more random numbers when it is run again", loc);
  return draws->taken[draws->next++];
}
} // namespace

Draw draw(int64_t n, Location loc) {
  Lock lock;
  return current_trace().body ? draw_now(n, loc) : take(noted, n, loc);
}

namespace {
Draw draw_now(int64_t n, Location loc) {
  auto &g = generator();
  if (auto &trace = current_trace(); trace.body) {
    auto *body = trace.body;
    if (!body->loop) { // of a branch, taken or not
      OutsideBody outside(trace);
      return draw(n, loc);
    }
    // The loop carries a counter; where it starts is known when the body is (control.cpp).
    if (body->counter == no_value) {
      trace.words.insert(trace.words.end(), {tag_body, tag_body});
      body->counter = trace.add_value(body->block->addArgument(detail::tensor_type({}, kLong), mlir_location(loc)));
    }
    auto at = wrap_value(trace, body->counter, loc, false);
    if (body->drawn)
      at = op<prim::AddOp>({at, constant(body->drawn, kLong, {}, loc)}, loc);
    body->drawn += n;
    OutsideBody outside(trace, true);
    return {current_recording() ? g.seed : host_number(number(g.seed), kLong, loc), at};
  }
  if (auto *recording = current_recording()) {
    auto at = g.counter;
    if (recording->drawn)
      at = op<prim::AddOp>({g.counter, constant(recording->drawn, kLong, {}, loc)}, loc);
    recording->drawn += n;
    recording->seed = g.seed;
    recording->counter = g.counter;
    return {g.seed, at};
  }
  auto at = number(g.counter);
  number(g.counter) += n;
  return {host_number(number(g.seed), kLong, loc), host_number(at, kLong, loc)};
}
} // namespace

} // namespace record

namespace detail {
/// At the end of a recording: the counter's new value is one more write of the function.
void finish_draws(Capture &recording, Location loc) {
  if (!recording.drawn)
    return;
  auto &counter = recording.counter;
  NoGradGuard no_grad;
  record::assign("draw", counter, record::op<prim::AddOp>({counter, record::constant(recording.drawn, kLong, {}, loc)}, loc), loc);
  recording.drawn = 0;
}
} // namespace detail

namespace {

Dtype real_dtype(const char *op, const TensorOptions &o, Location loc) {
  auto dtype = o.has_dtype() ? o.dtype() : get_default_dtype();
  if (!is_floating_point(dtype))
    throw record::error(op, std::string("expected a floating-point dtype, got ") + name(dtype), loc);
  return dtype;
}
int64_t count(IntArrayRef sizes) {
  int64_t n = 1;
  for (auto s : sizes)
    n *= s;
  return n;
}
template <class OpTy> Tensor random(const char *op, IntArrayRef sizes, Dtype dtype, const Device &device, Location loc) {
  Lock lock;
  for (auto s : sizes)
    if (s < 0)
      throw record::error(op, "expected sizes that are not negative, got " + record::shape_text(sizes), loc);
  auto d = record::draw(count(sizes), loc);
  return placed(record::op_as<OpTy>(record::tensor_type(sizes, dtype), {d.seed, d.counter}, loc), device_number(op, device, loc));
}
using Uniform = ir::nn::RandomUniformOp;
using Normal = ir::nn::RandomNormalOp;

constexpr double pi = 3.14159265358979323846;
/// In [0, 1), of t's shape; float32 for 16-bit types, whose few values near 0 would show.
Tensor uniform_like(const Tensor &t, Location loc) {
  auto dtype = t.scalar_type();
  return random<Uniform>("uniform", t.sizes(), dtype == kFloat || dtype == kHalf || dtype == kBFloat16 ? kFloat : kDouble, t.device(), loc);
}

Tensor finished(Tensor t, const TensorOptions &o, Location loc) {
  if (o.requires_grad())
    t.set_requires_grad(true, loc);
  return t;
}

} // namespace

Tensor rand(IntArrayRef sizes, const TensorOptions &o, Location loc) { return finished(random<Uniform>("rand", sizes, real_dtype("rand", o, loc), o.device(), loc), o, loc); }
Tensor randn(IntArrayRef sizes, const TensorOptions &o, Location loc) { return finished(random<Normal>("randn", sizes, real_dtype("randn", o, loc), o.device(), loc), o, loc); }
Tensor randint(int64_t low, int64_t high, IntArrayRef sizes, const TensorOptions &o, Location loc) {
  if (low >= high)
    throw record::error("randint", "expected low < high, got " + std::to_string(low) + " and " + std::to_string(high), loc);
  auto u = random<Uniform>("randint", sizes, kDouble, o.device(), loc);
  auto scaled = (Operand(u, loc) * Operand(double(high - low), loc)).floor(loc).add(Operand(double(low), loc));
  return scaled.to(o.has_dtype() ? o.dtype() : kLong, loc);
}
Tensor randint(int64_t high, IntArrayRef sizes, const TensorOptions &o, Location loc) { return randint(0, high, sizes, o, loc); }
Tensor rand_like(const Tensor &t, Location loc) { return rand(t.sizes(), t.options(), loc); }
Tensor randn_like(const Tensor &t, Location loc) { return randn(t.sizes(), t.options(), loc); }

/// from + (to - from) u, mean + std z: the bounds are part of the program, as an initialiser's are.
Tensor Tensor::uniform_(double from, double to, Location loc) const {
  Lock lock;
  auto &p = impl("uniform_", *this, loc);
  if (!(from <= to))
    throw record::error("uniform_", "expected from <= to, got " + std::to_string(from) + " and " + std::to_string(to), loc);
  record::check_writable("uniform_", p->view ? p->view->base : p, loc);
  NoGradGuard no_grad;
  auto u = random<Uniform>("uniform_", sizes(), real_dtype("uniform_", options(), loc), device(), loc);
  return copy_(Operand(u, loc) * Operand(to - from, loc) + Operand(from, loc), false, loc);
}
Tensor Tensor::normal_(double mean, double std, Location loc) const {
  Lock lock;
  auto &p = impl("normal_", *this, loc);
  if (!(std >= 0))
    throw record::error("normal_", "expected std >= 0, got " + std::to_string(std), loc);
  record::check_writable("normal_", p->view ? p->view->base : p, loc);
  NoGradGuard no_grad;
  auto z = random<Normal>("normal_", sizes(), real_dtype("normal_", options(), loc), device(), loc);
  return copy_(Operand(z, loc) * Operand(std, loc) + Operand(mean, loc), false, loc);
}
Tensor Tensor::bernoulli_(double p, Location loc) const {
  Lock lock;
  auto &slot = impl("bernoulli_", *this, loc);
  if (!(p >= 0 && p <= 1))
    throw record::error("bernoulli_", "expected a probability, got " + std::to_string(p), loc);
  record::check_writable("bernoulli_", slot->view ? slot->view->base : slot, loc);
  NoGradGuard no_grad;
  auto u = random<Uniform>("bernoulli_", sizes(), kFloat, device(), loc);
  return copy_((Operand(u, loc) < Operand(p, loc)).to(slot->dtype, loc), false, loc);
}

Tensor Tensor::random_(int64_t from, int64_t to, Location loc) const { return copy_(randint(from, to, sizes(), options().dtype(kLong), loc), false, loc); }
Tensor Tensor::exponential_(double lambd, Location loc) const {
  if (!(lambd > 0))
    throw record::error("exponential_", "expected lambd > 0, got " + std::to_string(lambd), loc);
  auto u = uniform_like(*this, loc);
  auto above_zero = u.clamp_min({u.scalar_type() == kFloat ? 0x1p-25 : 0x1p-54, loc}); // the result has a logarithm
  return copy_(above_zero.neg(loc).log1p(loc).div({-lambd, loc}), false, loc);
}
Tensor Tensor::log_normal_(double mean, double std, Location loc) const { return normal_(mean, std, loc).exp_(loc); }
Tensor Tensor::cauchy_(double median, double sigma, Location loc) const {
  if (!(sigma > 0))
    throw record::error("cauchy_", "expected sigma > 0, got " + std::to_string(sigma), loc);
  auto angle = uniform_like(*this, loc).sub({0.5, loc}).mul({pi, loc});
  return copy_(angle.tan(loc).mul({sigma, loc}).add({median, loc}), false, loc);
}
Tensor Tensor::geometric_(double p, Location loc) const {
  if (!(p > 0 && p < 1))
    throw record::error("geometric_", "expected 0 < p < 1, got " + std::to_string(p), loc);
  auto failures = uniform_like(*this, loc).neg(loc).log1p(loc).div({std::log1p(-p), loc}).floor(loc);
  return copy_(failures.add({1, loc}).to(scalar_type(), loc), false, loc);
}
Tensor Tensor::bernoulli(Location loc) const { return uniform_like(*this, loc).lt({detach(loc), loc}).to(scalar_type(), loc); }
Tensor bernoulli(const Tensor &probabilities, Location loc) { return probabilities.bernoulli(loc); }
Tensor normal(double mean, double std, IntArrayRef sizes, const TensorOptions &o, Location loc) {
  return finished(empty(sizes, o.dtype(real_dtype("normal", o, loc)).requires_grad(false), loc).normal_(mean, std, loc), o, loc);
}
Tensor normal(const Tensor &mean, const Tensor &std, Location loc) {
  auto sizes = record::broadcast_shape("normal", mean.sizes(), std.sizes(), loc);
  return randn(sizes, mean.options(), loc).mul({std, loc}).add({mean, loc}).detach(loc);
}
Tensor randint_like(const Tensor &t, int64_t low, int64_t high, Location loc) { return randint(low, high, t.sizes(), t.options(), loc); }
Tensor randint_like(const Tensor &t, int64_t high, Location loc) { return randint_like(t, 0, high, loc); }

} // namespace tenon

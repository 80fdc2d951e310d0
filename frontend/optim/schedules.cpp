// The formulas of schedules, each written once for numbers of the host and for values of a trace.
#include "frontend/optim/cohort.h"
#include "frontend/optim/lr_scheduler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenon::optim {
namespace {

constexpr double pi = std::numbers::pi;

double choose(bool condition, double a, double b) {
  return condition ? a : b;
}
template <class A, class B> Value choose(const Value &condition, const A &a, const B &b) {
  return where(condition, a, b);
}
double power(double base, double exponent) {
  return std::pow(base, exponent);
}
Value power(const Value &base, double exponent) {
  return {base.tensor.pow({exponent, base.line}), base.line};
}
Value power(double base, const Value &exponent) {
  return tenon::detail::pow(base, exponent);
}
double cosine(double x) {
  return std::cos(x);
}
Value cosine(const Value &x) {
  return {x.tensor.cos(x.line), x.line};
}
double whole(double x) {
  return std::floor(x);
}
Value whole(const Value &x) {
  return {x.tensor.floor(x.line), x.line};
}
double rest(double x, double n) {
  return x - std::floor(x / n) * n;
}
Value rest(const Value &x, double n) {
  return x - whole(x / n) * n;
}
bool both(bool a, bool b) {
  return a && b;
}
Value both(const Value &a, const Value &b) {
  return a & b;
}

std::vector<double> initial_rates(Optimizer &optimizer) {
  std::vector<double> rates;
  for (OptimizerParamGroup &group : optimizer.param_groups())
    rates.push_back(group.options().initial_lr());
  return rates;
}
void expect_factor(const char *who, const char *what, double value, Location loc) {
  detail::expect(std::isfinite(value) && value >= 0, who, what, value, "a finite number that is not negative", loc);
}

} // namespace

#define TENON_FORMULA(Name)                                                                                                                \
  double Name::next(double epoch, double lr, size_t group) const {                                                                         \
    return formula<double>(epoch, lr, group);                                                                                              \
  }                                                                                                                                        \
  Value Name::next(const Value &epoch, const Value &lr, size_t group) const {                                                              \
    return formula<Value>(epoch, lr, group);                                                                                               \
  }                                                                                                                                        \
  template <class T> T Name::formula([[maybe_unused]] const T &epoch, [[maybe_unused]] const T &lr, [[maybe_unused]] size_t group) const

StepLR::StepLR(Optimizer &optimizer, unsigned step_size, double gamma, Location loc)
    : FormulaLR(optimizer, loc), step_size_(step_size), gamma_(gamma) {
  detail::expect(step_size > 0, "StepLR", "step_size", step_size, "at least 1", loc);
  expect_factor("StepLR", "gamma", gamma, loc);
  start(loc);
}
TENON_FORMULA(StepLR) {
  return choose(both(epoch > 0.0, rest(epoch, step_size_) == 0.0), lr * gamma_, lr);
}

MultiStepLR::MultiStepLR(Optimizer &optimizer, std::vector<int64_t> milestones, double gamma, Location loc)
    : FormulaLR(optimizer, loc), milestones_(std::move(milestones)), gamma_(gamma) {
  expect_factor("MultiStepLR", "gamma", gamma, loc);
  start(loc);
}
TENON_FORMULA(MultiStepLR) {
  T result = lr;
  for (int64_t milestone : milestones_)
    result = choose(both(epoch > 0.0, epoch == static_cast<double>(milestone)), result * gamma_, result);
  return result;
}

ConstantLR::ConstantLR(Optimizer &optimizer, double factor, int64_t total_iters, Location loc)
    : FormulaLR(optimizer, loc), factor_(factor), total_(total_iters) {
  detail::expect(factor >= 0 && factor <= 1, "ConstantLR", "factor", factor, "in [0, 1]", loc);
  start(loc);
}
TENON_FORMULA(ConstantLR) {
  return choose(epoch == 0.0, lr * factor_, choose(epoch == static_cast<double>(total_), lr * (1.0 / factor_), lr));
}

LinearLR::LinearLR(Optimizer &optimizer, double start_factor, double end_factor, int64_t total_iters, Location loc)
    : FormulaLR(optimizer, loc), first_(start_factor), last_(end_factor), total_(total_iters) {
  detail::expect(start_factor > 0 && start_factor <= 1, "LinearLR", "start_factor", start_factor, "in (0, 1]", loc);
  detail::expect(end_factor >= 0 && end_factor <= 1, "LinearLR", "end_factor", end_factor, "in [0, 1]", loc);
  detail::expect(total_iters > 0, "LinearLR", "total_iters", static_cast<double>(total_iters), "at least 1", loc);
  start(loc);
}
TENON_FORMULA(LinearLR) {
  double total = static_cast<double>(total_);
  T factor = 1.0 + (last_ - first_) / ((epoch - 1.0) * (last_ - first_) + total * first_);
  return choose(epoch == 0.0, lr * first_, choose(epoch > total, lr, lr * factor));
}

PolynomialLR::PolynomialLR(Optimizer &optimizer, int64_t total_iters, double power, Location loc)
    : FormulaLR(optimizer, loc), total_(total_iters), power_(power) {
  detail::expect(total_iters > 0, "PolynomialLR", "total_iters", static_cast<double>(total_iters), "at least 1", loc);
  start(loc);
}
TENON_FORMULA(PolynomialLR) {
  double total = static_cast<double>(total_);
  auto within = both(epoch > 0.0, epoch <= total);
  T safe = choose(within, epoch, 1.0), ratio = (1.0 - safe / total) / (1.0 - (safe - 1.0) / total);
  return choose(within, lr * power(ratio, power_), lr);
}

CosineAnnealingLR::CosineAnnealingLR(Optimizer &optimizer, int64_t T_max, double eta_min, Location loc)
    : FormulaLR(optimizer, loc), T_max_(T_max), eta_min_(eta_min), base_(initial_rates(optimizer)) {
  detail::expect(T_max > 0, "CosineAnnealingLR", "T_max", static_cast<double>(T_max), "at least 1", loc);
  start(loc);
}
TENON_FORMULA(CosineAnnealingLR) {
  double span = static_cast<double>(T_max_);
  T up = lr + (base_[group] - eta_min_) * (1 - std::cos(pi / span)) / 2;
  auto turns = rest(epoch - 1.0 - span, 2 * span) == 0.0;
  T below = choose(turns, 1.0, 1.0 + cosine((epoch - 1.0) * pi / span));
  T along = (1.0 + cosine(epoch * pi / span)) / below * (lr - eta_min_) + eta_min_;
  return choose(epoch == 0.0, lr, choose(turns, up, along));
}

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(Optimizer &optimizer, int64_t T_0, int64_t T_mult, double eta_min, Location loc)
    : FormulaLR(optimizer, loc), T_0_(T_0), T_mult_(T_mult), eta_min_(eta_min), base_(initial_rates(optimizer)) {
  detail::expect(T_0 > 0, "CosineAnnealingWarmRestarts", "T_0", static_cast<double>(T_0), "at least 1", loc);
  detail::expect(T_mult > 0, "CosineAnnealingWarmRestarts", "T_mult", static_cast<double>(T_mult), "at least 1", loc);
  start(loc);
}
TENON_FORMULA(CosineAnnealingWarmRestarts) {
  double length = static_cast<double>(T_0_), from = 0;
  T place = T_mult_ == 1 ? rest(epoch, length) / length : epoch / length;
  if (T_mult_ > 1) // cycles until more calls than anyone makes
    for (double k = length; from + k < 1e9;) {
      from += k;
      k *= static_cast<double>(T_mult_);
      place = choose(epoch >= from, (epoch - from) / k, place);
    }
  return eta_min_ + (1.0 + cosine(place * pi)) * ((base_[group] - eta_min_) / 2);
}

CyclicLR::CyclicLR(Optimizer &optimizer, CyclicLROptions options, Location loc) : FormulaLR(optimizer, loc), options_(std::move(options)) {
  detail::expect(options_.step_size_up() > 0, "CyclicLR", "step_size_up", static_cast<double>(options_.step_size_up()), "at least 1", loc);
  if (options_.mode() != "triangular" && options_.mode() != "triangular2" && options_.mode() != "exp_range")
    throw Error("CyclicLR: mode is \"" + options_.mode() + "\", expected \"triangular\", \"triangular2\" or \"exp_range\"", loc);
  for (OptimizerParamGroup &group : optimizer.param_groups())
    group.options().set_initial_lr(options_.base_lr());
  start(loc);
}
template <class T> T CyclicLR::height(const T &epoch) const {
  double up = static_cast<double>(options_.step_size_up()),
         down = options_.step_size_down() ? static_cast<double>(options_.step_size_down()) : up;
  double total = up + down, ratio = up / total;
  T cycle = whole(1.0 + epoch / total), x = 1.0 + epoch / total - cycle;
  T scale = choose(x <= ratio, x / ratio, (x - 1.0) / (ratio - 1));
  if (options_.mode() == "triangular")
    return scale;
  return options_.mode() == "triangular2" ? scale / power(2.0, cycle - 1.0) : scale * power(options_.gamma(), epoch);
}
TENON_FORMULA(CyclicLR) {
  return options_.base_lr() + height(epoch) * (options_.max_lr() - options_.base_lr());
}
double CyclicLR::next_momentum(double epoch, size_t) const {
  return options_.max_momentum() - height(epoch) * (options_.max_momentum() - options_.base_momentum());
}
Value CyclicLR::next_momentum(const Value &epoch, size_t) const {
  return options_.max_momentum() - height(epoch) * (options_.max_momentum() - options_.base_momentum());
}

OneCycleLR::OneCycleLR(Optimizer &optimizer, OneCycleLROptions options, Location loc)
    : FormulaLR(optimizer, loc), options_(std::move(options)) {
  detail::expect(options_.total_steps() > 0, "OneCycleLR", "total_steps", static_cast<double>(options_.total_steps()), "at least 1", loc);
  detail::expect(options_.pct_start() >= 0 && options_.pct_start() <= 1, "OneCycleLR", "pct_start", options_.pct_start(), "in [0, 1]", loc);
  if (options_.anneal_strategy() != "cos" && options_.anneal_strategy() != "linear")
    throw Error("OneCycleLR: anneal_strategy is \"" + options_.anneal_strategy() + "\", expected \"cos\" or \"linear\"", loc);
  for (OptimizerParamGroup &group : optimizer.param_groups())
    group.options().set_initial_lr(options_.max_lr() / options_.div_factor());
  start(loc);
}
/// Between the values at the ends of the phases.
template <class T> T OneCycleLR::annealed(const T &epoch, const std::vector<double> &values) const {
  double total = static_cast<double>(options_.total_steps()), first = options_.pct_start() * total - 1;
  std::vector<double> ends{0, first};
  if (options_.three_phase())
    ends.push_back(2 * options_.pct_start() * total - 2);
  ends.push_back(total - 1);
  auto phase = [&](size_t k) {
    T part = (epoch - ends[k]) / (ends[k + 1] - ends[k]);
    if (options_.anneal_strategy() == "linear")
      return T(part * (values[k + 1] - values[k]) + values[k]);
    return T(values[k + 1] + (cosine(part * pi) + 1.0) * ((values[k] - values[k + 1]) / 2));
  };
  T result = phase(ends.size() - 2);
  for (size_t k = ends.size() - 2; k-- > 0;)
    result = choose(epoch <= ends[k + 1], phase(k), result);
  return result;
}
TENON_FORMULA(OneCycleLR) {
  double low = options_.max_lr() / options_.div_factor(), end = low / options_.final_div_factor(),
         total = static_cast<double>(options_.total_steps());
  if constexpr (std::is_same_v<T, double>)
    if (epoch > total)
      throw Error("OneCycleLR: step " + std::to_string(static_cast<int64_t>(epoch)) + " of " + std::to_string(options_.total_steps()));
  std::vector<double> values =
      options_.three_phase() ? std::vector<double>{low, options_.max_lr(), low, end} : std::vector<double>{low, options_.max_lr(), end};
  return annealed<T>(choose(epoch > total, total, epoch), values);
}
static std::vector<double> momenta(const OneCycleLROptions &o) {
  double high = o.max_momentum(), low = o.base_momentum();
  return o.three_phase() ? std::vector<double>{high, low, high, high} : std::vector<double>{high, low, high};
}
double OneCycleLR::next_momentum(double epoch, size_t) const {
  return annealed(epoch, momenta(options_));
}
Value OneCycleLR::next_momentum(const Value &epoch, size_t) const {
  double total = static_cast<double>(options_.total_steps());
  return annealed(choose(epoch > total, total, epoch), momenta(options_));
}

SWALR::SWALR(Optimizer &optimizer, double swa_lr, int64_t anneal_epochs, std::string anneal_strategy, Location loc)
    : FormulaLR(optimizer, loc), swa_lr_(swa_lr), epochs_(anneal_epochs), cosine_(anneal_strategy == "cos") {
  expect_factor("SWALR", "swa_lr", swa_lr, loc);
  detail::expect(anneal_epochs >= 0, "SWALR", "anneal_epochs", static_cast<double>(anneal_epochs), "at least 0", loc);
  if (!cosine_ && anneal_strategy != "linear")
    throw Error("SWALR: anneal_strategy is \"" + anneal_strategy + "\", expected \"cos\" or \"linear\"", loc);
  start(loc);
}
template <class T> T SWALR::share(const T &epoch) const {
  T t = epoch / static_cast<double>(std::max<int64_t>(1, epochs_));
  t = choose(t < 0.0, 0.0, choose(t > 1.0, 1.0, t));
  return cosine_ ? T((1.0 - cosine(t * pi)) / 2.0) : t;
}
TENON_FORMULA(SWALR) {
  T now = epochs_ == 0 ? T(choose(epoch < 1.0, 1.0, epoch)) : epoch;
  T before = share(T(now - 1.0)), after = share(now), done = 1.0 - before;
  T from = choose(done > 0.0, (lr - before * swa_lr_) / choose(done > 0.0, done, 1.0), lr * 0.0 + swa_lr_);
  return after * swa_lr_ + from * (1.0 - after);
}

} // namespace tenon::optim

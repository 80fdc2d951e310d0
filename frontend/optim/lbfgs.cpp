// LBFGS on flat vectors of the host.
#include "frontend/optim/lbfgs.h"
#include "frontend/optim/cohort.h"
#include "frontend/tensor/record.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace tenon::optim {
namespace {

using Vector = std::vector<double>;
double dot(const Vector &a, const Vector &b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}
double largest(const Vector &a) {
  double m = 0;
  for (double x : a)
    m = std::max(m, std::abs(x));
  return m;
}
void append(Vector &to, const Tensor &t, Location loc) {
  Tensor wide = t.to(kCPU, kFloat64, loc);
  const double *data = wide.const_data_ptr<double>(loc);
  to.insert(to.end(), data, data + t.numel());
}

/// The minimum of the cubic through two points with their slopes, within bounds.
double cubic(double x1, double f1, double g1, double x2, double f2, double g2, double low, double high) {
  double d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2), square = d1 * d1 - g1 * g2;
  if (!(square >= 0))
    return (low + high) / 2;
  double d2 = std::sqrt(square);
  double x = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2)) : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2));
  return std::min(std::max(x, low), high);
}

} // namespace

void LBFGSOptions::check(Location loc) const {
  detail::expect(max_iter() > 0, "LBFGS", "max_iter", static_cast<double>(max_iter()), "at least 1", loc);
  detail::expect(history_size() > 0, "LBFGS", "history_size", static_cast<double>(history_size()), "at least 1", loc);
  detail::expect(tolerance_grad() >= 0, "LBFGS", "tolerance_grad", tolerance_grad(), "at least 0", loc);
  detail::expect(tolerance_change() >= 0, "LBFGS", "tolerance_change", tolerance_change(), "at least 0", loc);
  if (line_search_fn() && *line_search_fn() != "strong_wolfe")
    throw Error("LBFGS: line_search_fn is \"" + *line_search_fn() + "\", expected \"strong_wolfe\" or none", loc);
}

LBFGS::LBFGS(std::vector<OptimizerParamGroup> groups, LBFGSOptions defaults, Location loc) : OptimizerOf(std::move(groups), defaults, loc) {
  if (param_groups().size() != 1)
    throw Error("LBFGS: expected one group of parameters, came " + std::to_string(param_groups().size()), loc);
}
LBFGS::LBFGS(std::vector<Tensor> params, LBFGSOptions defaults, Location loc)
    : LBFGS(std::vector<OptimizerParamGroup>{OptimizerParamGroup(std::move(params))}, defaults, loc) {}

LBFGS::Point LBFGS::evaluate(const LossClosure &closure, Location loc) const {
  Tensor loss;
  {
    AutoGradEnabled enabled;
    loss = closure();
  }
  if (!loss.defined())
    throw Error("LBFGS: the closure returned no loss", loc);
  Point point{loss.item<double>(loc), {}};
  bool up = param_groups()[0].options().maximizes();
  for (const Tensor &p : param_groups()[0].params())
    if (p.grad().defined())
      append(point.gradient, p.grad(), loc);
    else
      point.gradient.insert(point.gradient.end(), p.numel(), 0.0);
  if (up) {
    point.loss = -point.loss;
    for (double &g : point.gradient)
      g = -g;
  }
  return point;
}

Vector LBFGS::position(Location loc) const {
  Vector all;
  for (const Tensor &p : param_groups()[0].params())
    append(all, p.detach(loc), loc);
  return all;
}

void LBFGS::move(const Vector &from, double t, const Vector &direction, Location loc) const {
  NoGradGuard no_grad;
  size_t at = 0;
  for (const Tensor &p : param_groups()[0].params()) {
    Vector next(p.numel());
    for (double &x : next) {
      x = from[at] + t * direction[at];
      ++at;
    }
    p.copy_(tensor(next, kFloat64).view(p.sizes(), loc), false, loc);
  }
}

/// -H g, H the inverse of the curvature that the remembered steps have seen.
Vector LBFGS::direction(const Vector &gradient) {
  Vector q(gradient.size()), al(steps_.size());
  for (size_t k = 0; k < q.size(); ++k)
    q[k] = -gradient[k];
  for (size_t i = steps_.size(); i-- > 0;) {
    al[i] = dot(steps_[i], q) * ro_[i];
    for (size_t k = 0; k < q.size(); ++k)
      q[k] -= al[i] * changes_[i][k];
  }
  for (double &x : q)
    x *= scale_;
  for (size_t i = 0; i < steps_.size(); ++i) {
    double factor = al[i] - dot(changes_[i], q) * ro_[i];
    for (size_t k = 0; k < q.size(); ++k)
      q[k] += factor * steps_[i][k];
  }
  return q;
}

/// A step t along d that satisfies the strong Wolfe conditions, or the best that was found.
struct LBFGS::Search {
  struct Trial {
    double t, loss;
    Vector gradient;
    double slope;
  };
  std::function<Trial(double)> evaluate;
  int64_t calls = 0;

  Trial run(double t, const Point &start, double slope, const Vector &d, double tolerance, int64_t limit) {
    constexpr double c1 = 1e-4, c2 = 0.9;
    Trial previous{0, start.loss, start.gradient, slope}, now = call(t);
    std::vector<Trial> bracket;
    bool done = false;
    int64_t iteration = 0;
    for (; iteration < limit; ++iteration) {
      bool rises = now.loss > start.loss + c1 * now.t * slope || (iteration > 1 && now.loss >= previous.loss);
      if (!rises && std::abs(now.slope) <= -c2 * slope) {
        bracket = {now};
        done = true;
        break;
      }
      if (rises || now.slope >= 0) {
        bracket = {previous, now};
        break;
      }
      double next =
          cubic(previous.t, previous.loss, previous.slope, now.t, now.loss, now.slope, now.t + 0.01 * (now.t - previous.t), now.t * 10);
      previous = now;
      now = call(next);
    }
    if (bracket.empty())
      bracket = {{0, start.loss, start.gradient, slope}, now};
    size_t low = bracket.front().loss <= bracket.back().loss ? 0 : 1, high = 1 - low;
    bool stuck = false;
    for (; !done && iteration < limit; ++iteration) {
      double left = std::min(bracket[0].t, bracket[1].t), right = std::max(bracket[0].t, bracket[1].t), margin = 0.1 * (right - left);
      if ((right - left) * largest(d) < tolerance)
        break;
      double x = cubic(bracket[0].t, bracket[0].loss, bracket[0].slope, bracket[1].t, bracket[1].loss, bracket[1].slope, left, right);
      if (std::min(right - x, x - left) < margin) { // at a bound twice: away from it
        bool inside = !(stuck || x >= right || x <= left);
        if (!inside)
          x = std::abs(x - right) < std::abs(x - left) ? right - margin : left + margin;
        stuck = inside;
      } else {
        stuck = false;
      }
      now = call(x);
      if (now.loss > start.loss + c1 * now.t * slope || now.loss >= bracket[low].loss) {
        bracket[high] = now;
        low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
        high = 1 - low;
      } else {
        if (std::abs(now.slope) <= -c2 * slope)
          done = true;
        else if (now.slope * (bracket[high].t - bracket[low].t) >= 0)
          bracket[high] = bracket[low];
        bracket[low] = now;
      }
    }
    return bracket[low];
  }
  Trial call(double t) {
    ++calls;
    return evaluate(t);
  }
};

Tensor LBFGS::step(LossClosure closure, Location loc) {
  if (!closure)
    throw Error("LBFGS: step() needs a closure that computes the loss and its gradients", loc);
  if (record::is_capturing())
    throw Error("LBFGS: a step decides by its losses, so it cannot be a part of a compiled function: compile the closure instead", loc);
  const auto &o = of(param_groups()[0].options());
  int64_t max_eval = o.max_eval().value_or(o.max_iter() * 5 / 4), evaluations = 1;
  Tensor first;
  Point now = evaluate([&] { return first = closure(); }, loc);
  if (largest(now.gradient) <= o.tolerance_grad())
    return first;
  for (int64_t n = 1; n <= o.max_iter(); ++n) {
    if (++iterations_ == 1) {
      d_ = now.gradient;
      for (double &x : d_)
        x = -x;
    } else {
      Vector y(d_.size()), s(d_.size());
      for (size_t k = 0; k < y.size(); ++k) {
        y[k] = now.gradient[k] - previous_gradient_[k];
        s[k] = d_[k] * t_;
      }
      if (double ys = dot(y, s); ys > 1e-10) {
        if (steps_.size() == o.history_size()) {
          steps_.erase(steps_.begin());
          changes_.erase(changes_.begin());
          ro_.erase(ro_.begin());
        }
        scale_ = ys / dot(y, y);
        changes_.push_back(std::move(y));
        steps_.push_back(std::move(s));
        ro_.push_back(1 / ys);
      }
      d_ = direction(now.gradient);
    }
    previous_gradient_ = now.gradient;
    double before = now.loss, lr = o.get_lr(loc), slope = dot(now.gradient, d_), total = 0;
    for (double g : now.gradient)
      total += std::abs(g);
    t_ = iterations_ == 1 ? std::min(1.0, 1.0 / total) * lr : lr;
    if (slope > -o.tolerance_change())
      break;
    Vector from = position(loc);
    if (o.line_search_fn()) {
      Search search;
      search.evaluate = [&](double t) {
        move(from, t, d_, loc);
        Point p = evaluate(closure, loc);
        double along = dot(p.gradient, d_);
        return Search::Trial{t, p.loss, std::move(p.gradient), along};
      };
      Search::Trial found = search.run(t_, now, slope, d_, o.tolerance_change(), max_eval - evaluations);
      t_ = found.t;
      now = {found.loss, std::move(found.gradient)};
      evaluations += search.calls;
      move(from, t_, d_, loc);
    } else {
      move(from, t_, d_, loc);
      if (n != o.max_iter()) {
        now = evaluate(closure, loc);
        ++evaluations;
      }
    }
    if (n == o.max_iter() || evaluations >= max_eval || largest(now.gradient) <= o.tolerance_grad() ||
        largest(d_) * t_ <= o.tolerance_change() || std::abs(now.loss - before) < o.tolerance_change())
      break;
  }
  return first;
}

} // namespace tenon::optim

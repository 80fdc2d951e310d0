// Printing tensors, and comparing them on the host.
#include "frontend/tensor/impl.h"
#include <cmath>
#include <ostream>

namespace tenon {

using namespace detail;

namespace {
struct Printer {
  std::ostream &out;
  const char *data;
  Dtype dtype;
  const std::vector<int64_t> &shape;
  static constexpr int64_t most = 1000, edge = 3; // larger tensors show the ends of each dimension

  void print(size_t d, int64_t offset, int64_t stride, bool whole) {
    if (d == shape.size()) {
      out << load_scalar(data + size_t(offset) * element_size(dtype), dtype);
      return;
    }
    auto inner = shape[d] ? stride / shape[d] : 0;
    out << '[';
    for (int64_t i = 0; i < shape[d]; ++i) {
      if (i)
        out << (d + 1 == shape.size() ? ", " : ",\n" + std::string(d + 1, ' '));
      if (!whole && shape[d] > 2 * edge && i == edge) {
        out << "...";
        i = shape[d] - edge - 1;
        continue;
      }
      print(d + 1, offset + i * inner, inner, whole);
    }
    out << ']';
  }
};
} // namespace

std::ostream &operator<<(std::ostream &out, const Tensor &t) {
  if (!t.defined())
    return out << "[undefined tensor]";
  Lock lock;
  auto &p = Access::impl(t);
  auto storage = materialize(p, false, Location::current());
  auto shape = p->shape().vec();
  Printer{out, static_cast<const char *>(storage->host()), p->dtype, shape}.print(0, 0, p->numel(), p->numel() <= Printer::most);
  return out << "\n[ " << record::text(t) << " ]";
}

namespace {
bool compare(const char *op, const Tensor &a, const Tensor &b, double rtol, double atol, Location loc) {
  Lock lock;
  auto &p = impl(op, a, loc);
  auto &q = impl(op, b, loc);
  if (p->shape() != q->shape())
    return false;
  auto x = materialize(p, false, loc), y = materialize(q, false, loc);
  for (int64_t i = 0; i < p->numel(); ++i) {
    auto u = load_scalar(static_cast<const char *>(x->host()) + size_t(i) * element_size(p->dtype), p->dtype), v = load_scalar(static_cast<const char *>(y->host()) + size_t(i) * element_size(q->dtype), q->dtype);
    bool same = u.isFloatingPoint() || v.isFloatingPoint() ? u.toDouble() == v.toDouble() : u.toLong() == v.toLong();
    if (!same && !(std::abs(u.toDouble() - v.toDouble()) <= atol + rtol * std::abs(v.toDouble())))
      return false;
  }
  return true;
}
} // namespace

bool equal(const Tensor &a, const Tensor &b, Location loc) { return a.scalar_type() == b.scalar_type() && compare("equal", a, b, 0, 0, loc); }
bool allclose(const Tensor &a, const Tensor &b, double rtol, double atol, Location loc) { return compare("allclose", a, b, rtol, atol, loc); }

} // namespace tenon

// Products named by their indices: einsum, tensordot, and products made of others.
#include "frontend/tensor/product.h"
#include "frontend/tensor/trace.h"
#include <algorithm>
#include <cctype>
#include <map>

namespace tenon {

using namespace detail;

namespace {

struct Term {
  Tensor value;
  std::string indices;
};

/// The term without index `c`, which it has twice: its diagonal.
void take_diagonal(Term &t, char c, Location loc) {
  auto first = t.indices.find(c), second = t.indices.find(c, first + 1);
  t.value = t.value.diagonal(0, int64_t(first), int64_t(second), loc);
  t.indices.erase(second, 1);
  t.indices.erase(first, 1);
  t.indices += c;
}
/// Sums over what nobody needs.
void sum_out(Term &t, const std::string &needed, Location loc) {
  Shape dims;
  std::string left;
  for (size_t i = 0; i < t.indices.size(); ++i)
    needed.find(t.indices[i]) == std::string::npos ? dims.push_back(int64_t(i)) : left.push_back(t.indices[i]);
  if (!dims.empty())
    t.value = t.value.sum(dims, false, std::nullopt, loc);
  t.indices = left;
}
/// Dimensions of 1 that the other operand has longer are dropped: they broadcast.
void drop_ones(Term &t, const Term &other, Location loc) {
  Shape dims;
  std::string left;
  for (size_t i = 0; i < t.indices.size(); ++i) {
    auto j = other.indices.find(t.indices[i]);
    bool drop = j != std::string::npos && t.value.size(int64_t(i)) == 1 && other.value.size(int64_t(j)) != 1;
    drop ? dims.push_back(int64_t(i)) : left.push_back(t.indices[i]);
  }
  if (!dims.empty())
    t.value = t.value.squeeze(dims, loc);
  t.indices = left;
}
Term multiply(const char *op, Term a, Term b, const std::string &needed, Location loc) {
  drop_ones(a, b, loc);
  drop_ones(b, a, loc);
  sum_out(a, needed + b.indices, loc);
  sum_out(b, needed + a.indices, loc);
  std::string result;
  for (char c : a.indices + b.indices)
    if (needed.find(c) != std::string::npos && result.find(c) == std::string::npos)
      result += c;
  return {contract(op, a.value, b.value, a.indices, b.indices, result, loc), result};
}

/// Operands from left to right, then the result's order.
Tensor evaluate(const char *op, std::vector<Term> terms, const std::string &result, Location loc) {
  Term y = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    std::string needed = result;
    for (size_t j = i + 1; j < terms.size(); ++j)
      needed += terms[j].indices;
    y = multiply(op, y, terms[i], needed, loc);
  }
  sum_out(y, result, loc);
  Shape order;
  for (char c : result)
    order.push_back(int64_t(y.indices.find(c)));
  return y.value.permute(order, loc);
}

} // namespace

Tensor einsum(const std::string &equation, const TensorList &operands, Location loc) {
  auto refuse = [&](const std::string &what) { throw record::error("einsum", what + " in \"" + equation + "\"", loc); };
  std::string text;
  for (char c : equation)
    if (c != ' ')
      text += c;
  auto arrow = text.find("->");
  std::string left = text.substr(0, arrow);
  std::vector<std::string> lists(1);
  for (char c : left)
    c == ',' ? void(lists.emplace_back()) : void(lists.back() += c);
  if (lists.size() != operands.size() || operands.empty())
    refuse("expected a list of indices for each of " + std::to_string(operands.size()) + " operands, got " + std::to_string(lists.size()));
  // The dimensions of "..." are named by digits, counted from the last.
  size_t most = 0;
  auto expand = [&](std::string list, size_t count) {
    auto dots = list.find("...");
    std::string names;
    for (size_t i = count; i-- > 0;)
      names += char('0' + i);
    if (dots != std::string::npos)
      list.replace(dots, 3, names);
    for (char c : list)
      if (!std::isalpha(static_cast<unsigned char>(c)) && names.find(c) == std::string::npos)
        refuse(std::string("expected letters, got '") + c + "'");
    return list;
  };
  std::vector<Term> terms;
  std::string all;
  for (size_t k = 0; k < operands.size(); ++k) {
    auto rank = size_t(impl("einsum", operands[k], loc)->type.getRank());
    bool dots = lists[k].find("...") != std::string::npos;
    size_t named = lists[k].size() - (dots ? 3 : 0);
    if (dots ? named > rank || rank - named > 10 : named != rank)
      refuse("the indices \"" + lists[k] + "\" do not fit " + record::text(operands[k]));
    most = std::max(most, rank - named);
    terms.push_back({operands[k], expand(lists[k], rank - named)});
    all += terms.back().indices;
  }
  std::string result;
  if (arrow != std::string::npos)
    result = expand(text.substr(arrow + 2), most);
  else {
    for (size_t i = most; i-- > 0;)
      result += char('0' + i);
    std::string letters = all;
    std::sort(letters.begin(), letters.end());
    for (char c : letters)
      if (std::isalpha(static_cast<unsigned char>(c)) && std::count(letters.begin(), letters.end(), c) == 1)
        result += c;
  }
  for (char c : result)
    if (all.find(c) == std::string::npos || std::count(result.begin(), result.end(), c) > 1)
      refuse(std::string("the result's index '") + c + "' must be an operand's, once");
  for (auto &t : terms)
    for (char c : std::string(t.indices))
      while (std::count(t.indices.begin(), t.indices.end(), c) > 1) {
        auto first = t.indices.find(c);
        if (t.value.size(int64_t(first)) != t.value.size(int64_t(t.indices.find(c, first + 1))))
          refuse(std::string("the index '") + c + "' has two extents in " + record::text(t.value));
        take_diagonal(t, c, loc);
      }
  std::map<char, int64_t> extents;
  for (auto &t : terms)
    for (size_t i = 0; i < t.indices.size(); ++i) {
      auto n = t.value.size(int64_t(i));
      auto &known = extents.try_emplace(t.indices[i], 1).first->second;
      if (known != n && known != 1 && n != 1)
        refuse(std::string("the index '") + t.indices[i] + "' has extents " + std::to_string(known) + " and " + std::to_string(n));
      known = n == 1 ? known : n;
    }
  auto dtype = terms[0].value.scalar_type();
  for (auto &t : terms)
    dtype = promote_types(dtype, t.value.scalar_type());
  for (auto &t : terms)
    t.value = record::cast(t.value, dtype, loc);
  return evaluate("einsum", std::move(terms), result, loc);
}

Tensor tensordot(const Tensor &a, const Tensor &b, IntArrayRef dims_a, IntArrayRef dims_b, Location loc) {
  auto ra = impl("tensordot", a, loc)->type.getRank(), rb = impl("tensordot", b, loc)->type.getRank();
  if (dims_a.size() != dims_b.size())
    throw record::error("tensordot", "expected pairs of dimensions, got " + record::shape_text(dims_a) + " and " + record::shape_text(dims_b), loc);
  std::string ia, ib, result;
  for (int64_t i = 0; i < ra; ++i)
    ia += char('a' + i);
  for (int64_t i = 0; i < rb; ++i)
    ib += char('A' + i);
  for (size_t k = 0; k < dims_a.size(); ++k) {
    auto i = size_t(record::wrap_dim("tensordot", dims_a[k], ra, loc)), j = size_t(record::wrap_dim("tensordot", dims_b[k], rb, loc));
    if (ra == 0 || rb == 0 || a.size(int64_t(i)) != b.size(int64_t(j)) || ia.find(ib[j]) != std::string::npos || ib.find(ia[i]) != std::string::npos)
      throw record::error("tensordot", "expected dimensions of equal extents, each once, got " + record::shape_text(dims_a) + " of " + record::text(a) + " and " + record::shape_text(dims_b) + " of " + record::text(b), loc);
    ib[j] = ia[i];
  }
  for (char c : ia)
    if (ib.find(c) == std::string::npos)
      result += c;
  for (char c : ib)
    if (ia.find(c) == std::string::npos)
      result += c;
  return evaluate("tensordot", {{a, ia}, {b, ib}}, result, loc);
}
Tensor tensordot(const Tensor &a, const Tensor &b, int64_t dims, Location loc) {
  Shape last, first;
  for (int64_t i = 0; i < dims; ++i) {
    last.push_back(i - dims);
    first.push_back(i);
  }
  return tensordot(a, b, last, first, loc);
}

Tensor Tensor::cross(const Tensor &o, std::optional<int64_t> dim, Location loc) const {
  auto shape = record::broadcast_shape("cross", impl("cross", *this, loc)->type.getShape().vec(), impl("cross", o, loc)->type.getShape().vec(), loc);
  auto rank = int64_t(shape.size());
  auto three = std::find(shape.begin(), shape.end(), 3);
  if (!dim && three == shape.end())
    throw record::error("cross", "expected a dimension of extent 3, got " + record::text(*this) + " and " + record::text(o), loc);
  auto d = dim ? record::wrap_dim("cross", *dim, rank, loc) : three - shape.begin();
  if (rank == 0 || shape[size_t(d)] != 3)
    throw record::error("cross", "expected 3 elements along dimension " + std::to_string(d) + ", got " + record::text(*this) + " and " + record::text(o), loc);
  auto a = expand(shape, loc), b = o.expand(shape, loc);
  auto turned = [&](const Tensor &t, int64_t by) { return t.roll({-by}, {d}, loc); };
  return turned(a, 1).mul({turned(b, 2), loc}).sub({turned(a, 2).mul({turned(b, 1), loc}), loc});
}
Tensor Tensor::kron(const Tensor &o, Location loc) const {
  impl("kron", *this, loc), impl("kron", o, loc);
  auto rank = size_t(std::max(dim(), o.dim()));
  Shape a(rank - size_t(dim()), 1), b(rank - size_t(o.dim()), 1), wide, narrow, result;
  a.insert(a.end(), sizes().begin(), sizes().end());
  b.insert(b.end(), o.sizes().begin(), o.sizes().end());
  for (size_t i = 0; i < rank; ++i) {
    wide.insert(wide.end(), {a[i], 1});
    narrow.insert(narrow.end(), {1, b[i]});
    result.push_back(a[i] * b[i]);
  }
  return view(wide, loc).mul({o.view(narrow, loc), loc}).reshape(result, loc);
}

} // namespace tenon

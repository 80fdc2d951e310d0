// How the ops of the family `index` are called.
#include "../family.h"

using namespace tenon;
using parity::Op;

namespace {

int64_t dim(const Json &o) { return o["dim"].get<int64_t>(); }

std::vector<indexing::TensorIndex> places(const TensorList &in, const Json &o, size_t &next) {
  std::vector<indexing::TensorIndex> all;
  auto bound = [](const Json &slice, size_t i) { return i < slice.size() && !slice[i].is_null() ? std::optional<int64_t>(slice[i].get<int64_t>()) : std::nullopt; };
  for (const Json &w : o["where"]) {
    if (w.is_number())
      all.emplace_back(w.get<int64_t>());
    else if (w.is_array()) // slice(stop), slice(start, stop, step)
      all.emplace_back(w.size() == 1 ? indexing::Slice({}, bound(w, 0)) : indexing::Slice(bound(w, 0), bound(w, 1), bound(w, 2)));
    else if (w == "none")
      all.emplace_back(indexing::None);
    else if (w == "...")
      all.emplace_back("...");
    else
      all.emplace_back(in[next++]);
  }
  return all;
}

Tensor index(const TensorList &in, const Json &o) {
  size_t next = 1;
  auto at = places(in, o, next);
  if (!o.value("put", false))
    return in[0].index(at);
  auto y = in[0].clone();
  y.index_put_(at, in[next], o.value("accumulate", false));
  return y;
}

std::optional<int64_t> padding(const Json &o) { return o.contains("padding_idx") ? std::optional<int64_t>(o["padding_idx"].get<int64_t>()) : std::nullopt; }

Tensor bag(const TensorList &in, const Json &o) {
  auto options = F::EmbeddingBagFuncOptions().include_last_offset(o.value("include_last_offset", false)).padding_idx(padding(o));
  options.mode(o["mode"] == "sum" ? EmbeddingBagMode::Sum : o["mode"] == "max" ? EmbeddingBagMode::Max : EmbeddingBagMode::Mean);
  if (o.contains("offsets"))
    options.offsets(tensor(o["offsets"].get<std::vector<int64_t>>()));
  if (in.size() > 2)
    options.per_sample_weights(in[2]);
  return F::embedding_bag(in[0], in[1], options);
}

auto sorted(const TensorList &in, const Json &o) { return in[0].sort(dim(o), o["descending"].get<bool>()); }
bool keep(const Json &o) { return o.value("keepdim", false); }

const parity::Family family("index", {
    {"gather", [](auto &in, auto &o) { return in[0].gather(dim(o), in[1]); }},
    {"take_along_dim", [](auto &in, auto &o) { return in[0].take_along_dim(in[1], dim(o)); }},
    {"index_select", [](auto &in, auto &o) { return in[0].index_select(dim(o), in[1]); }},
    {"take", [](auto &in, auto &) { return in[0].take(in[1]); }},
    {"scatter", [](auto &in, auto &o) { return in[0].scatter(dim(o), in[1], in[2]); }},
    {"scatter_value", [](auto &in, auto &o) { return in[0].scatter(dim(o), in[1], o["value"].template get<double>()); }},
    {"scatter_add", [](auto &in, auto &o) { return in[0].scatter_add(dim(o), in[1], in[2]); }},
    {"scatter_reduce", [](auto &in, auto &o) { return in[0].scatter_reduce(dim(o), in[1], in[2], o["reduce"].template get<std::string>(), o["include_self"].template get<bool>()); }},
    {"index_add", [](auto &in, auto &o) { return in[0].index_add(dim(o), in[1], in[2], o["alpha"].template get<double>()); }},
    {"index_copy", [](auto &in, auto &o) { return in[0].index_copy(dim(o), in[1], in[2]); }},
    {"index_fill", [](auto &in, auto &o) { return in[0].index_fill(dim(o), in[1], o["value"].template get<double>()); }},
    {"index", index},
    {"embedding", [](auto &in, auto &o) { return F::embedding(in[0], in[1], F::EmbeddingFuncOptions().padding_idx(padding(o))); }},
    {"embedding_bag", bag},
    {"one_hot", [](auto &in, auto &o) { return F::one_hot(in[0], o["num_classes"].template get<int64_t>()); }},
    {"sort", sorted},
    {"stable_sort", sorted},
    {"argsort", [](auto &in, auto &o) { return in[0].argsort(dim(o), o["descending"].template get<bool>()); }},
    {"topk", [](auto &in, auto &o) { return in[0].topk(o["k"].template get<int64_t>(), dim(o), o["largest"].template get<bool>()); }},
    {"kthvalue", [](auto &in, auto &o) { return in[0].kthvalue(o["k"].template get<int64_t>(), dim(o), keep(o)); }},
    {"median", [](auto &in, auto &o) -> Op {
       if (o.contains("dim"))
         return Op([](auto &in, auto &o) { return in[0].median(dim(o), keep(o)); });
       return Op([](auto &in, auto &) { return in[0].median(); });
     }},
    {"max", [](auto &in, auto &o) { return in[0].max(dim(o), keep(o)); }},
    {"min", [](auto &in, auto &o) { return in[0].min(dim(o), keep(o)); }},
    {"cumsum", [](auto &in, auto &o) { return in[0].cumsum(dim(o)); }},
    {"cumprod", [](auto &in, auto &o) { return in[0].cumprod(dim(o)); }},
    {"logcumsumexp", [](auto &in, auto &o) { return in[0].logcumsumexp(dim(o)); }},
    {"searchsorted", [](auto &in, auto &o) { return searchsorted(in[0], in[1], false, o["right"].template get<bool>()); }},
    {"bucketize", [](auto &in, auto &o) { return bucketize(in[0], in[1], false, o["right"].template get<bool>()); }},
    {"bincount", [](auto &in, auto &o) { return bincount(in[0], in.size() > 1 ? in[1] : Tensor(), o["minlength"].template get<int64_t>()); }},
    {"histc", [](auto &in, auto &o) { return histc(in[0], o["bins"].template get<int64_t>(), o.value("min", 0), o.value("max", 0)); }},
    {"tril_indices", [](auto &, auto &o) { return tril_indices(o["row"].template get<int64_t>(), o["col"].template get<int64_t>(), o["offset"].template get<int64_t>()); }},
    {"triu_indices", [](auto &, auto &o) { return triu_indices(o["row"].template get<int64_t>(), o["col"].template get<int64_t>(), o["offset"].template get<int64_t>()); }},
});

} // namespace

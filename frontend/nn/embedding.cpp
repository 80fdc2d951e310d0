// Embedding and EmbeddingBag.
#include <tenon/nn/embedding.h>
#include <tenon/nn/init.h>

#include <ostream>

namespace tenon::nn {
namespace {

template <class Options> Tensor table(const char *layer, const Options &options) {
  if (options.num_embeddings() <= 0 || options.embedding_dim() <= 0)
    throw Error(std::string(layer) + ": expected positive sizes, came num_embeddings " + std::to_string(options.num_embeddings()) + " and embedding_dim " + std::to_string(options.embedding_dim()));
  int64_t rows = options.num_embeddings();
  if (auto pad = options.padding_idx(); pad && (*pad < -rows || *pad >= rows))
    throw Error(std::string(layer) + ": expected padding_idx in [" + std::to_string(-rows) + ", " + std::to_string(rows) + "), came " + std::to_string(*pad));
  if (!options._weight().defined())
    return empty({rows, options.embedding_dim()});
  if (!(options._weight().sizes() == IntArrayRef({rows, options.embedding_dim()})))
    throw Error(std::string(layer) + ": expected a _weight [" + std::to_string(rows) + ", " + std::to_string(options.embedding_dim()) + "]");
  return options._weight();
}
void draw(const Tensor &weight, std::optional<int64_t> pad) {
  init::normal_(weight);
  if (!pad)
    return;
  NoGradGuard no_grad;
  weight.select(0, *pad).zero_();
}
void check_pretrained(const char *layer, const Tensor &embeddings, Location loc) {
  if (!embeddings.defined() || embeddings.dim() != 2 || !embeddings.is_floating_point())
    throw Error(std::string(layer) + "::from_pretrained: expected a floating-point table [V, D]", loc);
}

} // namespace

EmbeddingImpl::EmbeddingImpl(const EmbeddingOptions &options) : options(options) { EmbeddingImpl::reset(); }
void EmbeddingImpl::reset() {
  weight = register_parameter("weight", table("Embedding", options));
  if (!options._weight().defined())
    reset_parameters();
}
void EmbeddingImpl::reset_parameters() { draw(weight, options.padding_idx()); }
Tensor EmbeddingImpl::forward(const Tensor &indices, Location loc) const {
  auto function = F::EmbeddingFuncOptions().padding_idx(options.padding_idx()).max_norm(options.max_norm()).norm_type(options.norm_type());
  return F::embedding(indices, weight, function.scale_grad_by_freq(options.scale_grad_by_freq()).sparse(options.sparse()), loc);
}
void EmbeddingImpl::pretty_print(std::ostream &stream) const {
  stream << "Embedding(num_embeddings=" << options.num_embeddings() << ", embedding_dim=" << options.embedding_dim();
  if (options.padding_idx())
    stream << ", padding_idx=" << *options.padding_idx();
  stream << ")";
}
Embedding Embedding::from_pretrained(const Tensor &embeddings, bool freeze, std::optional<int64_t> padding_idx, Location loc) {
  check_pretrained("Embedding", embeddings, loc);
  Embedding layer(EmbeddingOptions(embeddings.size(0), embeddings.size(1))._weight(embeddings.detach(loc).clone(loc)).padding_idx(padding_idx));
  layer->weight.set_requires_grad(!freeze, loc);
  return layer;
}

EmbeddingBagImpl::EmbeddingBagImpl(const EmbeddingBagOptions &options) : options(options) { EmbeddingBagImpl::reset(); }
void EmbeddingBagImpl::reset() {
  weight = register_parameter("weight", table("EmbeddingBag", options));
  if (!options._weight().defined())
    reset_parameters();
}
void EmbeddingBagImpl::reset_parameters() { draw(weight, options.padding_idx()); }
Tensor EmbeddingBagImpl::forward(const Tensor &indices, const Tensor &offsets, const Tensor &per_sample_weights, Location loc) const {
  auto function = F::EmbeddingBagFuncOptions().offsets(offsets).mode(options.mode()).per_sample_weights(per_sample_weights).include_last_offset(options.include_last_offset());
  function.padding_idx(options.padding_idx()).max_norm(options.max_norm()).scale_grad_by_freq(options.scale_grad_by_freq());
  return F::embedding_bag(indices, weight, function, loc);
}
void EmbeddingBagImpl::pretty_print(std::ostream &stream) const {
  stream << "EmbeddingBag(num_embeddings=" << options.num_embeddings() << ", embedding_dim=" << options.embedding_dim() << ")";
}
EmbeddingBag EmbeddingBag::from_pretrained(const Tensor &embeddings, bool freeze, EmbeddingBagMode mode, Location loc) {
  check_pretrained("EmbeddingBag", embeddings, loc);
  EmbeddingBag layer(EmbeddingBagOptions(embeddings.size(0), embeddings.size(1))._weight(embeddings.detach(loc).clone(loc)).mode(mode));
  layer->weight.set_requires_grad(!freeze, loc);
  return layer;
}

} // namespace tenon::nn

// scale (W x + b - mean) / sqrt(variance + eps) + shift = (s W) x + (s (b - mean) + shift), s = scale / sqrt(variance + eps) by output channel; computed in double precision.
#include "compiler/onnx/fold_batch_norm.h"
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/interfaces/literal.h"
#include <cmath>

using namespace mlir;
namespace tenon::onnx {
namespace {
using ::onnx::NodeProto;
using Numbers = std::vector<double>;

const ::onnx::AttributeProto *attribute(const NodeProto &node, StringRef name) {
  auto found = llvm::find_if(node.attribute(), [&](const auto &a) { return a.name() == name; });
  return found == node.attribute().end() ? nullptr : &*found;
}

class Folder {
public:
  explicit Folder(Graph &graph) : graph(graph) {
    for (NodeProto &node : *graph.proto.mutable_node()) {
      for (const std::string &name : node.output())
        maker[name] = &node;
      eachRead(node, [&](const std::string &name) { ++readers[name]; });
    }
    for (const auto *list : {&graph.proto.input(), &graph.proto.output()})
      for (const auto &value : *list)
        taken.insert(value.name());
    for (const auto &c : graph.proto.initializer())
      taken.insert(c.name());
    for (const Initializer &w : graph.weights)
      taken.insert(w.name);
  }
  void run() {
    for (NodeProto &node : *graph.proto.mutable_node())
      if (node.op_type() == "BatchNormalization")
        fold(node);
    prune(graph.proto);
    std::set<std::string> read;
    for (const NodeProto &node : graph.proto.node())
      eachRead(node, [&](const std::string &name) { read.insert(name); });
    std::erase_if(graph.weights, [&](const Initializer &w) { return !read.count(w.name) && !graph.inputs.count(w.name); });
  }

private:
  Initializer *weight(const std::string &name) {
    auto found = llvm::find_if(graph.weights, [&](const Initializer &w) { return w.name == name; });
    return found == graph.weights.end() || graph.inputs.count(name) ? nullptr : &*found;
  }
  /// `count` elements that no run changes: a weight's, or one number repeated.
  std::optional<Numbers> numbers(const std::string &name, int64_t count) {
    if (Initializer *w = weight(name); w && w->type.getNumElements() == count)
      return numbersOf(*w);
    auto made = maker.find(name);
    if (made == maker.end() || made->second->op_type() != "Expand")
      return std::nullopt;
    for (const auto &c : graph.proto.initializer())
      if (c.name() == made->second->input(0) && c.dims_size() == 0)
        if (double v = elementAt(c, 0); !std::isnan(v))
          return Numbers(count, v);
    return std::nullopt;
  }
  static Numbers numbersOf(const Initializer &w) {
    ir::Literal literal = w.value ? ir::Literal::from(w.value) : ir::Literal::zeros(w.type);
    Numbers result;
    for (int64_t i = 0; i < w.type.getNumElements(); ++i)
      result.push_back(literal.get(i).real);
    return result;
  }
  /// The weight of that name with other numbers; where others read it, a new one.
  std::string put(const std::string &name, RankedTensorType type, const Numbers &values) {
    ir::Literal literal = ir::Literal::zeros(type);
    for (auto [i, v] : llvm::enumerate(values))
      literal.set(static_cast<int64_t>(i), {.real = v});
    ElementsAttr value = ir::denseElements(type, literal.data);
    if (Initializer *w = weight(name); w && readers[name] == 1) {
      w->value = value;
      return name;
    }
    std::string fresh = name;
    for (unsigned n = 1; !taken.insert(fresh).second; ++n)
      fresh = name + "_" + std::to_string(n);
    readers[fresh] = 1;
    graph.weights.push_back({fresh, type, value});
    return fresh;
  }

  void fold(NodeProto &norm) {
    auto made = maker.find(norm.input(0));
    if (made == maker.end() || readers[norm.input(0)] != 1)
      return;
    NodeProto &layer = *made->second;
    bool transposed = layer.op_type() == "ConvTranspose";
    if (layer.op_type() != "Conv" && layer.op_type() != "Gemm" && !transposed)
      return;
    Initializer *w = weight(layer.input(1));
    const auto *transB = attribute(layer, "transB"), *group = attribute(layer, "group");
    if (!w || (layer.op_type() == "Gemm" && (!transB || !transB->i() || layer.attribute_size() != 1)))
      return;
    // The weight is [outputs, ...], that of a transposed convolution [inputs, outputs of a group, ...].
    ArrayRef<int64_t> shape = w->type.getShape();
    int64_t groups = group ? group->i() : 1, inputs = shape[0], channels = transposed ? shape[1] * groups : shape[0];
    if (!channels || !inputs)
      return;
    auto scale = numbers(norm.input(1), channels), shift = numbers(norm.input(2), channels), mean = numbers(norm.input(3), channels), variance = numbers(norm.input(4), channels);
    std::optional<Numbers> bias = layer.input_size() > 2 ? numbers(layer.input(2), channels) : Numbers(channels, 0);
    if (!scale || !shift || !mean || !variance || !bias)
      return;
    double eps = attribute(norm, "epsilon") ? attribute(norm, "epsilon")->f() : 1e-5;
    for (int64_t c = 0; c < channels; ++c) {
      double &s = (*scale)[c] /= std::sqrt((*variance)[c] + eps);
      (*bias)[c] = ((*bias)[c] - (*mean)[c]) * s + (*shift)[c];
    }
    Numbers values = numbersOf(*w);
    int64_t each = static_cast<int64_t>(values.size()) / (transposed ? inputs * shape[1] : channels); // elements of one channel, or of one pair of them
    for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
      int64_t block = i / each;
      values[i] *= (*scale)[transposed ? block / shape[1] / (inputs / groups) * shape[1] + block % shape[1] : block];
    }
    RankedTensorType type = w->type;
    std::string name = layer.input(1), biased = layer.input_size() > 2 ? layer.input(2) : StringRef(name).ends_with("weight") ? StringRef(name).drop_back(6).str() + "bias" : name + "/bias";
    layer.set_input(1, put(name, type, values));
    biased = put(biased, RankedTensorType::get(channels, type.getElementType()), *bias);
    layer.input_size() > 2 ? layer.set_input(2, biased) : layer.add_input(biased);
    layer.set_output(0, norm.output(0));
    maker[norm.output(0)] = &layer;
    norm.set_output(0, norm.name() + "/folded"); // read by nobody: pruned
  }

  Graph &graph;
  std::map<std::string, NodeProto *> maker;
  std::map<std::string, int> readers;
  std::set<std::string> taken;
};

} // namespace

void foldBatchNorm(Graph &graph) { Folder(graph).run(); }

} // namespace tenon::onnx

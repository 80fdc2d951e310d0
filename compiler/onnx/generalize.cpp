// One graph for all sizes: numbers that moved become rules over the axes, and rules become nodes in front of the graph.
#include "compiler/onnx/generalize.h"
#include "compiler/onnx/rules.h"
#include "llvm/ADT/ArrayRef.h"
#include <cmath>
#include <cstring>
#include <numeric>

namespace tenon::onnx {
namespace {
using namespace ::onnx;
using llvm::ArrayRef;

class Generalizer {
  template <class F> auto all(F f) {
    std::vector<decltype(f(graphs[0]))> result;
    for (auto &g : graphs)
      result.push_back(f(g));
    return result;
  }

public:
  Generalizer(std::vector<Graph> &graphs, const AxisNames &names, Moving &moving) : graphs(graphs), names(names), moving(moving), first(graphs[0].proto) {}

  llvm::Error run() {
    if (!findAxes())
      return fail();
    if (axes.empty())
      return llvm::Error::success();
    if (!compareNodes(all([](Graph &g) { return &g.proto; })) || !moving.empty() || !compareConstants() || !moveOutputs())
      return fail();
    // What computes the sizes comes first.
    google::protobuf::RepeatedPtrField<NodeProto> rest;
    rest.Swap(first.mutable_node());
    for (auto &node : head)
      *first.add_node() = std::move(node);
    for (auto &node : rest)
      *first.add_node() = std::move(node);
    prune(first);
    return llvm::Error::success();
  }

private:
  llvm::Error fail() { return llvm::createStringError("onnx: " + why); }
  bool because(std::string text, const std::string &line = "") {
    if (why.empty())
      why = std::move(text) + (line.empty() ? "" : " (" + line + ")");
    return false;
  }
  std::string axisNames() {
    std::string text;
    for (auto &a : axes)
      text += (text.empty() ? "'" : ", '") + a.name + "'";
    return text;
  }
  bool findAxes() {
    for (auto &g : graphs)
      if (g.proto.input_size() != first.input_size())
        return because("the function has other inputs at another size");
    for (int i = 0; i < first.input_size(); ++i)
      for (int d = 0; d < first.input(i).type().tensor_type().shape().dim_size(); ++d) {
        std::vector<double> sizes = all([&](Graph &g) { return double(g.proto.input(i).type().tensor_type().shape().dim(d).dim_value()); });
        if (llvm::all_equal(sizes))
          continue;
        auto known = llvm::find_if(axes, [&](const Axis &a) { return a.sizes == sizes; });
        const std::string &input = first.input(i).name();
        if (known == axes.end()) {
          auto given = names.find({input, d});
          bool taken = llvm::any_of(axes, [](const Axis &a) { return a.name == "batch"; });
          axes.push_back({given != names.end() ? given->second : d == 0 && !taken ? "batch" : input + "_dim_" + std::to_string(d), input, d, sizes});
          known = std::prev(axes.end());
        }
        auto &dim = *first.mutable_input(i)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(d);
        moved.push_back({&dim, known->name});
      }
    return true;
  }

  bool compareNodes(const std::vector<GraphProto *> &at) {
    auto &a = *at[0];
    for (auto *b : at) {
      for (int i = 0; i < std::min(a.node_size(), b->node_size()); ++i) {
        auto &x = a.node(i), &y = b->node(i);
        if (x.op_type() != y.op_type() || x.attribute_size() != y.attribute_size() || !std::equal(x.input().begin(), x.input().end(), y.input().begin(), y.input().end()))
          return because("other operations are recorded at another size of " + axisNames() + ", from " + y.op_type() + " on", y.doc_string());
      }
      if (a.node_size() != b->node_size())
        return because("other operations are recorded at another size of " + axisNames());
    }
    for (int i = 0; i < a.node_size(); ++i)
      for (int k = 0; k < a.node(i).attribute_size(); ++k) {
        auto &x = a.node(i).attribute(k);
        if (x.type() == AttributeProto::GRAPH) {
          std::vector<GraphProto *> inner;
          for (auto *b : at)
            inner.push_back(b->mutable_node(i)->mutable_attribute(k)->mutable_g());
          if (!compareNodes(inner))
            return false;
          for (int in = 0; in < inner[0]->input_size(); ++in)
            forgetMoved(inner, in);
          continue;
        }
        for (auto *b : at)
          if (b->node(i).attribute(k).SerializeAsString() != x.SerializeAsString()) {
            moving.insert(graphs[0].places[a.node(i).name()]);
            because("'" + x.name() + "' of " + a.node(i).op_type() + " changes with " + axisNames() + "; ONNX has it fixed", a.node(i).doc_string());
          }
      }
    return true;
  }
  /// Of a body's argument: extents that moved are unknown there.
  void forgetMoved(const std::vector<GraphProto *> &bodies, int in) {
    auto &shape = *bodies[0]->mutable_input(in)->mutable_type()->mutable_tensor_type()->mutable_shape();
    for (int d = 0; d < shape.dim_size(); ++d)
      for (auto *b : bodies)
        if (b->input(in).type().tensor_type().shape().dim(d).dim_value() != shape.dim(d).dim_value())
          moved.push_back({shape.mutable_dim(d), ""});
  }

  bool compareConstants() {
    std::map<std::string, NodeProto *> reader;
    for (auto &node : *first.mutable_node())
      for (auto &name : node.input())
        reader[name] = &node;
    std::vector<int> computed;
    for (int i = 0, count = first.initializer_size(); i < count; ++i) { // compute() adds more
      auto tensors = all([&](Graph &g) { return i < g.proto.initializer_size() ? &g.proto.initializer(i) : nullptr; });
      auto &t = *first.mutable_initializer(i);
      for (auto *other : tensors)
        if (!other || !std::equal(t.dims().begin(), t.dims().end(), other->dims().begin(), other->dims().end()) || t.data_type() != other->data_type())
          return because("a constant has another shape at another size of " + axisNames(), t.doc_string());
      if (llvm::all_of(tensors, [&](auto *other) { return other->raw_data() == t.raw_data(); }))
        continue;
      int64_t elements = std::accumulate(t.dims().begin(), t.dims().end(), int64_t(1), std::multiplies<>());
      std::vector<std::pair<int64_t, Rule>> rules;
      for (int64_t e = 0; e < elements; ++e) {
        std::vector<double> values;
        for (auto *other : tensors)
          values.push_back(elementAt(*other, e));
        if (llvm::all_equal(values))
          continue;
        auto rule = fit(axes, values, t.data_type() == TensorProto::FLOAT || t.data_type() == TensorProto::DOUBLE, t.data_type() == TensorProto::FLOAT ? 1e-5 : 1e-12);
        if (!rule)
          return because("a number changes with " + axisNames() + " by no simple rule: " + text(values), t.doc_string());
        rules.push_back({e, *rule});
      }
      auto *node = reader.count(t.name()) ? reader[t.name()] : nullptr;
      if (node && node->op_type() == "Reshape" && rules.size() == 1 && !zeroIn(t, elements)) {
        int64_t rest = -1;
        std::memcpy(t.mutable_raw_data()->data() + rules[0].first * 8, &rest, 8);
        continue;
      }
      if (t.dims_size() > 1 || (t.dims_size() == 1 && t.data_type() != TensorProto::INT64))
        return because("the elements of a constant change with " + axisNames(), t.doc_string());
      compute(t, elements, rules);
      computed.push_back(i);
    }
    for (int i : llvm::reverse(computed))
      first.mutable_initializer()->DeleteSubrange(i, 1);
    return true;
  }
  static bool zeroIn(const TensorProto &t, int64_t count) {
    for (int64_t e = 0; e < count; ++e)
      if (elementAt(t, e) == 0)
        return true;
    return false;
  }
  static std::string text(ArrayRef<double> values) {
    std::string result;
    for (double v : values) {
      char buffer[32];
      std::snprintf(buffer, sizeof buffer, "%g", v);
      result += (result.empty() ? "" : ", ") + std::string(buffer);
    }
    return result;
  }

  std::string node(const std::string &op, std::vector<std::string> inputs, const std::string &output = "") {
    auto &n = head.emplace_back();
    n.set_op_type(op);
    n.set_name("size/" + op + "_" + std::to_string(counter));
    for (auto &in : inputs)
      n.add_input(in);
    n.add_output(output.empty() ? "size/" + std::to_string(counter) : output);
    ++counter;
    return n.output(0);
  }
  template <class T> std::string constant(TensorProto::DataType type, std::vector<T> values, bool vector) {
    auto &t = *first.add_initializer();
    t.set_name("size/number_" + std::to_string(counter++));
    t.set_data_type(type);
    if (vector)
      t.add_dims(int64_t(values.size()));
    t.set_raw_data(values.data(), values.size() * sizeof(T));
    return t.name();
  }
  std::string whole(int64_t n) { return constant<int64_t>(TensorProto::INT64, {n}, false); }
  std::string number(int32_t type, double v) {
    return type == TensorProto::FLOAT ? constant<float>(TensorProto::FLOAT, {float(v)}, false) : type == TensorProto::DOUBLE ? constant<double>(TensorProto::DOUBLE, {v}, false)
         : type == TensorProto::INT32 ? constant<int32_t>(TensorProto::INT32, {int32_t(v)}, false) : whole(int64_t(v));
  }
  std::string size(int axis, int32_t type) {
    auto &known = sizes[{axis, type}];
    if (known.empty()) {
      if (type == TensorProto::INT64) {
        known = node("Gather", {node("Shape", {axes[axis].input}), whole(axes[axis].dimension)});
      } else {
        known = node("Cast", {size(axis, TensorProto::INT64)});
        auto &to = *head.back().add_attribute();
        to.set_name("to"), to.set_type(AttributeProto::INT), to.set_i(type);
      }
    }
    return known;
  }
  std::string scalar(const Rule &rule, int32_t type) {
    std::string sum;
    for (size_t i = 0; i < rule.terms.size(); ++i) {
      if (rule.coefficients[i] == 0)
        continue;
      std::string product;
      for (int a : rule.terms[i].axes)
        product = product.empty() ? size(a, type) : node("Mul", {product, size(a, type)});
      if (rule.terms[i].inverse)
        product = node("Div", {number(type, rule.coefficients[i]), product});
      else if (product.empty())
        product = number(type, rule.coefficients[i]);
      else if (rule.coefficients[i] != 1)
        product = node("Mul", {product, number(type, rule.coefficients[i])});
      sum = sum.empty() ? product : node("Add", {sum, product});
    }
    if (rule.reciprocal)
      return node("Div", {number(type, 1), sum});
    return rule.divisor == 1 ? sum : node("Div", {sum, number(type, double(rule.divisor))});
  }
  /// The constant under its own name, as nodes.
  void compute(const TensorProto &constant_, int64_t count, const std::vector<std::pair<int64_t, Rule>> &rules) {
    TensorProto t = constant_; // initializers are added below
    if (t.dims_size() == 0) {
      node("Identity", {scalar(rules[0].second, t.data_type())}, t.name());
      return;
    }
    std::vector<std::string> parts;
    int64_t next = 0;
    auto fixed = [&](int64_t end) {
      std::vector<int64_t> values;
      for (; next < end; ++next)
        values.push_back(int64_t(elementAt(t, next)));
      if (!values.empty())
        parts.push_back(constant<int64_t>(TensorProto::INT64, values, true));
    };
    for (auto &[place, rule] : rules) {
      fixed(place);
      parts.push_back(node("Reshape", {scalar(rule, TensorProto::INT64), constant<int64_t>(TensorProto::INT64, {1}, true)}));
      ++next;
    }
    fixed(count);
    node("Concat", parts, t.name());
    auto &axis = *head.back().add_attribute();
    axis.set_name("axis"), axis.set_type(AttributeProto::INT), axis.set_i(0);
  }

  bool moveOutputs() {
    for (int i = 0; i < first.output_size(); ++i) {
      auto &shape = *first.mutable_output(i)->mutable_type()->mutable_tensor_type()->mutable_shape();
      for (int d = 0; d < shape.dim_size(); ++d) {
        std::vector<double> sizes = all([&](Graph &g) { return double(g.proto.output(i).type().tensor_type().shape().dim(d).dim_value()); });
        if (llvm::all_equal(sizes))
          continue;
        auto axis = llvm::find_if(axes, [&](const Axis &a) { return a.sizes == sizes; });
        moved.push_back({shape.mutable_dim(d), axis == axes.end() ? "" : axis->name});
      }
    }
    for (auto &[dim, name] : moved)
      if (name.empty())
        dim->clear_dim_value();
      else
        dim->set_dim_param(name);
    return true;
  }

  std::vector<Graph> &graphs;
  const AxisNames &names;
  Moving &moving;
  GraphProto &first;
  std::vector<Axis> axes;
  std::vector<std::pair<TensorShapeProto::Dimension *, std::string>> moved;
  std::vector<NodeProto> head;
  std::map<std::pair<int, int32_t>, std::string> sizes;
  int counter = 0;
  std::string why;
};

} // namespace

llvm::Error generalize(std::vector<Graph> &graphs, const AxisNames &names, Moving &moving) {
  return graphs.size() < 2 ? llvm::Error::success() : Generalizer(graphs, names, moving).run();
}

} // namespace tenon::onnx

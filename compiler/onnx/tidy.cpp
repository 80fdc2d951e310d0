// A graph without what only its making needed: done once sizes were compared, which need every constant apart.
#include "compiler/onnx/tidy.h"
#include <map>

namespace tenon::onnx {

using Names = std::map<std::string, std::string>;

static void rename(::onnx::GraphProto &graph, const Names &names) {
  auto change = [&](std::string &name) {
    if (auto it = names.find(name); it != names.end())
      name = it->second;
  };
  for (auto &node : *graph.mutable_node()) {
    for (auto &name : *node.mutable_input())
      change(name);
    for (auto &name : *node.mutable_output())
      change(name);
    for (auto &attribute : *node.mutable_attribute())
      if (attribute.type() == ::onnx::AttributeProto::GRAPH) {
        rename(*attribute.mutable_g(), names);
        for (auto &input : *attribute.mutable_g()->mutable_input())
          change(*input.mutable_name());
        for (auto &output : *attribute.mutable_g()->mutable_output())
          change(*output.mutable_name());
      }
  }
}

namespace {
/// New names for what nodes make, bodies take and constants are.
class Numbering {
public:
  explicit Numbering(Graph &graph) : graph(graph.proto) {
    for (auto *list : {&graph.proto.input(), &graph.proto.output()})
      for (auto &value : *list)
        kept.insert(value.name());
    for (auto &weight : graph.weights)
      kept.insert(weight.name);
    taken = kept;
    for (auto &c : graph.proto.initializer())
      constants.insert(c.name());
  }
  void run() {
    nodes(graph);
    rename(graph, names);
    for (auto &c : *graph.mutable_initializer())
      c.set_name(names[c.name()]);
    std::sort(graph.mutable_initializer()->pointer_begin(), graph.mutable_initializer()->pointer_end(), [&](auto *a, auto *b) { return order[a->name()] < order[b->name()]; });
  }

private:
  /// What computes sizes says so.
  void fresh(const std::string &old, const std::string &kind) {
    if (kept.count(old) || old.empty() || names.count(old))
      return;
    order[names[old] = unique((old.starts_with("size/") && !constants.count(old) ? "size/" : "") + kind)] = order.size();
  }
  std::string unique(const std::string &name) {
    for (;;) {
      unsigned uses = counts[name]++;
      std::string made = uses ? name + "_" + std::to_string(uses) : name;
      if (taken.insert(made).second)
        return made;
    }
  }
  void nodes(::onnx::GraphProto &graph) {
    for (auto &node : *graph.mutable_node()) {
      std::string kind = llvm::StringRef(node.op_type()).lower();
      node.set_name(unique((llvm::StringRef(node.name()).starts_with("size/") ? "size/" : "") + node.op_type()));
      for (auto &name : node.input())
        if (constants.count(name))
          fresh(name, "number");
      for (auto &attribute : *node.mutable_attribute())
        if (attribute.type() == ::onnx::AttributeProto::GRAPH) {
          attribute.mutable_g()->set_name(unique("body"));
          for (auto &input : attribute.g().input())
            fresh(input.name(), "argument");
          nodes(*attribute.mutable_g());
        }
      for (auto &name : node.output())
        fresh(name, kind);
    }
  }
  ::onnx::GraphProto &graph;
  std::set<std::string> kept, taken, constants; // names: of the user; in use; old ones
  std::map<std::string, unsigned> counts;
  std::map<std::string, size_t> order;
  Names names;
};
} // namespace

/// What computes sizes, once.
static void mergeSizes(::onnx::GraphProto &graph) {
  Names names;
  std::map<std::string, std::string> known;
  for (auto &node : *graph.mutable_node()) {
    if (!llvm::StringRef(node.name()).starts_with("size/"))
      break; // they come first
    for (auto &name : *node.mutable_input())
      if (auto it = names.find(name); it != names.end())
        name = it->second;
    ::onnx::NodeProto nameless = node;
    nameless.clear_name(), nameless.clear_output();
    auto [place, fresh] = known.try_emplace(nameless.SerializeAsString(), node.output(0));
    if (fresh && node.op_type() != "Identity")
      continue;
    names[node.output(0)] = node.op_type() == "Identity" ? node.input(0) : place->second;
    node.set_output(0, node.output(0) + "/merged"); // read by nobody: pruned
  }
  rename(graph, names);
}

/// A transpose of a transpose is one.
static void mergeTransposes(::onnx::GraphProto &graph) {
  std::map<std::string, const ::onnx::NodeProto *> made;
  for (auto &node : *graph.mutable_node()) {
    for (auto &attribute : *node.mutable_attribute())
      if (attribute.type() == ::onnx::AttributeProto::GRAPH)
        mergeTransposes(*attribute.mutable_g());
    if (node.op_type() != "Transpose")
      continue;
    auto inner = made.find(node.input(0));
    made[node.output(0)] = &node;
    if (inner == made.end())
      continue;
    for (auto &d : *node.mutable_attribute(0)->mutable_ints())
      d = inner->second->attribute(0).ints(static_cast<int>(d));
    node.set_input(0, inner->second->input(0));
  }
}

/// Of a reshape of a reshape the last one says all.
static void mergeReshapes(::onnx::GraphProto &graph) {
  std::map<std::string, std::string> made; // what a reshape makes, of what
  for (auto &node : *graph.mutable_node()) {
    for (auto &attribute : *node.mutable_attribute())
      if (attribute.type() == ::onnx::AttributeProto::GRAPH)
        mergeReshapes(*attribute.mutable_g());
    if (node.op_type() != "Reshape")
      continue;
    if (auto inner = made.find(node.input(0)); inner != made.end())
      node.set_input(0, inner->second);
    made[node.output(0)] = node.input(0);
  }
}

void tidy(Graph &whole) {
  ::onnx::GraphProto &graph = whole.proto;
  mergeTransposes(graph);
  mergeReshapes(graph);
  Names names;
  std::map<std::string, std::string> known; // by what a constant is
  for (auto &c : *graph.mutable_initializer()) {
    c.clear_doc_string();
    ::onnx::TensorProto nameless = c;
    nameless.clear_name();
    auto [place, fresh] = known.try_emplace(nameless.SerializeAsString(), c.name());
    if (!fresh)
      names[c.name()] = place->second;
  }
  rename(graph, names);
  mergeSizes(graph);
  // The last copies make outputs: what they copy takes the output's name, once.
  names.clear();
  std::set<std::string> made, outputs;
  for (auto &node : graph.node())
    made.insert(node.output().begin(), node.output().end());
  for (auto &output : graph.output())
    outputs.insert(output.name());
  for (auto &node : *graph.mutable_node())
    if (node.op_type() == "Identity" && outputs.count(node.output(0)) && made.count(node.input(0)) && !outputs.count(node.input(0)) && !names.count(node.input(0))) {
      names[node.input(0)] = node.output(0);
      node.set_output(0, node.name() + "/copy"); // read by nobody: pruned
    }
  rename(graph, names);
  prune(graph);
  Numbering(whole).run();
}

} // namespace tenon::onnx

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
        for (auto &output : *attribute.mutable_g()->mutable_output())
          change(*output.mutable_name());
      }
  }
}

void tidy(::onnx::GraphProto &graph) {
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
}

} // namespace tenon::onnx

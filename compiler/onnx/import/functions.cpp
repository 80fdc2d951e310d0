// Functions of a model are inlined: their nodes with the call's operands and attributes.
#include "compiler/onnx/import/importer.h"
#include "google/protobuf/unknown_field_set.h"

using namespace mlir;
namespace tenon::onnx::imports {

/// Defaults of a function's attributes: field 11 of FunctionProto, which older headers of ONNX do not know.
static std::vector<pb::AttributeProto> defaultsOf(const pb::FunctionProto &function) {
  std::vector<pb::AttributeProto> defaults;
  const auto &unknown = function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < unknown.field_count(); ++i)
    if (auto &f = unknown.field(i); f.number() == 11)
      if (f.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED || !defaults.emplace_back().ParseFromString(f.length_delimited()))
        throw Failure{"the default of an attribute of the function is damaged"};
  return defaults;
}

/// Attributes of the call in place of those that name them, in the function's nodes and their graphs.
static void bind(pb::NodeProto &node, const pb::NodeProto &call, const pb::FunctionProto &function, int depth) {
  if (depth > deepest)
    throw Failure{"graphs lie too deep in each other"};
  for (int i = 0; i < node.attribute_size();) {
    pb::AttributeProto &a = *node.mutable_attribute(i);
    if (a.has_g())
      for (auto &n : *a.mutable_g()->mutable_node())
        bind(n, call, function, depth + 1);
    if (!a.ref_attr_name().empty()) {
      std::string name = a.name(), wanted = a.ref_attr_name();
      auto given = llvm::find_if(call.attribute(), [&](const auto &c) { return c.name() == wanted; });
      if (given == call.attribute().end()) { // not given: the op's own default
        node.mutable_attribute()->DeleteSubrange(i, 1);
        continue;
      }
      a = *given;
      a.set_name(name);
    }
    ++i;
  }
}

void Importer::call(const pb::FunctionProto &function, Node &node) {
  if (node.inputs.size() > size_t(function.input_size()) || node.outputs.size() > size_t(function.output_size()))
    throw Failure{"the function takes " + std::to_string(function.input_size()) + " inputs and gives " + std::to_string(function.output_size()) + " outputs"};
  Scope scope;
  scope.around = &node.scope;
  scope.block = node.scope.block;
  for (auto [i, name] : llvm::enumerate(function.input()))
    if (i < node.inputs.size() && (node.inputs[i].isTensor() || node.inputs[i].list))
      scope.values[name] = node.inputs[i];
  pb::NodeProto given = node.proto;
  for (auto &a : defaultsOf(function))
    if (llvm::none_of(given.attribute(), [&](const auto &g) { return g.name() == a.name(); }))
      *given.add_attribute() = a;
  if (++depth > deepest)
    throw Failure{"functions call each other more than " + std::to_string(deepest) + " deep"};
  Opsets before = std::exchange(opsets, opsetsOf(function.opset_import()));
  for (const auto &n : function.node()) {
    pb::NodeProto bound = n;
    bind(bound, given, function, 0);
    // An operand that the caller left out.
    for (auto &name : *bound.mutable_input())
      if (!scope.values.contains(name) && llvm::is_contained(function.input(), name))
        name.clear();
    this->node(bound, scope, node.b);
  }
  opsets = std::move(before);
  --depth;
  for (auto [i, v] : llvm::enumerate(node.outputs))
    if (node.wants(i))
      v = lookup(scope, function.output(i));
}

} // namespace tenon::onnx::imports

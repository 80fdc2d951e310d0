// What graphs are read and written with, message by message.
#include "compiler/dialect/interfaces/literal.h"
#include "compiler/onnx/graph.h"
#include <cmath>
#include <cstring>

using namespace mlir;
namespace tenon::onnx {

int32_t elementType(Type e) {
  using T = ::onnx::TensorProto;
  return e.isF32() ? T::FLOAT : e.isF64() ? T::DOUBLE : e.isBF16() ? T::BFLOAT16 : e.isF16() ? T::FLOAT16 : e.isInteger(32) ? T::INT32 : e.isInteger(64) ? T::INT64 : T::BOOL;
}

void describe(::onnx::ValueInfoProto &info, const std::string &name, RankedTensorType type) {
  info.set_name(name);
  auto *tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(elementType(type.getElementType()));
  tensor->mutable_shape();
  for (int64_t n : type.getShape())
    tensor->mutable_shape()->add_dim()->set_dim_value(n);
}

std::string bytesOf(RankedTensorType type, ElementsAttr value) {
  if (!value)
    return std::string(type.getNumElements() * ir::elementBytes(type.getElementType()), '\0');
  ir::Literal literal = ir::Literal::from(value);
  return std::string(literal.data.data(), literal.data.size());
}

double elementAt(const ::onnx::TensorProto &t, int64_t i) {
  const char *data = t.raw_data().data();
  auto load = [&](auto zero) {
    std::memcpy(&zero, data + i * sizeof zero, sizeof zero);
    return double(zero);
  };
  switch (t.data_type()) {
  case ::onnx::TensorProto::FLOAT: return load(float());
  case ::onnx::TensorProto::DOUBLE: return load(double());
  case ::onnx::TensorProto::INT32: return load(int32_t());
  case ::onnx::TensorProto::INT64: return load(int64_t());
  default: return NAN;
  }
}

void eachRead(const ::onnx::NodeProto &node, llvm::function_ref<void(const std::string &)> visit) {
  for (const std::string &name : node.input())
    visit(name);
  for (const auto &attribute : node.attribute()) {
    if (attribute.type() != ::onnx::AttributeProto::GRAPH)
      continue;
    for (const auto &inner : attribute.g().node())
      eachRead(inner, visit);
    for (const auto &output : attribute.g().output())
      visit(output.name());
  }
}

void prune(::onnx::GraphProto &graph) {
  std::set<std::string> read;
  for (const auto &output : graph.output())
    read.insert(output.name());
  std::vector<int> dead;
  for (int i = graph.node_size(); i-- > 0;) {
    auto &node = *graph.mutable_node(i);
    if (llvm::none_of(node.output(), [&](const std::string &name) { return read.count(name); })) {
      dead.push_back(i);
      continue;
    }
    for (auto &attribute : *node.mutable_attribute())
      if (attribute.type() == ::onnx::AttributeProto::GRAPH)
        prune(*attribute.mutable_g());
    eachRead(node, [&](const std::string &name) { read.insert(name); });
  }
  ::google::protobuf::RepeatedPtrField<::onnx::NodeProto> live;
  std::set<int> gone(dead.begin(), dead.end());
  for (int i = 0; i < graph.node_size(); ++i)
    if (!gone.count(i))
      live.Add(std::move(*graph.mutable_node(i)));
  graph.mutable_node()->Swap(&live);
  ::google::protobuf::RepeatedPtrField<::onnx::TensorProto> constants;
  for (auto &c : *graph.mutable_initializer())
    if (read.count(c.name()))
      constants.Add(std::move(c));
  graph.mutable_initializer()->Swap(&constants);
}

} // namespace tenon::onnx

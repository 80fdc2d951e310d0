// Models written with protobuf, for tests.
#pragma once
#include "compiler/onnx/proto.h"
#include <string>
#include <vector>

namespace tenon::test {
namespace pb = ::onnx;

/// y = Relu(x) with x of float [2, 3].
struct File {
  pb::ModelProto model;
  pb::GraphProto &graph = *model.mutable_graph();
  explicit File(int opset = 17) {
    model.set_ir_version(8);
    auto *o = model.add_opset_import();
    o->set_version(opset);
    input("x", {2, 3});
    graph.add_output()->set_name("y");
  }
  void input(const char *name, std::vector<int64_t> shape, int type = pb::TensorProto::FLOAT) {
    auto *i = graph.add_input();
    i->set_name(name);
    auto *t = i->mutable_type()->mutable_tensor_type();
    t->set_elem_type(type);
    t->mutable_shape();
    for (int64_t d : shape)
      t->mutable_shape()->add_dim()->set_dim_value(d);
  }
  pb::NodeProto &node(const char *op, std::vector<const char *> in, std::vector<const char *> out) { return node(graph, op, in, out); }
  static pb::NodeProto &node(pb::GraphProto &graph, const char *op, std::vector<const char *> in, std::vector<const char *> out) {
    auto *n = graph.add_node();
    n->set_op_type(op);
    n->set_name(std::string("the_") + op);
    for (auto *s : in)
      n->add_input(s);
    for (auto *s : out)
      n->add_output(s);
    return *n;
  }
  pb::TensorProto &initializer(const char *name, std::vector<int64_t> shape, int type = pb::TensorProto::FLOAT) {
    auto *t = graph.add_initializer();
    t->set_name(name);
    t->set_data_type(type);
    for (int64_t d : shape)
      t->add_dims(d);
    return *t;
  }
  static void attribute(pb::NodeProto &n, const char *name, int64_t value) {
    auto *a = n.add_attribute();
    a->set_name(name);
    a->set_type(pb::AttributeProto::INT);
    a->set_i(value);
  }
  static void ints(pb::NodeProto &n, const char *name, std::vector<int64_t> values) {
    auto *a = n.add_attribute();
    a->set_name(name);
    a->set_type(pb::AttributeProto::INTS);
    for (int64_t v : values)
      a->add_ints(v);
  }
};

} // namespace tenon::test

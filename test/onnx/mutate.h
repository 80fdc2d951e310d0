// Models of libonnx-testdata, changed at random: other ops, attributes, operands, shapes, bits; and what reading and importing them says.
#pragma once
#include "compiler/onnx/import/import.h"
#include "compiler/onnx/proto.h"
#include "mlir/IR/OwningOpRef.h"
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace tenon::test {
namespace pb = ::onnx;

struct Mutator {
  std::mt19937_64 random;
  const std::vector<std::string> &ops;

  uint64_t below(uint64_t n) { return n ? random() % n : 0; }
  int64_t number() {
    static const int64_t odd[] = {-1, 0, 1, 2, 3, 5, 7, 16, 100, -2, -7, 1 << 20, int64_t(1) << 31, int64_t(1) << 33, -(int64_t(1) << 40), INT64_MAX, INT64_MIN};
    return odd[below(std::size(odd))];
  }
  void change(pb::NodeProto &n, const pb::GraphProto &graph) {
    switch (below(7)) {
    case 0: n.set_op_type(ops[below(ops.size())]); break;
    case 1:
      if (n.attribute_size()) {
        auto &a = *n.mutable_attribute(int(below(n.attribute_size())));
        if (a.ints_size())
          a.set_ints(int(below(a.ints_size())), number());
        else if (a.type() == pb::AttributeProto::FLOAT)
          a.set_f(float(number()));
        else
          a.set_i(number());
      }
      break;
    case 2:
      if (n.attribute_size() && n.attribute(0).ints_size())
        n.mutable_attribute(0)->add_ints(number());
      else if (n.attribute_size())
        n.mutable_attribute()->DeleteSubrange(int(below(n.attribute_size())), 1);
      break;
    case 3:
      if (n.input_size())
        n.mutable_input()->DeleteSubrange(int(below(n.input_size())), 1);
      break;
    case 4:
      if (n.input_size() && graph.input_size())
        n.set_input(int(below(n.input_size())), graph.input(int(below(graph.input_size()))).name());
      break;
    case 5: n.add_output("more" + std::to_string(below(9))); break;
    case 6:
      if (graph.input_size())
        n.add_input(graph.input(int(below(graph.input_size()))).name());
      break;
    }
  }
  void change(pb::ModelProto &m) {
    auto &g = *m.mutable_graph();
    switch (below(4)) {
    case 0:
      if (g.input_size()) {
        auto *t = g.mutable_input(int(below(g.input_size())))->mutable_type()->mutable_tensor_type();
        if (below(3) == 0)
          t->set_elem_type(int(below(17)));
        else if (t->mutable_shape()->dim_size() && below(2))
          t->mutable_shape()->mutable_dim(int(below(t->shape().dim_size())))->set_dim_value(int64_t(below(9)));
        else
          t->mutable_shape()->add_dim()->set_dim_value(int64_t(below(4)));
      }
      break;
    case 1:
      if (m.opset_import_size())
        m.mutable_opset_import(0)->set_version(int64_t(1 + below(25)));
      break;
    default:
      if (g.node_size())
        change(*g.mutable_node(int(below(g.node_size()))), g);
    }
  }
};

/// What reading and importing says.
inline std::string importOne(const std::string &bytes, mlir::MLIRContext &context, std::mt19937_64 &random) {
  mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) { return mlir::success(); });
  auto model = tenon::onnx::Model::parse(bytes, "", context);
  if (!model)
    return llvm::toString(model.takeError());
  std::vector<tenon::onnx::Input> inputs;
  for (const auto &p : (*model)->inputs()) {
    if (!p.element || !p.shape || llvm::any_of(*p.shape, [](int64_t d) { return d > 128; }))
      return "an input that is not tried";
    llvm::SmallVector<int64_t> shape(*p.shape);
    int64_t n = 1;
    for (auto &d : shape)
      n *= d = d < 0 ? 2 : d;
    inputs.push_back({mlir::RankedTensorType::get(shape, p.element), std::nullopt});
    if (n <= 8 && random() % 2) {
      auto l = tenon::ir::Literal::zeros(inputs.back().type);
      for (int64_t i = 0; i < n; ++i)
        if (!llvm::isa<mlir::FloatType>(p.element))
          l.set(i, {.integer = int64_t(random() % 12) - 4});
      inputs.back().known = l;
    }
  }
  auto module = tenon::onnx::importModule(**model, inputs, context);
  return module ? "" : llvm::toString(module.takeError());
}

/// The model that a number stands for.
inline std::string made(Mutator &m, const std::vector<std::string> &files) {
  std::string bytes = files[m.below(files.size())];
  if (m.below(4) == 0) {
    for (int k = 0; k < 4; ++k)
      bytes[m.below(bytes.size())] ^= char(1 << m.below(8));
    return bytes;
  }
  pb::ModelProto model;
  model.ParseFromString(bytes);
  for (uint64_t k = 0, n = 1 + m.below(3); k < n; ++k)
    m.change(model);
  return model.SerializeAsString();
}

// The corpus: models, each after its length (four bytes). One for every error that mutations came to, and whatever once ended a process.
inline std::vector<std::string> readCorpus(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> models;
  for (uint32_t size; in.read(reinterpret_cast<char *>(&size), 4);) {
    models.emplace_back(size, 0);
    in.read(models.back().data(), size);
  }
  return models;
}
/// An error without names and numbers.
inline std::string kindOf(const std::string &message) {
  std::string kind;
  bool quoted = false;
  for (char c : message) {
    if (c == '\'')
      quoted = !quoted;
    else if (!quoted && !isdigit(c) && c != '-')
      kind += c;
  }
  return kind;
}
/// The models to change, and the ops that a node may become.
inline std::pair<std::vector<std::string>, std::vector<std::string>> material() {
  std::vector<std::string> files, ops;
  for (const char *set : {"node", "simple", "pytorch-operator"})
    for (auto &e : std::filesystem::directory_iterator(std::filesystem::path("/usr/share/libonnx-testdata/data") / set))
      if (std::ifstream in(e.path() / "model.onnx"); in) {
        std::stringstream text;
        text << in.rdbuf();
        files.push_back(text.str());
      }
  std::sort(files.begin(), files.end());
  for (auto &s : tenon::onnx::supported())
    ops.push_back(s.op);
  return {files, ops};
}

} // namespace tenon::test

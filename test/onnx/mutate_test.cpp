// Models of libonnx-testdata, changed at random: other ops, attributes, operands, shapes, bits. Whatever is said of them, the process goes on.
//
//   onnx_mutate [SECONDS [SEED [FILE]]]         FILE: only the model of that seed, written there
//   onnx_mutate --corpus FILE                   those of a corpus
//   onnx_mutate --grow FILE COUNT SEED          adds mutations that come to an error which no model of the corpus comes to
#include "compiler/api/compiler.h"
#include "compiler/onnx/import/import.h"
#include "compiler/onnx/proto.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Signals.h"
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
namespace pb = ::onnx;

namespace {

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
std::string importOne(const std::string &bytes, mlir::MLIRContext &context, std::mt19937_64 &random) {
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
std::string made(Mutator &m, const std::vector<std::string> &files) {
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

/// 4 GB are all that a process may have from here on.
void limit() {
  rlimit limit{uint64_t(4) << 30, uint64_t(4) << 30};
  setrlimit(RLIMIT_AS, &limit);
}

// The corpus: models, each after its length (four bytes). One for every error that mutations came to, and whatever once ended a process.
std::vector<std::string> read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> models;
  for (uint32_t size; in.read(reinterpret_cast<char *>(&size), 4);) {
    models.emplace_back(size, 0);
    in.read(models.back().data(), size);
  }
  return models;
}
void add(const std::string &path, const std::string &model) {
  auto size = uint32_t(model.size());
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char *>(&size), 4).write(model.data(), size);
}
/// An error without names and numbers.
std::string kindOf(const std::string &message) {
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
int replay(const std::string &path) {
  auto models = read(path);
  limit();
  auto context = tenon::compiler::makeContext();
  for (size_t i = 0; i < models.size(); ++i) {
    std::cout << i << std::endl; // the last one is that which ended the process
    std::mt19937_64 random(i);
    alarm(20);
    importOne(models[i], *context, random);
  }
  std::cout << models.size() << " models\n";
  return models.empty();
}
/// Adds `count` mutations' new errors to a corpus.
int grow(const std::string &path, uint64_t count, uint64_t seed, const std::vector<std::string> &files, const std::vector<std::string> &ops) {
  auto context = tenon::compiler::makeContext();
  std::set<std::string> known;
  for (auto &m : read(path)) {
    std::mt19937_64 random(1);
    known.insert(kindOf(importOne(m, *context, random)));
  }
  for (uint64_t i = 0; i < count; ++i) {
    Mutator m{std::mt19937_64(seed + i), ops};
    std::string bytes = made(m, files);
    if (bytes.size() <= 260 && known.insert(kindOf(importOne(bytes, *context, m.random))).second)
      add(path, bytes);
  }
  std::cout << known.size() << " errors\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  llvm::sys::PrintStackTraceOnErrorSignal(argv[0]);
  if (argc == 3 && std::string(argv[1]) == "--corpus")
    return replay(argv[2]);
  std::vector<std::string> files, ops;
  for (const char *set : {"node", "simple", "pytorch-operator"})
    for (auto &e : fs::directory_iterator(fs::path("/usr/share/libonnx-testdata/data") / set))
      if (std::ifstream in(e.path() / "model.onnx"); in) {
        std::stringstream text;
        text << in.rdbuf();
        files.push_back(text.str());
      }
  std::sort(files.begin(), files.end());
  for (auto &s : tenon::onnx::supported())
    ops.push_back(s.op);
  if (argc == 5 && std::string(argv[1]) == "--grow")
    return grow(argv[2], std::stoull(argv[3]), std::stoull(argv[4]), files, ops);
  int seconds = argc > 1 ? std::stoi(argv[1]) : 20;
  uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 1;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int deaths = 0;
  uint64_t rounds = 0;
  while (std::chrono::steady_clock::now() < end && deaths < 20) {
    // A child makes 500 of them; where it dies the last one is told. 4 GB are all it may have.
    constexpr int each = 500;
    int at[2];
    if (pipe(at))
      return 2;
    pid_t child = fork();
    if (child == 0) {
      limit();
      auto context = tenon::compiler::makeContext();
      for (int i = 0; i < each; ++i) {
        uint64_t mine = seed + rounds + i;
        if (write(at[1], &mine, sizeof mine) != sizeof mine)
          _exit(1);
        Mutator m{std::mt19937_64(mine), ops};
        std::string bytes = made(m, files);
        if (argc > 3) // the file that was made of one seed
          std::ofstream(argv[3]) << bytes, _exit(0);
        alarm(20);
        importOne(bytes, *context, m.random);
        alarm(0);
      }
      _exit(0);
    }
    close(at[1]);
    uint64_t last = 0, next;
    while (read(at[0], &next, sizeof next) == sizeof next)
      last = next;
    close(at[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      ++deaths;
      std::cout << "seed " << last << ": the process died (" << (WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit") << ")\n";
      rounds = last - seed + 1;
    } else {
      rounds += each;
    }
  }
  std::cout << rounds << " models, " << deaths << " deaths\n";
  return deaths ? 1 : 0;
}

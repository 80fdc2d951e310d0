// libFuzzer over reading and importing: whatever a file says, the process goes on, and takes no more memory than a stated multiple of the file.
//
//   onnx_fuzz [OPTIONS]                   libFuzzer's; from the kept corpus on
//   onnx_fuzz MODELS...                   these alone
//   onnx_fuzz --add MODELS...             to the kept corpus
//   onnx_fuzz --grow COUNT SEED           adds changed models that come to an error which none of the corpus comes to
#include "compiler/api/compiler.h"
#include "test/onnx/allocated.h"
#include "test/onnx/mutate.h"
#include <cstdio>
#include <cstdlib>
#include <set>

using namespace tenon::test;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace {

/// Importing holds at most this beyond what it held before: for what shapes alone make, and for every byte of the file.
constexpr int64_t mostAtAll = int64_t(1) << 30, mostPerByte = 64;

const char *const corpus = TENON_SOURCE_DIR "/test/onnx/data/corpus.bin";

/// Besides the lines of the instrumented files: every error is a place that was reached.
__attribute__((section("__libfuzzer_extra_counters"), used)) uint8_t errors[1 << 14];

std::vector<std::string> files, ops;

/// Made anew now and then, as a context keeps every attribute.
mlir::MLIRContext &context() {
  static std::unique_ptr<mlir::MLIRContext> made;
  static int runs = 0;
  if (runs++ % 500 == 0)
    made.reset(), made = tenon::compiler::makeContext();
  return *made;
}

void add(const std::string &model) {
  auto size = uint32_t(model.size());
  std::ofstream out(corpus, std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char *>(&size), 4).write(model.data(), size);
}
void grow(uint64_t count, uint64_t seed) {
  std::set<std::string> known;
  for (auto &m : readCorpus(corpus)) {
    std::mt19937_64 random(1);
    known.insert(kindOf(importOne(m, context(), random)));
  }
  for (uint64_t i = 0; i < count; ++i) {
    Mutator m{std::mt19937_64(seed + i), ops};
    std::string bytes = made(m, files);
    if (bytes.size() <= 260 && known.insert(kindOf(importOne(bytes, context(), m.random))).second)
      add(bytes);
  }
  std::printf("%zu errors\n", known.size());
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv) {
  std::tie(files, ops) = material();
  std::vector<std::string> given(*argv + 1, *argv + *argc);
  if (!given.empty() && given[0] == "--add") {
    for (size_t i = 1; i < given.size(); ++i) {
      std::ifstream in(given[i], std::ios::binary);
      add({std::istreambuf_iterator<char>(in), {}});
    }
    std::exit(0);
  }
  if (given.size() == 3 && given[0] == "--grow") {
    grow(std::stoull(given[1]), std::stoull(given[2]));
    std::exit(0);
  }
  if (llvm::any_of(given, [](const std::string &a) { return std::filesystem::is_regular_file(a); }))
    return 0;
  // libFuzzer reads folders; what it finds goes to the first.
  static std::string found = TENON_BINARY_DIR "/test/onnx/fuzz/found", kept = TENON_BINARY_DIR "/test/onnx/fuzz/kept";
  for (auto &folder : {found, kept}) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  size_t number = 0;
  for (auto &m : readCorpus(corpus))
    std::ofstream(kept + "/" + std::to_string(number++), std::ios::binary) << m;
  static std::vector<char *> arguments(*argv, *argv + *argc);
  arguments.insert(arguments.end(), {found.data(), kept.data()});
  *argc = int(arguments.size());
  arguments.push_back(nullptr);
  *argv = arguments.data();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string bytes(reinterpret_cast<const char *>(data), size);
  std::mt19937_64 random(size);
  auto &c = context();
  int64_t before = mostHeld = held.load();
  auto said = importOne(bytes, c, random);
  if (int64_t took = mostHeld - before; took > mostAtAll + mostPerByte * int64_t(size)) {
    std::fprintf(stderr, "importing %zu bytes took %lld\n", size, (long long)took);
    std::abort();
  }
  errors[std::hash<std::string>()(kindOf(said)) % sizeof errors] = 1;
  return 0;
}

/// Half of the changes are of messages, half of bytes.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  Mutator m{std::mt19937_64(seed), ops};
  if (m.below(2))
    return LLVMFuzzerMutate(data, size, most);
  pb::ModelProto model;
  if (m.below(4) == 0 || !model.ParseFromArray(data, int(size)))
    model.ParseFromString(files[m.below(files.size())]);
  for (uint64_t k = 0, n = 1 + m.below(3); k < n; ++k)
    m.change(model);
  std::string bytes = model.SerializeAsString();
  if (bytes.size() > most)
    return LLVMFuzzerMutate(data, size, most);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

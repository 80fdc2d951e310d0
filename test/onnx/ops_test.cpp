// Every sample of every registered op, exported, checked by libonnx, run by ONNX Runtime and compared with the reference evaluator. What cannot leave, and what the runtime has
// no kernel for, is in one list with its reason (exceptions.txt); a line there that is needed no more fails too.
#include "compiler/api/onnx.h"
#include "mlir/IR/Verifier.h"
#include "test/onnx/cases.h"
#include "test/property/cases.h"
#include "gtest/gtest.h"
#include <fstream>
#include <map>
#include <set>

using namespace mlir;
namespace tenon::test {
namespace {

/// Lines "kind case: reason", kind `leave` or `kernel`, one star in the case.
struct Exceptions {
  std::map<std::pair<std::string, std::string>, bool> used;
  Exceptions() {
    std::ifstream in(TENON_SOURCE_DIR "/test/onnx/exceptions.txt");
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line[0] != '#')
        used[{line.substr(0, line.find(' ')), line.substr(line.find(' ') + 1, line.find(':') - line.find(' ') - 1)}] = false;
  }
  bool allow(const std::string &kind, const std::string &name) {
    bool found = false;
    for (auto &[key, seen] : used)
      if (size_t star = key.second.find('*'); key.first == kind && name.starts_with(key.second.substr(0, star)) && name.ends_with(key.second.substr(star + 1)))
        found = seen = true;
    return found;
  }
};

} // namespace

TEST(Onnx, EveryOpLeavesAndRuns) {
  std::string folder = emptyFolder("ops");
  Exceptions exceptions;
  std::map<std::string, std::string> texts;
  std::set<std::string> wanted;
  for (const Case &c : allCases()) {
    if (c.text.find("bf16") != std::string::npos || c.text.find("f16") != std::string::npos)
      continue; // storage: the runtime's CPU has few kernels of it
    OwningOpRef<ModuleOp> module = parse(c.text);
    func::FuncOp f = function(*module);
    std::vector<compiler::Literal> x = inputs(f, c);
    llvm::StringMap<compiler::Literal> state;
    auto y = compiler::evaluate(f, x, state);
    if (!y) { // a check that failed
      ADD_FAILURE() << c.name << ": " << llvm::toString(y.takeError());
      continue;
    }
    std::vector<NamedLiteral> given, expected;
    for (auto [i, v] : llvm::enumerate(x))
      given.push_back({"input" + std::to_string(i), v});
    for (auto [i, v] : llvm::enumerate(*y))
      expected.push_back({"output" + std::to_string(i), v});
    if (auto error = compiler::saveOnnx(*module, {}, folder + "/" + c.name + ".onnx")) {
      std::string text = llvm::toString(std::move(error));
      EXPECT_TRUE(exceptions.allow("leave", c.name)) << c.name << ": " << text << "\n" << c.text;
      continue;
    }
    texts[c.name] = c.text;
    bool draws = c.text.find("philox") != std::string::npos || c.text.find("random") != std::string::npos || c.text.find("dropout") != std::string::npos;
    if (draws)
      continue; // random bits are inputs: compared in training_test
    writeCase(folder, c.name, c.name, given, expected, c.element == "f64" ? 1e-9 : 1e-5);
    wanted.insert(c.name);
  }
  std::set<std::string> ran;
  for (auto &[name, said] : runCases(folder)) {
    ran.insert(name);
    if (said.starts_with("kernel"))
      EXPECT_TRUE(exceptions.allow("kernel", name)) << name << " " << said << "\n" << texts[name];
    else
      EXPECT_EQ(said, "ok") << name << "\n" << texts[name];
  }
  for (auto &name : wanted)
    EXPECT_TRUE(ran.count(name)) << name << " was not run; tools/test makes " << TENON_ONNX_PYTHON;
  for (auto &[key, seen] : exceptions.used)
    EXPECT_TRUE(seen) << "exceptions.txt: '" << key.first << " " << key.second << "' is needed no more";
}

} // namespace tenon::test

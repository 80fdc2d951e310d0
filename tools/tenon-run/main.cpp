// tenon-run: describes an artifact, or runs one of its functions on safetensors files.
#include "tenon_run.h"
#include <CLI/CLI.hpp>
#include <cstdio>

int main(int argc, char **argv) {
  tenon::run::Request request;
  CLI::App app("Describes a Tenon artifact, or runs one of its functions on safetensors files.", "tenon-run");
  app.add_option("artifact", request.artifact, "the artifact")->required();
  app.add_option("function", request.function, "the function to run; without it the artifact is described");
  app.add_option("--input", request.input, "safetensors with the function's inputs by name (default: zeros)");
  app.add_option("--state", request.state, "safetensors to load into the state before the first run");
  app.add_option("--output", request.output, "where the outputs of the last run are saved");
  app.add_option("--save-state", request.saveState, "where the state after the last run is saved");
  app.add_option("--repeat", request.repeat, "how often to run")->check(CLI::Range(1u, 1000000000u));
  app.add_option("--threads", request.threads, "threads (default: $TENON_NUM_THREADS, else the cores there are)")->check(CLI::Range(0u, 256u));
  std::string device = "cpu";
  app.add_option("--device", device, "cpu, cuda or cuda:NUMBER")->check(CLI::Validator([](const std::string &text) {
    bool number = text.rfind("cuda:", 0) == 0 && text.size() > 5 && text.size() < 8 && text.find_first_not_of("0123456789", 5) == std::string::npos;
    return text == "cpu" || text == "cuda" || number ? std::string() : "expected cpu, cuda or cuda:NUMBER, got " + text;
  }, "DEVICE"));
  app.add_flag("--profile", request.profile, "print time by kernel and by line of the program that was compiled");
  app.set_version_flag("--version", tenon_version());
  CLI11_PARSE(app, argc, argv);
  if (device != "cpu")
    request.device = 1 + (device == "cuda" ? 0 : unsigned(std::stoul(device.substr(5))));
  try {
    if (request.function.empty())
      tenon::run::describe(request);
    else
      tenon::run::execute(request);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "tenon-run: %s\n", error.what());
    return 1;
  }
  return 0;
}

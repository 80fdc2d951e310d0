"""lit: every .mlir file under test/compiler, with the tools of one build folder (--param build=DIR; default build/release).

By hand: /usr/lib/llvm-22/bin/lit -v test/compiler
"""
import glob
import os
import lit.formats

here = os.path.dirname(os.path.abspath(__file__))
build = os.path.abspath(lit_config.params.get("build", os.path.join(here, "..", "build", "release")))

config.name = "tenon"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = here
config.test_exec_root = os.path.join(build, "test")
config.environment["PATH"] = os.pathsep.join([os.path.join(build, "bin"), "/usr/lib/llvm-22/bin", os.environ["PATH"]])
# GPUs: the NVRTC and the driver of test/cuda.
config.environment["TENON_LIBNVRTC"] = os.path.join(build, "lib", "fake", "libnvrtc.so")
config.substitutions.append(("%fakenvrtc", config.environment["TENON_LIBNVRTC"]))
config.environment["TENON_LIBCUDA"] = os.path.join(build, "lib", "fake", "libcuda.so.1")
# NVIDIA's own, which needs no GPU either (test/cuda/environment).
for nvrtc in glob.glob(os.path.join(here, "..", "build", "nvrtc", "lib", "python3*", "site-packages", "nvidia", "cuda_nvrtc", "lib", "libnvrtc.so.12")):
    config.available_features.add("nvrtc")
    config.substitutions.append(("%nvrtc", os.path.abspath(nvrtc)))
config.environment["TENON_CACHE"] = os.path.join(build, "test", "cache")

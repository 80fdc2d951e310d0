// Options of the sanitizers, part of every test program that is built with one: no environment has to carry them.
extern "C" {
/// LLVM gives threads a signal stack of its own, which AddressSanitizer would unmap.
const char *__asan_default_options() { return "use_sigaltstack=0"; }
const char *__ubsan_default_options() { return "print_stacktrace=1"; }
}

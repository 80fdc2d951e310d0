// The thread's last error.
#include "runtime/error.h"
#include <stdarg.h>
#include <stdio.h>

namespace {
thread_local char sentence[4096];
}

tenon_status tenon::rt::fail(tenon_status status, const char *format, ...) {
  // Formatted beside it first: an argument may be the old sentence.
  char text[sizeof sentence];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  __builtin_memcpy(sentence, text, sizeof text);
  return status;
}

tenon_status tenon::rt::outOfMemory() { return fail(TENON_ERROR_MEMORY, "out of memory"); }

const char *tenon_last_error(void) { return sentence; }
const char *tenon_version(void) { return TENON_VERSION; }

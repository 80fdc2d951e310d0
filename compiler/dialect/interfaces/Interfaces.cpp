// Definitions of the op interfaces.
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/dialect/interfaces/Interfaces.interfaces.cpp.inc"

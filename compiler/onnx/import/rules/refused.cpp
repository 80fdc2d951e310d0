// What is not imported, and why: the one list.
#include "compiler/onnx/import/node.h"

namespace tenon::onnx::imports {

void addRefused(Table &t) {
  const char *strings = "strings have no form in Tenon", *data = "the shape of its result depends on data", *later = "no rule yet";
  for (const char *op : {"StringNormalizer", "TfIdfVectorizer", "StringConcat", "StringSplit", "RegexFullMatch", "ImageDecoder"})
    t.refuse(op, strings);
  for (const char *op : {"Unique", "NonMaxSuppression"})
    t.refuse(op, data);
  for (const char *op : {"BitCast", "CumProd"})
    t.refuse(op, later);
}

} // namespace tenon::onnx::imports

// How the family `ctc` is called.
#include "../family.h"

using namespace tenon;

static const parity::Family family("ctc", {{"ctc_loss", [](auto &in, auto &o) {
                                              F::CTCLossFuncOptions options;
                                              if (o.contains("reduction"))
                                                options.reduction(o["reduction"] == "none" ? kNone : o["reduction"] == "sum" ? kSum : kMean);
                                              if (o.contains("blank"))
                                                options.blank(o["blank"].template get<int64_t>());
                                              if (o.contains("zero_infinity"))
                                                options.zero_infinity(o["zero_infinity"].template get<bool>());
                                              return F::ctc_loss(in[0].log_softmax(-1), in[1], in[2], in[3], options);
                                            }}});

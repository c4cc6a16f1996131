// How stage 2 reads spans: what a bundle's manifest calls its head.
#ifndef PRIVET_STAGE2_FILTER_FILTER_HEAD_H_
#define PRIVET_STAGE2_FILTER_FILTER_HEAD_H_

#include <string_view>

namespace privet {

enum class FilterHead {
  Tagger,  // a label for each token: `score` of the checkpoint, labels in its id2label
  Span,    // whole spans: head.safetensors in the stage's folder (see span_head.h)
};

inline std::string_view NameOf(FilterHead head) { return head == FilterHead::Span ? "span" : "tagger"; }

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_FILTER_HEAD_H_

// Every way that a compiled model can be read while settings are left open.
//
// The model is rendered; where it asks a question (unknown.h), it is rendered again with each
// answer that can be: both for a truth, one length after the other, and for a number every whole
// number that the compiled code or the model's text holds, and some more. Each way ends in a Leaf
// that says whether its text can be what dbt compiled, and whether the configs it gives are those
// that the manifest has.
//
// Nothing true is left out: lengths end where the text has outgrown what dbt compiled, else a leaf
// stands for all longer ones; the neighbours of a number that fits are tried, and where several
// fit a leaf stands for those that nobody tried. A way is given up early where its beginning does
// not fit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dbt/project.h"
#include "jinja/render.h"

namespace layergate::jinja {

enum class Fit { kYes, kNo, kUnknown };

struct Leaf {
  Assumptions assumed;
  // Against the compiled code, with the texts of the open places that have one text only.
  Fit text = Fit::kUnknown;
  std::map<std::string, std::string> filling;
  // The same against the node's configs in the manifest.
  Fit config = Fit::kUnknown;
  std::map<std::string, std::string> config_filling;
};

// Empty when there are too many ways. `budget` is how many renderings may be made, and gets less by
// those that were.
std::vector<Leaf> Explore(const Renderer& renderer, const RenderSettings& open,
                          const dbt::Node& node, int& budget);

}  // namespace layergate::jinja

// One function per line of formats.def.
#pragma once

#include <string>

#include "core/result.h"
#include "report/report.h"

namespace layergate::report {

#define LAYERGATE_FORMAT(name, function) \
  Result<std::string> function(const verdict::Verdict& verdict, const RenderOptions& options);
#include "report/formats.def"
#undef LAYERGATE_FORMAT

}  // namespace layergate::report

#include "core/finding.h"

#include <tuple>

#include "core/digest.h"

namespace layergate {

bool operator<(const Finding& a, const Finding& b) {
  return std::tie(a.rule, a.subject, a.column, a.message) <
         std::tie(b.rule, b.subject, b.column, b.message);
}

std::string Fingerprint(const Finding& finding) {
  // The unit separator cannot be confused with a character of a rule, an id or a column name.
  return Sha256Hex(finding.rule + '\x1f' + finding.subject + '\x1f' + finding.column);
}

}  // namespace layergate

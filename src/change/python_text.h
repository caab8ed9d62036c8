// White space as Python sees it, which is what dbt strips files of: besides ASCII's also the
// separators 0x1C to 0x1F, the no-break space and Unicode's other spaces. Nothing outside this
// folder includes this header.
#pragma once

#include <string>
#include <string_view>

namespace layergate::change {

// str.strip()
std::string_view StripAsPython(std::string_view text);
// " ".join(str.split())
std::string CollapseAsPython(std::string_view text);

// Whether a checksum is dbt's of that text, as 1.5 to 1.11 (stripped) or later versions and the
// Rust engine (collapsed) compute it.
bool IsChecksumOf(std::string_view checksum, std::string_view text);

}  // namespace layergate::change

// Text from outside, made safe for Markdown as GitHub and GitLab read it.
//
// Both turn names and numbers into links and notices (@user, #12, !12, ~label), GitLab obeys lines
// that begin with "/", and both let HTML through. A zero-width space entity after the sign breaks
// a reference and is not seen; every other character with a meaning is escaped.
#pragma once

#include <string>
#include <string_view>

namespace layergate::report {

// One line of running text. Pairs of backticks, which gates put around names and SQL, become code
// spans; a single one stays a backtick.
std::string MdText(std::string_view text, bool in_table = false);
// Text in a code span, where nothing is a reference. In a table a `|` needs escaping even there.
std::string MdCode(std::string_view text, bool in_table = false);
// A fenced block of at most `most_lines` lines and `most_bytes` bytes.
std::string MdBlock(std::string_view text, std::string_view language, size_t most_lines,
                    size_t most_bytes);
// A path as a part of a URL.
std::string UrlPath(std::string_view path);

}  // namespace layergate::report

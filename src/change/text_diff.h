// The lines in which two texts differ, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace layergate::change {

// One line for each line that went ("- ...") or came ("+ ..."), each run of them below the number
// that its first line has in `head` ("line 12:"). At most `limit` lines, then how many more there
// are. Empty when the texts are equal, or too long to be compared line by line.
std::string DifferingLines(std::string_view base, std::string_view head, size_t limit);

// The first line of each text that the other does not have in that place, white space and empty
// lines aside; empty where a text ends.
std::pair<std::string, std::string> FirstDifferingLines(std::string_view base,
                                                        std::string_view head);

}  // namespace layergate::change

// Text from outside, made safe for a terminal and for the log of a CI job.
//
// Beyond core's Printable (control characters, escape sequences, bidirectional overrides), a log
// has readers that obey: the GitHub runner takes a line that begins with "::" for a command,
// whatever space stands before it, and "##[" anywhere; Azure takes "##vso[". Such words are broken
// by a space, so that no wrapping of lines can bring one to the front.
#pragma once

#include <string>
#include <string_view>

namespace layergate::report {

// One line.
std::string Plain(std::string_view text);
// Lines are kept; tabs become spaces.
std::string PlainBlock(std::string_view text);
// Columns that well-formed text takes on a terminal: code points, East Asian wide ones as two.
size_t Columns(std::string_view text);

}  // namespace layergate::report

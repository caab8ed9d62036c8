// Texts as Python has them: counted by code point, with Python's ideas of white space, of upper and
// lower case, and of formatting.
//
// Letter case is known for Latin, Greek and Cyrillic letters; the case of any other script that has
// one is refused (RenderError), never guessed. Bytes that are no UTF-8 count as one character each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace layergate::jinja {

// The characters, each a piece of `text`.
std::vector<std::string_view> Characters(std::string_view text);
int64_t CountCharacters(std::string_view text);

std::string Upper(std::string_view text);
std::string Lower(std::string_view text);
std::string Capitalize(std::string_view text);
// str.title(): every letter that follows no letter is large.
std::string Title(std::string_view text);
// Jinja's title filter: every word is, where words end at white space, '-' and opening brackets.
std::string TitleWords(std::string_view text);
std::string SwapCase(std::string_view text);
bool IsUpper(std::string_view text);  // has letters with case, and all are large
bool IsLower(std::string_view text);

enum class Side { kLeft, kRight, kBoth };
// Without white space, or without the characters of `chars`, at its ends.
std::string Strip(std::string_view text, Side side);
std::string Strip(std::string_view text, std::string_view chars, Side side);
bool IsSpaceCharacter(std::string_view character);

// Python's "..." % values.
std::string FormatPercent(const std::string& format, const Var& values);
// str.format(): {}, {0}, {name}, with format specifications for texts and numbers.
std::string FormatBraces(const std::string& format, const Arguments& arguments);
// format(value, specification), as in "{:>10.2f}".
std::string FormatOne(const Var& value, std::string_view specification);

// repr() of a text, and of a number with a fraction.
std::string ReprOfText(const std::string& text);
std::string ReprOfDouble(double number);

}  // namespace layergate::jinja

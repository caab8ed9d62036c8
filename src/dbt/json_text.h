// Checked JSON text with places: what every artifact reader of this folder stands on.
//
// `WalkJson` makes one pass over a whole document and accepts it only when all of it is well-formed
// JSON (RFC 8259) in UTF-8, nested at most kMaxJsonDepth deep, with integers that fit 64 bits. It
// builds no tree: it reports the members of the outermost three objects as slices of the text.
// `ReadChecked` turns such a slice into a Value later, when somebody asks.
//
// A refused document comes with the place and, for the mistakes that are seen in practice (a file
// cut short, NaN, UTF-16 from a shell's redirection), with what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace layergate::dbt {

constexpr int kMaxJsonDepth = 128;

// Takes the members that WalkJson meets. Offsets are bytes from the start of the text. `depth` is 1
// for members of the outermost object, up to 3; deeper members and elements of arrays are not
// reported.
class JsonSink {
 public:
  virtual ~JsonSink() = default;
  // A member begins: its key (without quotes, escapes as written) lies at [begin, end). An error
  // refuses the document; it is put at the key's place.
  virtual Result<void> Key(int depth, uint32_t begin, uint32_t end) = 0;
  // The value of the member that began last at `depth`.
  virtual void Value(int depth, uint32_t begin, uint32_t end) = 0;
};

// Walks `text`, a whole document. Errors begin with "path:line:column: ".
Result<void> WalkJson(std::string_view text, const std::string& path, JsonSink& sink);

// The value that a slice reported by WalkJson holds. The text must have been accepted by WalkJson.
// When a key stands twice in an object the later one wins, as in Python's reader.
layergate::Value ReadChecked(std::string_view slice);
// The string that a slice holds, or empty when it holds something else.
std::string ReadCheckedString(std::string_view slice);
// A key or string body between its quotes, with escapes resolved.
std::string Unescape(std::string_view body);

// A whole small document (catalog, run results): WalkJson with duplicate keys of the outermost
// three objects refused, then ReadChecked.
Result<layergate::Value> ParseJsonDocument(std::string_view text, const std::string& path);

// "12" of "https://schemas.getdbt.com/dbt/manifest/v12.json" and "manifest" of the same; what = ""
// when the text is no such address.
struct SchemaAddress {
  std::string what;
  int version = 0;
};
SchemaAddress ParseSchemaAddress(std::string_view address);

// The error for a document that is not the artifact asked for: says which artifact it is when that
// can be told from its metadata or its keys.
Error WrongArtifact(const std::string& path, std::string_view wanted, const SchemaAddress& found,
                    bool has_schema_address);

}  // namespace layergate::dbt

#include "lineage/functions.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace layergate::lineage {

namespace {

using F = FunctionClass;
struct Row {
  std::string_view name;
  FunctionClass what;
};

// Sorted by name (a test holds it).
constexpr Row kFunctions[] = {
    {"aggregate_list", F::kAggregate},
    {"any", F::kAggregate},
    {"any_value", F::kAggregate},
    {"anylast", F::kAggregate},
    {"approx_count_distinct", F::kCountLike},
    {"approx_distinct", F::kCountLike},
    {"approx_median", F::kAggregate},
    {"approx_percentile", F::kAggregate},
    {"approx_quantile", F::kAggregate},
    {"approx_quantiles", F::kAggregate},
    {"approx_set", F::kCountLike},
    {"approx_top_count", F::kAggregate},
    {"approx_top_k", F::kAggregate},
    {"approx_top_sum", F::kAggregate},
    {"arbitrary", F::kAggregate},
    {"arg_max", F::kArgMax},
    {"arg_max_null", F::kArgMax},
    {"arg_min", F::kArgMax},
    {"arg_min_null", F::kArgMax},
    {"argmax", F::kArgMax},
    {"argmin", F::kArgMax},
    {"array_agg", F::kAggregate},
    {"array_concat_agg", F::kAggregate},
    {"array_union_agg", F::kAggregate},
    {"array_unique_agg", F::kAggregate},
    {"arrayagg", F::kAggregate},
    {"attr", F::kAggregate},
    {"avg", F::kAggregate},
    {"avgif", F::kCondAggregate},
    {"bit_and", F::kAggregate},
    {"bit_or", F::kAggregate},
    {"bit_xor", F::kAggregate},
    {"bitand_agg", F::kAggregate},
    {"bitmap_construct_agg", F::kAggregate},
    {"bitor_agg", F::kAggregate},
    {"bitstring_agg", F::kAggregate},
    {"bitxor_agg", F::kAggregate},
    {"bool_and", F::kAggregate},
    {"bool_or", F::kAggregate},
    {"booland_agg", F::kAggregate},
    {"boolor_agg", F::kAggregate},
    {"boolxor_agg", F::kAggregate},
    {"checksum_agg", F::kCountLike},
    {"cityhash64", F::kHash},
    {"coalesce", F::kCoalesce},
    {"collect_list", F::kAggregate},
    {"collect_set", F::kAggregate},
    {"corr", F::kAggregate},
    {"count", F::kCountLike},
    {"count_big", F::kCountLike},
    {"count_if", F::kConditionalCount},
    {"count_star", F::kCountLike},
    {"countif", F::kConditionalCount},
    {"covar_pop", F::kAggregate},
    {"covar_samp", F::kAggregate},
    {"crc32", F::kHash},
    {"crc32c", F::kHash},
    {"cume_dist", F::kWindowRank},
    {"decode", F::kDecode},
    {"dense_rank", F::kWindowRank},
    {"entropy", F::kAggregate},
    {"every", F::kAggregate},
    {"farm_fingerprint", F::kHash},
    {"favg", F::kAggregate},
    {"first", F::kAggregate},
    {"first_value", F::kWindowValue},
    {"fnv_hash", F::kHash},
    {"for_json", F::kAggregate},  // T-SQL: SELECT ... FOR JSON, as the parser writes it
    {"for_xml", F::kAggregate},
    {"fsum", F::kAggregate},
    {"geomean", F::kAggregate},
    {"group_concat", F::kAggregate},
    {"grouparray", F::kAggregate},
    {"groupuniqarray", F::kAggregate},
    {"hash", F::kHash},
    {"hash_agg", F::kCountLike},
    {"hashbytes", F::kHash},
    {"histogram", F::kAggregate},
    {"hll", F::kCountLike},
    {"if", F::kIf},
    {"iff", F::kIf},
    {"ifnull", F::kCoalesce},
    {"iif", F::kIf},
    {"isnull", F::kCoalesce},
    {"json_agg", F::kAggregate},
    {"json_array_agg", F::kAggregate},
    {"json_arrayagg", F::kAggregate},
    {"json_group_array", F::kAggregate},
    {"json_group_object", F::kAggregate},
    {"json_object_agg", F::kAggregate},
    {"json_objectagg", F::kAggregate},
    {"jsonb_agg", F::kAggregate},
    {"jsonb_object_agg", F::kAggregate},
    {"kurtosis", F::kAggregate},
    {"lag", F::kWindowValue},
    {"last", F::kAggregate},
    {"last_value", F::kWindowValue},
    {"lead", F::kWindowValue},
    {"list", F::kAggregate},
    {"listagg", F::kAggregate},
    {"logical_and", F::kAggregate},
    {"logical_or", F::kAggregate},
    {"mad", F::kAggregate},
    {"map_agg", F::kAggregate},
    {"max", F::kAggregate},
    {"max_by", F::kArgMax},
    {"maxif", F::kCondAggregate},
    {"md5", F::kHash},
    {"md5_binary", F::kHash},
    {"md5_hex", F::kHash},
    {"md5_number_lower64", F::kHash},
    {"md5_number_upper64", F::kHash},
    {"mean", F::kAggregate},
    {"median", F::kAggregate},
    {"min", F::kAggregate},
    {"min_by", F::kArgMax},
    {"minif", F::kCondAggregate},
    {"mode", F::kAggregate},
    {"multi_if", F::kMultiIf},
    {"multiif", F::kMultiIf},
    {"multimap_agg", F::kAggregate},
    {"murmur_hash", F::kHash},
    {"nth_value", F::kWindowValue},
    {"ntile", F::kWindowRank},
    {"nullif", F::kNullIf},
    {"nvl", F::kCoalesce},
    {"nvl2", F::kNvl2},
    {"object_agg", F::kAggregate},
    {"percent_rank", F::kWindowRank},
    {"percentile", F::kAggregate},
    {"percentile_approx", F::kAggregate},
    {"percentile_cont", F::kAggregate},
    {"percentile_disc", F::kAggregate},
    {"product", F::kAggregate},
    {"quantile", F::kAggregate},
    {"quantile_cont", F::kAggregate},
    {"quantile_disc", F::kAggregate},
    {"rank", F::kWindowRank},
    {"ratio_to_report", F::kWindowValue},
    {"regr_avgx", F::kAggregate},
    {"regr_avgy", F::kAggregate},
    {"regr_count", F::kCountLike},
    {"regr_intercept", F::kAggregate},
    {"regr_r2", F::kAggregate},
    {"regr_slope", F::kAggregate},
    {"regr_sxx", F::kAggregate},
    {"regr_sxy", F::kAggregate},
    {"regr_syy", F::kAggregate},
    {"row_number", F::kWindowRank},
    {"sha", F::kHash},
    {"sha1", F::kHash},
    {"sha1_binary", F::kHash},
    {"sha1_hex", F::kHash},
    {"sha2", F::kHash},
    {"sha224", F::kHash},
    {"sha256", F::kHash},
    {"sha2_binary", F::kHash},
    {"sha2_hex", F::kHash},
    {"sha384", F::kHash},
    {"sha512", F::kHash},
    {"siphash64", F::kHash},
    {"skewness", F::kAggregate},
    {"some", F::kAggregate},
    {"spooky_hash_v2_64", F::kHash},
    {"std", F::kAggregate},
    {"stddev", F::kAggregate},
    {"stddev_pop", F::kAggregate},
    {"stddev_samp", F::kAggregate},
    {"stdev", F::kAggregate},
    {"stdevp", F::kAggregate},
    {"string_agg", F::kAggregate},
    {"sum", F::kAggregate},
    {"sumif", F::kCondAggregate},
    {"topk", F::kAggregate},
    {"total", F::kAggregate},
    {"try_avg", F::kAggregate},
    {"try_sum", F::kAggregate},
    {"uniq", F::kCountLike},
    {"uniqcombined", F::kCountLike},
    {"uniqexact", F::kCountLike},
    {"uniqhll12", F::kCountLike},
    {"var", F::kAggregate},
    {"var_pop", F::kAggregate},
    {"var_samp", F::kAggregate},
    {"variance", F::kAggregate},
    {"variance_pop", F::kAggregate},
    {"variance_samp", F::kAggregate},
    {"varp", F::kAggregate},
    {"xmlagg", F::kAggregate},
    {"xxhash64", F::kHash},
};

FunctionClass Lookup(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                       [](const Row& row, std::string_view key) { return row.name < key; });
  return found != std::end(kFunctions) && found->name == name ? found->what : F::kScalar;
}

}  // namespace

FunctionClass ClassOf(std::string_view name, sql::Dialect dialect) {
  using sql::Dialect;
  const std::string lower = ToLower(name);
  const FunctionClass found = Lookup(lower);
  // Names that mean different things in different dialects.
  if (lower == "isnull" && dialect != Dialect::kTsql) return F::kScalar;
  if (lower == "any" && dialect != Dialect::kClickHouse && dialect != Dialect::kSpark &&
      dialect != Dialect::kDatabricks) {
    return F::kScalar;
  }
  if (lower == "some" && dialect != Dialect::kSpark && dialect != Dialect::kDatabricks) {
    return F::kScalar;
  }
  if ((lower == "first" || lower == "last" || lower == "list") && dialect != Dialect::kDuckDb &&
      dialect != Dialect::kSpark && dialect != Dialect::kDatabricks) {
    return F::kScalar;
  }
  // decode(bytes, charset) of Spark, Postgres and Trino is a plain function; with more arguments it
  // is the conditional one, which the caller sees from their number.
  if (found != F::kScalar) return found;
  if (dialect == Dialect::kClickHouse && lower.size() > 2 &&
      lower.compare(lower.size() - 2, 2, "if") == 0) {
    const FunctionClass stem = Lookup(lower.substr(0, lower.size() - 2));
    if (IsAggregate(stem)) return F::kCondAggregate;
  }
  return F::kScalar;
}

}  // namespace layergate::lineage

"""Where dbt's Rust engine 2.0.0-alpha.4, the one that can be installed, differs from the engine's rules as they stand on
dbt-core's main branch of August 2026 (after 2.0.0-beta.2), which Layergate follows. Each entry says what alpha.4 does; all of
them were read in its source and seen here."""
import re

ANY = re.compile("")
METRICS = re.compile(r"^metric\.")

# (selector, or None for all; who says it: "dbt" or "we"; ids; mutations)
DEVIATIONS = [
    # It loads no metric of the base manifest, so that each of them is modified (dbt-core issue 15513).
    (None, "dbt", METRICS, ANY),
    # It calls every semantic model modified.
    ("modified", "dbt", re.compile(r"^semantic_model\."), ANY),
    # Of a model with the same text it compares neither fqn nor latest_version and deprecation_date.
    ("modified", "we", re.compile(r"^model\."), re.compile(r"\b(model_moved|model_to_other_folder|deprecation\b|latest_version|version_deprecated)")),
    # persist_docs itself counts as a persisted description.
    ("modified.persisted_descriptions", "dbt", re.compile(r"^model\."), re.compile("persist_docs")),
    # Of the configs of tests it compares enabled, alias, tags, meta, group and quoting, and not those that decide.
    ("modified.configs", "we", re.compile(r"^test\."), re.compile("test_")),
    ("modified", "we", re.compile(r"^test\."), re.compile("test_")),
    ("modified.configs", "dbt", re.compile(r"^test\."), re.compile(r"\btest_(meta|tags|enabled)")),
    ("modified", "dbt", re.compile(r"^test\."), re.compile(r"\btest_(meta|tags|enabled)")),
    # A config of another adapter than the project's does not count.
    ("modified.configs", "we", re.compile(r"^model\."), re.compile("config_new_key_in_sql")),
    ("modified", "we", re.compile(r"^model\."), re.compile("config_new_key_in_sql")),
]

# The same where the base manifest is Python dbt's: it compares what one of the two does not write down, static_analysis of
# an analysis and the access of a function.
DEVIATIONS_FROM_PYTHON = [
    (selector, "dbt", re.compile(r"^(analysis|function)\."), ANY) for selector in ("modified", "modified.configs")
]

# What the other engines see and this one doesn't, so that nothing is to be told: it writes such a value down in force
# only, or takes the YAML otherwise.
TOLD_OTHERWISE = {"config_to_environment", "flag_source_schema_same", "flag_yaml_expression", "more_enabled_folder",
                  "more_conversion_window", "more_time_spine"}


def is_known(name, selector, who, unique_id, across_versions):
    """Whether alpha.4 is known to say something else here; `name` may be of several mutations at once."""
    deviations = DEVIATIONS + (DEVIATIONS_FROM_PYTHON if across_versions else [])
    return any(selector_ in (None, selector) and who_ == who and ids.search(unique_id) and names.search(name)
               for selector_, who_, ids, names in deviations)

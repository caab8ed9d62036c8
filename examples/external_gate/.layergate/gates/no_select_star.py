"""An external gate: refuses `select *` in a changed model. One JSON object in, one out."""
import json
import re
import sys


def code_only(sql):
    """The text with comments and strings blanked, so that places stay what they are."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}|'(?:[^']|'')*'", blank, sql, flags=re.S)


def main():
    task = json.load(sys.stdin)
    answer = {"schema_version": 1, "findings": []}
    head = task.get("head")
    if head is None:
        answer["not_applicable"] = "the model was removed"
    elif head["node"].get("name") in task.get("options", {}).get("allow", []):
        answer["not_applicable"] = "the policy allows it here"
    else:
        sql = head["node"]["raw_code"]
        for match in re.finditer(r"\bselect\s+(?:distinct\s+)?(?:\w+\.)?\*", code_only(sql), re.I):
            answer["findings"].append({
                "rule": "found",
                "message": "all columns are selected without naming them",
                "line": sql.count("\n", 0, match.start()) + 1,
                "fix": "name the columns that the model promises",
            })
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

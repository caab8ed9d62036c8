"""Runs bench_lineage and sqlglot over the same queries, prints both and the ratio. See bench/lineage/run."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def read_queries(path):
    queries, current = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            current.append(line)
            if line.strip().endswith(";"):
                queries.append("".join(current).strip().rstrip(";"))
                current = []
    if "".join(current).strip():
        queries.append("".join(current))
    return queries


def time_sqlglot(queries, schema, dialect, rounds):
    """Milliseconds a query: parse alone, and lineage() for each output column in the way that its documentation shows."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.schema import MappingSchema

    names = []
    for query in queries:
        expression = qualify(sqlglot.parse_one(query, read=dialect), schema=schema, dialect=dialect)
        names.append(list(dict.fromkeys(expression.named_selects)))
    parse, per_column = [], []
    mapping = MappingSchema(schema, dialect=dialect)
    for _ in range(rounds):
        begin = time.process_time()
        for query in queries:
            sqlglot.parse_one(query, read=dialect)
        parse.append(time.process_time() - begin)
        begin = time.process_time()
        for query, columns in zip(queries, names):
            for column in columns:
                try:
                    lineage(exp.column(column, quoted=True), query, schema=mapping, dialect=dialect)
                except SqlglotError:  # a column that has no name of its own can't be asked for
                    pass
        per_column.append(time.process_time() - begin)
    scale = 1000 / len(queries)
    return sqlglot.__version__, statistics.median(parse) * scale, statistics.median(per_column) * scale


def leaves_of_sqlglot(queries, schema, dialect):
    """query -> column name -> {(table, column)} of the leaves."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify

    answers = []
    for query in queries:
        expression = qualify(sqlglot.parse_one(query, read=dialect), schema=schema, dialect=dialect)
        answer = {}
        for column in dict.fromkeys(expression.named_selects):
            found = set()
            try:
                root = lineage(exp.column(column, quoted=True), query, schema=schema, dialect=dialect)
            except SqlglotError:
                continue
            for node in root.walk():
                if isinstance(node.expression, exp.Table):
                    found.add((node.expression.name.lower(), node.name.split(".")[-1].strip('"').lower()))
            answer[column.lower()] = found
        answers.append(answer)
    return answers


def write_differences(path, arguments, queries, schema):
    """Edges that one side has and the other has not. sqlglot's are compared with our direct and indirect edges: it makes no
    difference between the two, and knows nothing of the row set."""
    theirs = leaves_of_sqlglot(queries, schema, arguments.dialect)
    lines, same = [], 0
    for number, (query, answer) in enumerate(zip(queries, theirs), 1):
        done = subprocess.run(
            [arguments.layergate, "lineage", "--dialect", arguments.dialect, "--schema", arguments.schema, "-"],
            input=query, capture_output=True, text=True, check=True)
        statement = json.loads(done.stdout)["statements"][0]
        for column in statement["columns"]:
            name = column["name"].lower()
            edges = lambda kind: {(e["relation"].lower(), e["column"].lower()) for e in column[kind]}
            ours, direct = edges("direct") | edges("indirect"), edges("direct")
            if name not in answer:
                lines.append(f"{number} {name}: sqlglot has no such column (it has {sorted(answer)})")
                continue
            more, less = sorted(ours - answer[name]), sorted(answer[name] - ours)
            same += len(ours & answer[name])
            for edge in more:
                lines.append(f"{number} {name}: only we: {'.'.join(edge)} ({'direct' if edge in direct else 'indirect'})")
            for edge in less:
                lines.append(f"{number} {name}: only sqlglot: {'.'.join(edge)}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    print(f"differences: {len(lines)} (edges that both have: {same}), written to {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--layergate", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--schema", required=True)
    parser.add_argument("--dialect", default="snowflake")
    parser.add_argument("--rounds", type=int, default=3, help="of sqlglot; ours is the median of 9")
    parser.add_argument("--shapes", action="store_true", help="also the shapes that break others")
    parser.add_argument("--differences", metavar="FILE")
    arguments = parser.parse_args()
    command = [arguments.bench, arguments.queries, arguments.schema, "--dialect", arguments.dialect]
    out = subprocess.run(command + (["--shapes"] if arguments.shapes else []), capture_output=True, text=True, check=True).stdout
    print(f"Layergate, {os.path.basename(arguments.queries)}, one thread:\n{out}")
    ours = {line.split()[0]: float(line.split()[1]) for line in out.splitlines()}
    try:
        import sqlglot  # noqa: F401
    except ImportError:
        print("SKIPPED sqlglot is not installed: no ratio")
        return 0
    with open(arguments.schema, encoding="utf-8") as file:
        schema = json.load(file)
    queries = read_queries(arguments.queries)
    version, parse, per_column = time_sqlglot(queries, schema, arguments.dialect, arguments.rounds)
    print(f"sqlglot {version}: parse {parse:.2f} ms/query, lineage() per column {per_column:.2f} ms/query")
    print(f"ratio: parse {parse / ours['parse']:.0f} x, all columns' lineage {per_column / ours['lineage']:.0f} x")
    if arguments.differences:
        write_differences(arguments.differences, arguments, queries, schema)
    return 0


if __name__ == "__main__":
    sys.exit(main())

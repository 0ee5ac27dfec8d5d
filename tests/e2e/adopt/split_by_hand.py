"""Splits SQL as projects do by hand: at each `;`, but not between dollar quotes."""


def split(sql):
    statements, open_ = [""], False
    for line in sql.splitlines():
        if line.strip().startswith("--") and not open_:
            continue
        open_ ^= line.count("$$") % 2 == 1
        statements[-1] += line.replace(":", "\\:") + "\n"
        if not open_ and line.rstrip().endswith(";"):
            statements.append("")
    return [statement for statement in statements if statement.strip()]

"""Reads the structure of Terraform files: blocks, arguments, and each expression as code.

Strings are blanked in code, what is interpolated into them is kept: so a reference in it is code.
"""

import re


class Block:
    def __init__(self, kind, labels, line):
        self.kind, self.labels, self.line, self.attrs, self.blocks = kind, labels, line, {}, []


class Reader:
    """HCL's structure: blocks, attributes, and each expression as code (text inside strings blanked, interpolations kept)."""

    def __init__(self, path):
        self.path, self.s, self.i = (
            path,
            open(path, encoding="utf-8").read().replace("\r\n", "\n"),
            0,
        )

    def fail(self, why):
        raise SyntaxError("%s:%d: %s" % (self.path, self.line(), why))

    def line(self, at=None):
        return self.s.count("\n", 0, self.i if at is None else at) + 1

    def space(self):
        while self.i < len(self.s):
            m = re.compile(r"\s+|#[^\n]*|//[^\n]*|/\*.*?\*/", re.S).match(self.s, self.i)
            if not m:
                return
            self.i = m.end()

    def string(self, out):
        """from an opening quote past the closing one; appends the code to out"""
        s = self.s
        self.i += 1
        out.append('"')
        while self.i < len(s) and s[self.i] != '"':
            if s[self.i] == "\\":
                self.i += 2
                out.append("  ")
            elif s.startswith(("${", "%{"), self.i) and not s.startswith(
                ("$${", "%%{"), max(0, self.i - 1)
            ):
                self.template(out)
            else:
                out.append("\n" if s[self.i] == "\n" else " ")
                self.i += 1
        if self.i >= len(s):
            self.fail("string without an end")
        self.i += 1
        out.append('"')

    def template(self, out):
        self.i += 2
        out.append(" (")
        depth = 1
        while self.i < len(self.s):
            c = self.s[self.i]
            if c == '"':
                self.string(out)
                continue
            depth += (c == "{") - (c == "}")
            self.i += 1
            if depth == 0:
                out.append(")")
                return
            out.append(c)
        self.fail("interpolation without an end")

    def expression(self):
        s, out, depth = self.s, [], 0
        start = self.i
        while self.i < len(s):
            c = s[self.i]
            if c == '"':
                self.string(out)
                continue
            m = re.compile(r"<<(-?)([A-Za-z_][\w-]*)\n").match(s, self.i)
            if m:
                end = re.compile(r"^[ \t]*%s[ \t]*$" % re.escape(m.group(2)), re.M).search(
                    s, m.end()
                )
                if not end:
                    self.fail("heredoc without an end")
                self.i = m.end()
                out.append('"\n')
                while self.i < end.start():
                    if s.startswith(("${", "%{"), self.i) and not s.startswith(
                        ("$${", "%%{"), self.i - 1
                    ):
                        self.template(out)
                    else:
                        out.append("\n" if s[self.i] == "\n" else " ")
                        self.i += 1
                self.i = end.end()
                out.append('"')
                continue
            m = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.S).match(s, self.i)
            if m:
                out.append("\n" * m.group(0).count("\n"))
                self.i = m.end()
                continue
            if c in "([{":
                depth += 1
            elif c in ")]}":
                if depth == 0:
                    break
                depth -= 1
            elif c == "\n" and depth == 0:
                break
            out.append(c)
            self.i += 1
        return "".join(out), s[start : self.i]

    def body(self, block, top=False):
        name = re.compile(r"[A-Za-z_][\w-]*")
        while True:
            self.space()
            if self.i >= len(self.s):
                if not top:
                    self.fail("block without an end")
                return block
            if self.s[self.i] == "}" and not top:
                self.i += 1
                return block
            m = name.match(self.s, self.i)
            if not m:
                self.fail("neither an argument nor a block: %r" % self.s[self.i : self.i + 20])
            line, self.i = self.line(), m.end()
            labels = []
            while True:
                self.i = re.compile(r"[ \t]*").match(self.s, self.i).end()
                c = self.s[self.i : self.i + 1]
                if c == "=" and not labels:
                    self.i += 1
                    code, raw = self.expression()
                    block.attrs[m.group(0)] = (code, raw.strip(), line)
                    break
                if c == "{":
                    self.i += 1
                    b = Block(m.group(0), labels, line)
                    block.blocks.append(b)
                    self.body(b)
                    break
                q = re.compile(r'"([^"\n]*)"|([A-Za-z_][\w-]*)').match(self.s, self.i)
                if not q:
                    self.fail("cannot read what follows %r" % m.group(0))
                labels.append(q.group(1) if q.group(1) is not None else q.group(2))
                self.i = q.end()


def references(code):
    """(offset, kind, type, [names]) for each reference to a resource, data source or ephemeral resource in code"""
    for m in re.finditer(
        r"(?<![\w.\-\"])(data\.|ephemeral\.)?(aws_[a-z0-9_]+)\.([A-Za-z_][\w-]*)", code
    ):
        i, names = m.end(), []
        while i < len(code):
            if code[i] == "[":
                depth = 0
                j = i
                while j < len(code):
                    depth += (code[j] == "[") - (code[j] == "]")
                    j += 1
                    if depth == 0:
                        break
                i = j
                continue
            n = re.compile(r"\.(\*|\d+|[A-Za-z_][\w-]*)").match(code, i)
            if not n:
                break
            if n.group(1)[0] not in "*0123456789":
                names.append(n.group(1))
            i = n.end()
        yield m.start(), (m.group(1) or "resource.")[:-1], m.group(2), names


def keys_of_objects(code):
    """for a value written as a list of objects: the key sets of its objects, or None where that cannot be read"""
    m = re.match(r"\s*\[(.*)\]\s*$", code, re.S)
    if not m:
        return None
    out, depth, i, text = [], 0, 0, m.group(1)
    while i < len(text):
        c = text[i]
        if c in "{[(":
            if c == "{" and depth == 0:
                out.append(set())
            depth += 1
        elif c in "}])":
            depth -= 1
        elif depth == 1 and out:
            k = re.compile(r"([A-Za-z_][\w-]*)\s*=(?!=)").match(text, i)
            if k and (i == 0 or not (text[i - 1].isalnum() or text[i - 1] in "_.-")):
                out[-1].add(k.group(1))
                i = k.end()
                continue
        elif depth == 0 and not (c.isspace() or c == ","):
            return None
        i += 1
    return out

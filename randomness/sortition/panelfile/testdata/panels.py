"""Reads docs/spec/vectors/panels-draw.json and panels-alternates.json, and works out all but the proofs of
optimality again from docs/spec/panels.md: pool, types, rows, seats, root, drawn panel, who fills vacant
seats, lists of alternates. It shares no code with the packages. Run it in this folder: python3 panels.py
"""
import hashlib
import hmac
import itertools
import json
import sys

VECTORS = "../../../../docs/spec/vectors/"


def canonical(v):
    return json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tree(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def uniform(seed, label, n):
    i = 0
    while True:
        mac = hmac.new(seed, b"uniform\n" + label.encode() + b"\n" + i.to_bytes(8, "big"), "sha256").digest()
        w, i = int.from_bytes(mac[:8], "big"), i + 1
        if w < 2**64 - 2**64 % n:
            return w % n


class Pool:
    """The candidates of a file, by type, and the rows."""

    def __init__(self, terms, entries):
        self.quotas, standing = terms["quotas"], {}
        names = list(dict.fromkeys(q["feature"] for q in self.quotas))
        values = {f: [q["value"] for q in self.quotas if q["feature"] == f] for f in names}
        for what in "seated", "excluded":
            standing.update({i: what for i in terms[what]})
        self.home, self.vector, self.seated = {}, {}, []
        taken = set()
        for e in entries:
            i, where = e["id"], standing.get(e["id"])
            self.vector[i] = tuple(values[f].index(e["features"][f]) for f in names)
            self.home[i] = e.get("household", i) if terms["one_per_household"] else i
            if where == "seated":
                self.seated.append(i)
                taken.add(self.home[i])
        self.names, self.values = names, values
        self.candidates = sorted(
            i for i in self.vector if i not in standing and self.home[i] not in taken)
        self.size = terms["size"] - len(self.seated)
        self.held = self.count(self.seated)
        self.types()

    def count(self, people):
        """Seats by quota."""
        out = []
        for q in self.quotas:
            f = self.names.index(q["feature"])
            v = self.values[q["feature"]].index(q["value"])
            out.append(sum(self.vector[i][f] == v for i in people))
        return out

    def types(self):
        homes = {}
        for i in self.candidates:
            homes.setdefault(self.home[i], []).append(i)
        classes = {}
        for members in homes.values():
            if len(members) > 1:
                classes.setdefault(tuple(sorted(self.vector[i] for i in members)), []).append(sorted(members))
        self.classes = [sorted(classes[c]) for c in sorted(classes)]
        kind = {}
        for c, houses in enumerate(self.classes):
            for members in houses:
                for i in members:
                    kind.setdefault((self.vector[i], c), []).append(i)
        for members in homes.values():
            if len(members) == 1:
                kind.setdefault((self.vector[members[0]], -1), []).append(members[0])
        self.kinds = sorted(kind)
        self.members = [sorted(kind[k]) for k in self.kinds]

    def seat(self, lottery):
        """The people of each panel."""
        rows = [p["seats"] for p in lottery for _ in range(p["copies"])]
        out, dealt, edges = [[] for _ in rows], [0] * len(self.kinds), self.colour(rows)
        used = {}
        for n, row in enumerate(rows):
            for s in row:
                t, (_, c) = s["type"], self.kinds[s["type"]]
                for _ in range(s["count"]):
                    if c >= 0 and self.mixed(c):
                        house = self.classes[c][next(edges[c])]
                        mine = [i for i in house if self.vector[i] == self.kinds[t][0]]
                        key = (t, house[0])
                        out[n].append(mine[used.get(key, 0) % len(mine)])
                        used[key] = used.get(key, 0) + 1
                        continue
                    turn = self.turns(t)
                    out[n].append(turn[dealt[t] % len(turn)])
                    dealt[t] += 1
        return [sorted(ids) for ids in out]

    def mixed(self, c):
        return sum(k[1] == c for k in self.kinds) > 1

    def turns(self, t):
        vector, c = self.kinds[t]
        if c < 0:
            return self.members[t]
        mine = [[i for i in house if self.vector[i] == vector] for house in self.classes[c]]
        return [m[n] for n in range(max(map(len, mine))) for m in mine if n < len(m)]

    def colour(self, rows):
        """By class: the colours of its edges, in order."""
        out = {}
        for c in range(len(self.classes)):
            h, ends, colours, dealt = len(self.classes[c]), [], [], {}
            at = {}  # (node, colour) -> edge
            for n, row in enumerate(rows):
                for s in row:
                    if self.kinds[s["type"]][1] != c:
                        continue
                    for _ in range(s["count"]):
                        k = dealt.get(s["type"], 0)
                        dealt[s["type"]] = k + 1
                        panel, run = ("panel", n), ("run", s["type"], k // h)
                        both = [x for x in range(h) if (panel, x) not in at and (run, x) not in at]
                        if both:
                            a = both[0]
                        else:
                            a = next(x for x in range(h) if (panel, x) not in at)
                            b = next(x for x in range(h) if (run, x) not in at)
                            path, node, colour = [], run, a
                            while (node, colour) in at:
                                e = at[node, colour]
                                path.append(e)
                                node = ends[e][1 - ends[e].index(node)]
                                colour = a + b - colour
                            for e in path:
                                for node in ends[e]:
                                    del at[node, colours[e]]
                            for e in path:
                                colours[e] = a + b - colours[e]
                                for node in ends[e]:
                                    at[node, colours[e]] = e
                        at[panel, a] = at[run, a] = len(ends)
                        ends.append((panel, run))
                        colours.append(a)
            out[c] = iter(colours)
        return out

    def measure(self, people):
        cost = broken = 0
        for q, held, c in zip(self.quotas, self.held, self.count(people)):
            least, most = max(q["min"] - held, 0), q["max"] - held
            if c < least:
                cost, broken = cost + (least - c) * (1000 + 2000 // least), broken + 1
            elif c > most:
                cost, broken = cost + (c - most) * 1000, broken + 1
        return cost, broken

    def order(self, seed):
        ticket = {i: hmac.new(seed, b"ticket\n" + i.encode(), "sha256").digest() for i in self.candidates}
        self.rank = {i: n for n, i in enumerate(sorted(self.candidates, key=lambda i: (ticket[i], i)))}

    def free(self, holding, asked):
        homes = {self.home[i] for i in holding}
        return [i for i in sorted(self.candidates, key=self.rank.get)
                if i not in holding and i not in asked and self.home[i] not in homes]

    def fill(self, holding, asked, seats):
        chosen = []
        while len(chosen) < seats:
            now = holding + chosen
            free, best = self.free(now, asked), None
            if seats - len(chosen) > 1:
                pairs = [(a, b) for a, b in itertools.combinations(free, 2) if self.home[a] != self.home[b]]
                best = min(pairs, key=lambda p: self.measure(now + list(p)), default=None)
            if best is None:
                best = min(([a] for a in free), key=lambda p: self.measure(now + p), default=None)
            if best is None:
                break
            chosen += best
        while True:
            now, found = self.measure(holding + chosen), []
            for old in chosen:
                rest = [i for i in chosen if i != old]
                for new in self.free(holding + rest, asked):
                    m = self.measure(holding + rest + [new])
                    if new != old and m < now:
                        found.append((m, self.rank[new], -self.rank[old], old, new))
            if not found:
                return sorted(chosen, key=self.rank.get)
            old, new = min(found)[3:]
            chosen = [i for i in chosen if i != old] + [new]

    def ranking(self, panel, n):
        out, fresh = [], []

        def cost(names):
            return sum(min(self.measure([i for i in panel if i != gone] + x)[0] for x in [[]] + [[a] for a in names])
                       for gone in panel)
        while len(out) < n:
            free = self.free(panel + out, [])
            if not free:
                break
            best = min(free, key=lambda a: cost(fresh + [a]))
            if fresh and cost(fresh + [best]) == cost(fresh):
                fresh = []
                continue
            fresh.append(best)
            out.append(best)
        return out


def check(what, want, got):
    if want != got:
        sys.exit(f"{what}: the vectors have {want}, this finds {got}")


def draws(cases):
    for c in cases:
        file = c["file"].encode()
        terms = json.loads(file)
        check("canonical", file, canonical(terms))
        pool = Pool(terms, [json.loads(line) for line in c["register"]])
        panels = pool.seat(terms["certificate"]["lottery"])
        lines = [canonical({"panel": k, "seats": ids}) for k, ids in enumerate(panels)]
        check("lines", c["lines"], [line.decode() for line in lines])
        check("list", c["list"], {
            "count": len(lines), "file_sha256": hashlib.sha256(file).hexdigest(), "root": tree(lines).hex()})
        for ids in panels:
            check("measure", (0, 0), pool.measure(ids))
            check("households", len(ids), len({pool.home[i] for i in ids}))
            check("seats", pool.size, len(ids))
        for d in c["draws"]:
            k = uniform(bytes.fromhex(d["seed"]), "panel", len(panels))
            check("drawn", (d["panel"], d["seats"]), (k, panels[k]))
    return len(cases)


def alternates(cases):
    n = 0
    for c in cases:
        pool = Pool(c["terms"], [json.loads(line) for line in c["register"]])
        pool.order(bytes.fromhex(c["seed"]))
        for f in c["fillings"]:
            got = pool.fill(f["holding"], f["asked"], f["open"])
            cost, broken = pool.measure(f["holding"] + got)
            check("filling", (f["offered"], f["cost"], f["broken"]), (got, cost, broken))
            n += 1
        for r in c["lists"]:
            check("list of alternates", r["alternates"], pool.ranking(r["panel"], len(r["alternates"])))
            n += 1
    return n


if __name__ == "__main__":
    with open(VECTORS + "panels-draw.json") as f:
        print(draws(json.load(f)["cases"]), "draws agree")
    with open(VECTORS + "panels-alternates.json") as f:
        print(alternates(json.load(f)["cases"]), "fillings and lists agree")

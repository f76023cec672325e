"""Writes docs/spec/vectors/seats-panels.json: a second replay of the seats of a panel (seat.md), which fills
vacant seats by the second reading of panels.md. It shares no code with the packages. Run it in this folder:
python3 seats_panels.py > ../../../docs/spec/vectors/seats-panels.json
"""
import hashlib
import json
import sys

sys.path.insert(0, "../../../randomness/sortition/panelfile/testdata")
import panels
import seats
from seats import ANSWER, AT, ENDS, GROUNDS, POLL, Refused, canonical, key

VACATES = ["decline", "defer", "expire", "undeliverable", "withdraw"]
SEED = hashlib.sha256(b"seats of a panel").digest()


class Replay(seats.Replay):
    """One stratum, whose alternates are found at once after each record that makes a seat vacant."""

    def __init__(self, pool, line, terms):
        super().__init__({"result": [{"stratum": "", "seats": line, "alternates": []}]}, terms)
        self.pool, self.line, self.filling, self.log = pool, line, [], []

    def rule(self, at):
        """The first move that follows by rule at a time."""
        ends = self.terms["ends"]
        for s in self.seats:
            if s["state"] == "invited" and at >= s["deadline"]:
                return {"act": "expire", "at": at, "id": s["holder"], "seat": s["n"]}
        if at >= ends:
            serving = [s for s in self.seats if s["state"] == "serving"]
            return {"act": "complete", "at": at, "id": serving[0]["holder"], "seat": serving[0]["n"]} if serving else None
        invite = {"act": "invite", "at": at, "deadline": min(at + self.terms["answer"], ends)}
        for s in self.seats:
            if not s["history"]:
                return {**invite, "id": s["drawn"], "seat": s["n"]}
        for s in self.seats:
            if s["state"] == "vacant":
                if self.filling:
                    return {**invite, "id": self.filling[0], "seat": s["n"]}
                return {"act": "exhaust", "at": at, "seat": s["n"]}
        return None

    def order(self, m):
        """What stands where the strata of other draws have a queue."""
        want = self.rule(m["at"])
        if any(want.get(k) != m.get(k) for k in ("act", "seat", "id")):
            raise Refused("out_of_order")

    def take(self, s, m):
        super().take(s, m)
        if m["act"] == "invite" and m["id"] != s["drawn"]:
            self.filling = self.filling[1:]
        if m["act"] in VACATES:
            hold = [x["holder"] for x in self.seats if x["state"] in ("invited", "serving")]
            hold += [x["drawn"] for x in self.seats if not x["history"]]
            gone = [i for i in self.offered if i not in hold]
            vacant = [x for x in self.seats if x["state"] == "vacant" and x["history"]]
            self.filling = self.pool.fill(hold, gone, len(vacant))

    def due(self, at):
        copy = Replay(self.pool, self.line, self.terms)
        for m in self.log:
            copy.apply(m)
        out = []
        while at >= copy.now and copy.rule(at):
            out.append(copy.rule(at))
            copy.apply(out[-1])
        return out

    def apply(self, m):
        super().apply(m)
        self.log.append(m)


def person(n):
    return hashlib.sha256(b"neighbour %d" % n).hexdigest()


def world(n, homes, terms):
    """The register's lines, the terms and the pool. Person i lives in homes[i], if anywhere with others."""
    entries = []
    for i in range(n):
        e = {"features": {"age": "old" if i % 3 == 0 else "young", "bank": ["left", "right"][i // 2 % 2]}, "id": person(i)}
        if i in homes:
            e["household"] = "%016x" % homes[i]
        entries.append(e)
    entries.sort(key=lambda e: e["id"])
    quotas = [{"feature": f, "max": b, "min": a, "value": v} for f, v, a, b in (
        ("bank", "right", 2, 3), ("bank", "left", 2, 3), ("age", "old", 1, 2), ("age", "young", 3, 4))]
    terms = {"excluded": [], "one_per_household": True, "quotas": quotas, "seated": [], "size": 5, **terms}
    pool = panels.Pool(terms, entries)
    pool.order(SEED)
    return [canonical(e).decode() for e in entries], terms, pool


class Script:
    """A history written by who stands on a seat, not by names."""

    def __init__(self, replay):
        self.r, self.moves = replay, []

    def say(self, m):
        self.moves.append(m)
        self.r.apply(m)
        return self

    def due(self, after, some=99):
        for m in self.r.due(AT + after)[:some]:
            self.say(m)
        return self

    def move(self, act, after, seat, **more):
        m = {"act": act, "at": AT + after, "seat": seat, **more}
        if act != "exhaust":
            m.setdefault("id", self.r.seats[seat - 1].get("holder"))
        return m

    def do(self, act, after, *numbers, **more):
        for n in numbers:
            self.say(self.move(act, after, n, **more))
        return self

    def next(self, after):
        return dict(self.r.rule(AT + after))


def everybody(s):
    return s.due(0)


def dropout_by_dropout(s):
    t = 10
    everybody(s).do("accept", t, *range(1, len(s.r.line) + 1))
    for n in (2, 4, 3, 2):
        t += 100
        s.do("withdraw", t, n, ground=GROUNDS[n]).due(t + 1).do("accept", t + 2, n)
    return s


def until_nobody_is_left(s):
    everybody(s)
    for n in range(1, 7):
        s.do("decline", 10 * n, *[x["n"] for x in s.r.seats if x["state"] == "invited"]).due(10 * n)
    return s


def broken_off(s):
    """A filling that was half told when somebody else dropped out, which changes who comes next."""
    everybody(s).do("decline", 50, 1, 2)
    return s.due(60, 1).do("undeliverable", 70, 5)


def nobody_to_ask(s):
    """Two homes have a seat each, and who lives alone declines."""
    everybody(s)
    alone = s.r.line.index(person(4)) + 1
    s.homes = [n for n in (1, 2, 3) if n != alone]
    return s.do("accept", 10, *s.homes).do("decline", 20, alone)


def neighbour_follows(s):
    """The seat left by one of a home goes to the other; the empty seat stays empty."""
    nobody_to_ask(s).due(30)
    return s.do("withdraw", 40, s.homes[0], ground="studies")


def neighbours_follow(s):
    neighbour_follows(s).due(40).do("withdraw", 50, s.homes[1], ground="other").due(50)
    return s.do("decline", 60, s.homes[0])


# name: world, history, time at which to look
HISTORIES = {
    "nothing has happened": ("homes", lambda s: s, 0),
    "the line is invited": ("homes", everybody, ANSWER - 1),
    "nobody answers": ("homes", everybody, ANSWER),
    "one declines": ("homes", lambda s: everybody(s).do("accept", 5, 2, 3).do("decline", 9, 4), 20),
    "three drop out at once": ("homes", lambda s: everybody(s).do("accept", 5, 2).do("decline", 9, 1).do("defer", 9, 3, ground="care").do(
        "undeliverable", 9, 5), 9),
    "one declines while two are past their deadline": ("homes", lambda s: everybody(s).do("accept", 5, 1, 4, 5).do(
        "withdraw", ANSWER, 5, ground="moved"), ANSWER),
    "the last of the line were not invited yet": ("homes", lambda s: s.due(0, 3).do("decline", 20, 1).do("accept", 20, 2), 30),
    "a filling broken off by another vacancy": ("homes", broken_off, 80),
    "a filling half told when an offer passes its deadline": ("homes", lambda s: everybody(s).do("accept", 5, 3, 4).do("decline", 50, 1, 2).due(
        60, 1), ANSWER),
    "a filling half told, then an acceptance and a key": ("homes", lambda s: everybody(s).do("decline", 50, 1, 2, 3).due(60, 1).do(
        "accept", 70, 1, key=key(0)).do("key", 71, 1, key=key(1)), 80),
    "dropout by dropout": ("homes", dropout_by_dropout, 600),
    "dropout by dropout beside people seated before": ("seated", dropout_by_dropout, ENDS - AT),
    "until nobody is left": ("homes", until_nobody_is_left, 100),
    "until nobody is left, a small pool": ("seated", until_nobody_is_left, 100),
    "the neighbours of all are left, and nobody to ask": ("two homes", nobody_to_ask, 30),
    "a neighbour may be asked again, an empty seat stays so": ("two homes", neighbour_follows, 40),
    "neighbour after neighbour": ("two homes", neighbours_follow, 60),
    "a recusal goes along": ("homes", lambda s: everybody(s).do("accept", 5, 1).do(
        "recuse", 6, 1, ground="interest", poll=POLL).do("withdraw", 7, 1, ground="health").due(7).do("accept", 8, 1), 9),
    "an invitation near the end": ("homes", lambda s: everybody(s).do("accept", 5, 1, 2, 3, 4, 5).do(
        "withdraw", ENDS - AT - 10, 2, ground="work").due(ENDS - AT - 10), ENDS - AT),
    "vacant at the end": ("homes", lambda s: everybody(s).do("accept", 5, 1, 2, 3, 4, 5).do("withdraw", ENDS - AT - 1, 2, ground="work"), ENDS - AT),
}


def three_gone(s):
    return everybody(s).do("decline", 50, 1, 2, 3)


def spoilt(change, prepare=three_gone, after=60):
    """The next move by rule, changed."""
    def make(s):
        prepare(s)
        m = s.next(after)
        change(m, s)
        return m
    return make


def later(s, k):
    """The move by rule that comes k moves after the next."""
    return s.r.due(AT + 60)[k]


def said(prepare, act, after, seat, **more):
    return lambda s: prepare(s).move(act, after, seat, **more)


def gone_alone(s):
    """Who is invited when the seat of the first is filled alone, though two others are past their deadline."""
    everybody(s).do("accept", 5, 2, 5).do("decline", ANSWER - 1, 1)
    alone = s.r.due(AT + ANSWER - 1)[0]
    return {**alone, "at": AT + ANSWER, "deadline": alone["deadline"] + 1}


def outdated(s):
    """The second of a filling, after another vacancy has made a new one with somebody else first."""
    everybody(s).do("decline", 50, 1, 2)
    second = later(s, 1)
    s.due(60, 1).do("decline", 60, 5)
    assert s.next(60)["seat"] == second["seat"]
    return second


def emptied(s):
    until_nobody_is_left(s)
    return s.move("invite", 99, 1, id=person(0), deadline=AT + 99 + ANSWER)


REFUSED = {
    "the second of the filling first": ("homes", spoilt(lambda m, s: m.update(id=later(s, 1)["id"])), "out_of_order"),
    "the second vacant seat first": ("homes", spoilt(lambda m, s: m.update(seat=2)), "out_of_order"),
    "the second offer of the filling first": ("homes", spoilt(lambda m, s: m.update(later(s, 1))), "out_of_order"),
    "one who declined once more": ("homes", spoilt(lambda m, s: m.update(id=s.r.line[0])), "out_of_order"),
    "a member to a second seat": ("homes", spoilt(lambda m, s: m.update(id=s.r.line[4])), "out_of_order"),
    "a stranger": ("homes", spoilt(lambda m, s: m.update(id=person(99))), "out_of_order"),
    "exhausted with people left": ("homes", lambda s: three_gone(s).move("exhaust", 60, 1), "out_of_order"),
    "filled while an offer is past its deadline": ("homes", gone_alone, "out_of_order"),
    "a vacant seat before the line is invited": ("homes", spoilt(
        lambda m, s: m.update(seat=1, id=s.r.pool.fill(s.r.line[1:], s.r.line[:1], 1)[0]), lambda s: s.due(0, 3).do("decline", 20, 1)), "out_of_order"),
    "the filling of a vacancy before the newest": ("homes", outdated, "out_of_order"),
    "the higher empty seat first": ("seated", lambda s: (everybody(s), drain(s), s.move("exhaust", 90, highest(s)))[-1], "out_of_order"),
    "an invitation with nobody left": ("seated", lambda s: (everybody(s), drain(s), s.move(
        "invite", 90, s.r.rule(AT + 90)["seat"], id=s.r.line[0], deadline=AT + 90 + ANSWER))[-1], "out_of_order"),
    "an empty seat offered again": ("seated", emptied, "state"),
    "a longer deadline": ("homes", spoilt(lambda m, s: m.update(deadline=m["deadline"] + 1)), "deadline"),
    "invited at the end": ("homes", spoilt(lambda m, s: m.update(at=ENDS, deadline=ENDS)), "term"),
    "time goes back": ("homes", spoilt(lambda m, s: m.update(at=AT + 49, deadline=AT + 49 + ANSWER)), "time"),
    "a seat that the panel has not": ("homes", spoilt(lambda m, s: m.update(seat=6)), "seat"),
    "a held seat offered": ("homes", spoilt(lambda m, s: m.update(seat=4)), "state"),
    "somebody of the filling accepts uninvited": ("homes", lambda s: three_gone(s).move("accept", 60, 4, id=later(s, 0)["id"]), "wrong_person"),
    "accepted at the deadline": ("homes", said(everybody, "accept", ANSWER, 2), "deadline"),
    "expired a second early": ("homes", said(everybody, "expire", ANSWER - 1, 2), "deadline"),
}


def vacant(s):
    return [x["n"] for x in s.r.seats if x["state"] == "vacant"]


def highest(s):
    return vacant(s)[-1]


def drain(s):
    """Everybody declines, until two seats or more can be given to nobody."""
    while True:
        s.do("decline", 80, *[x["n"] for x in s.r.seats if x["state"] == "invited"])
        moves = s.r.due(AT + 80)
        s.due(80, len([m for m in moves if m["act"] == "invite"]))
        if len([m for m in moves if m["act"] == "exhaust"]) > 1:
            return


def terms_of(result):
    return {"answer": ANSWER, "at": AT, "commit": result["commit"], "deferral": True, "ends": ENDS,
            "result": hashlib.sha256(canonical(result)).hexdigest(), "starts": AT + 14 * 86400}


def main():
    worlds = {
        "homes": world(16, {0: 7, 1: 7, 2: 7, 3: 8, 4: 8, 9: 9, 11: 9}, {}),
        "two homes": world(5, {0: 7, 1: 7, 2: 8, 3: 8}, {"size": 3, "quotas": [
            {"feature": "bank", "max": 3, "min": 0, "value": v} for v in ("left", "right")]}),
        "seated": world(11, {1: 7, 5: 7, 6: 8, 7: 8}, {"seated": [person(4)], "excluded": [person(8)]}),
    }
    out = {"about": "Seats of two draws of method panels after histories of moves (seat.md): the seats as they then stand, and what is due at a time. "
           "The last move of each refused history breaks the rule named. `line` is the drawn panel's; its file is not needed. "
           "Made by service/seating/testdata/seats_panels.py, a second replay.", "subject": "city/town/draw/canal/seats", "cases": []}
    for name, (register, terms, pool) in worlds.items():
        result = {"commit": "11" * 32, "panel": 3, "seed": SEED.hex(), "v": 1}
        line = sorted(pool.fill([], [], pool.size))
        start = lambda: Script(Replay(pool, line, terms_of(result)))
        case = {"name": name, "register": register, "terms": terms, "line": line, "result": result, "open": terms_of(result),
                "histories": [], "refused": []}
        for title, (where, play, at) in HISTORIES.items():
            if where == name:
                s = play(start())
                case["histories"].append({"name": title, "moves": s.moves, "seats": s.r.view(), "due_at": AT + at, "due": s.r.due(AT + at)})
        for title, (where, play, rule) in REFUSED.items():
            if where == name:
                s = start()
                last = play(s)
                try:
                    s.r.apply(last)
                    sys.exit(f"{title}: accepted")
                except Refused as e:
                    if str(e) != rule:
                        sys.exit(f"{title}: {e}, not {rule}")
                case["refused"].append({"name": title, "moves": s.moves + [last], "rule": rule})
        out["cases"].append(case)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()

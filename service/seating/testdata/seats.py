"""Writes docs/spec/vectors/seats.json: a second replay of docs/spec/seat.md that shares no code with
the package. Run it in this folder: python3 seats.py > ../../../docs/spec/vectors/seats.json
"""
import hashlib
import json
import re
import sys

GROUNDS = ["health", "care", "work", "studies", "away", "moved", "interest", "other"]
NEEDS = {  # act: state before, members it must have, members it may have
    "invite": ("vacant", "id deadline", ""), "accept": ("invited", "id", "key assisted"),
    "decline": ("invited", "id", "assisted"), "defer": ("invited", "id ground", "assisted"),
    "expire": ("invited", "id", ""), "undeliverable": ("invited", "id", ""),
    "key": ("serving", "id key", "assisted"), "withdraw": ("serving", "id ground", ""),
    "recuse": ("serving", "id ground poll", ""), "exhaust": ("vacant", "", ""), "complete": ("serving", "id", ""),
}


class Refused(Exception):
    pass


def canonical(v):
    return json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Replay:
    def __init__(self, result, terms):
        self.terms, self.now, self.offered = terms, terms["at"], []
        self.strata = {p["stratum"]: p for p in result["result"]}
        self.seats = [
            {"n": 0, "stratum": p["stratum"], "state": "vacant", "drawn": person, "history": []}
            for p in result["result"] for person in p["seats"]]
        for n, s in enumerate(self.seats):
            s["n"] = n + 1

    def fresh(self, stratum):
        """Everybody of the stratum to whom nothing was offered yet, in order."""
        p = self.strata[stratum]
        return [x for x in p["seats"] + p["alternates"] if x not in self.offered]

    def turn(self, stratum):
        """The seat and the person of the stratum's next offer."""
        mine = [s for s in self.seats if s["stratum"] == stratum]
        for s in mine:
            if not s["history"]:
                return s["n"], s["drawn"]
        left, open_ = self.fresh(stratum), [s["n"] for s in mine if s["state"] == "vacant"]
        return (open_[0], left[0]) if left and open_ else None

    def form(self, m):
        if m["act"] not in NEEDS:
            raise Refused("move_form")
        _, must, may = NEEDS[m["act"]]
        must, may = set(must.split()), set(may.split())
        have = set(m) - {"act", "at", "seat"}
        if have - must - may or must - have or m["seat"] < 1 or m["at"] < 1:
            raise Refused("move_form")
        if "id" in m and not re.fullmatch("[0-9a-f]{64}", m["id"]):
            raise Refused("move_form")
        if "ground" in m and m["ground"] not in GROUNDS:
            raise Refused("ground")

    def apply(self, m):
        self.form(m)
        act, at, ends = m["act"], m["at"], self.terms["ends"]
        if m["seat"] > len(self.seats):
            raise Refused("seat")
        if at < self.now:
            raise Refused("time")
        s = self.seats[m["seat"] - 1]
        if s["state"] != NEEDS[act][0]:
            raise Refused("state")
        if s["state"] != "vacant" and m["id"] != s["holder"]:
            raise Refused("wrong_person")
        if act in ("invite", "exhaust", "key", "withdraw", "recuse") and at >= ends:
            raise Refused("term")
        if act == "complete" and at < ends:
            raise Refused("term")
        if act in ("invite", "exhaust"):
            self.order(m)
        if act == "invite" and m["deadline"] != min(at + self.terms["answer"], ends):
            raise Refused("deadline")
        if s["state"] == "invited" and (act == "expire") != (at >= s["deadline"]):
            raise Refused("deadline")
        if act == "defer" and not self.terms["deferral"]:
            raise Refused("deferral")
        if act == "recuse" and any(r["poll"] == m["poll"] for r in s["history"][-1].get("recusals", [])):
            raise Refused("recused_twice")
        self.take(s, m)
        self.now = at

    def order(self, m):
        """It is the turn of this seat and person; nobody is left where a seat is given up."""
        stratum = self.seats[m["seat"] - 1]["stratum"]
        if m["act"] == "invite" and self.turn(stratum) != (m["seat"], m["id"]):
            raise Refused("out_of_order")
        if m["act"] == "exhaust" and self.fresh(stratum):
            raise Refused("out_of_order")

    def take(self, s, m):
        act = m["act"]
        if act == "invite":
            s.update(state="invited", holder=m["id"], deadline=m["deadline"])
            s["history"].append({"id": m["id"], "at": m["at"], "deadline": m["deadline"]})
            self.offered.append(m["id"])
        elif act == "accept":
            s["state"] = "serving"
            del s["deadline"]
            s["history"][-1]["accepted"] = m["at"]
            if "key" in m:
                s["key"] = m["key"]
            if m.get("assisted"):
                s["history"][-1]["assisted"] = True
        elif act == "key":
            s["key"] = m["key"]
        elif act == "recuse":
            s["history"][-1].setdefault("recusals", []).append({"ground": m["ground"], "poll": m["poll"]})
        elif act == "exhaust":
            s["state"] = "empty"
        else:
            s["state"] = "completed" if act == "complete" else "vacant"
            last = s["history"][-1]
            last.update(end=act, ended_at=m["at"])
            for k in ("ground", "assisted"):
                if k in m:
                    last[k] = m[k]
            for k in ("holder", "deadline", "key"):
                s.pop(k, None)

    def due(self, at):
        """What follows by rule, found by doing it on a copy one move at a time."""
        copy = json.loads(json.dumps(self.__dict__))
        work, out = Replay.__new__(Replay), []
        work.__dict__ = copy
        before = at < work.terms["ends"]

        def do(m):
            work.apply(m)
            out.append(m)
        for s in work.seats:
            if s["state"] == "invited" and at >= s["deadline"]:
                do({"act": "expire", "at": at, "id": s["holder"], "seat": s["n"]})
        for s in work.seats:
            if s["state"] == "serving" and not before:
                do({"act": "complete", "at": at, "id": s["holder"], "seat": s["n"]})
        for stratum in work.strata if before else []:
            while work.turn(stratum):
                n, person = work.turn(stratum)
                do({"act": "invite", "at": at, "deadline": min(at + work.terms["answer"], work.terms["ends"]), "id": person, "seat": n})
            for s in work.seats:
                if s["stratum"] == stratum and s["state"] == "vacant":
                    do({"act": "exhaust", "at": at, "seat": s["n"]})
        return out

    def view(self):
        return [{**{k: v for k, v in s.items() if k != "drawn"}, "offers": len(s["history"])} for s in self.seats]


def person(n):
    return hashlib.sha256(b"person %d" % n).hexdigest()


def key(n):  # RFC 8032, 7.1, tests 1 and 2
    return {"alg": "ed25519", "public": [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"][n]}


AT, ANSWER = 1800000000, 604800
ENDS = AT + 30 * 86400
RESULT = {"commit": "11" * 32, "seed": "22" * 32, "v": 1, "result": [
    {"stratum": "north", "seats": [person(1), person(2)], "alternates": [person(11), person(12)]},
    {"stratum": "south", "seats": [person(3)], "alternates": [person(21)]},
    {"stratum": "west", "seats": [], "alternates": []},
]}
TERMS = {"answer": ANSWER, "at": AT, "commit": RESULT["commit"], "deferral": True, "ends": ENDS,
         "result": hashlib.sha256(canonical(RESULT)).hexdigest(), "starts": AT + 14 * 86400}
POLL = "community/river/poll/lock"


def move(act, after, seat, who=None, **more):
    m = {"act": act, "at": AT + after, "seat": seat, **more}
    if who is not None:
        m["id"] = person(who)
    return m


def invite(after, seat, who):
    return move("invite", after, seat, who, deadline=min(AT + after + ANSWER, ENDS))


FIRST = [invite(0, 1, 1), invite(0, 2, 2), invite(0, 3, 3)]
HISTORIES = {
    "nothing has happened": ([], AT),
    "everybody drawn is invited": (FIRST, AT + ANSWER - 1),
    "nobody answers": (FIRST, AT + ANSWER),
    "all accept, two with keys, one by officials": (FIRST + [
        move("accept", 60, 1, 1, key=key(0)), move("accept", 61, 2, 2, assisted=True), move("accept", 62, 3, 3),
        move("key", 100, 2, 2, key=key(1), assisted=True)], ENDS),
    "a seat passes on and is exhausted": (FIRST + [
        move("decline", 60, 3, 3), invite(60, 3, 21), move("undeliverable", 200, 3, 21), move("exhaust", 200, 3)], AT + ANSWER),
    "a deferral, then silence": (FIRST + [
        move("defer", 50, 2, 2, ground="studies"), invite(50, 2, 11), move("accept", 55, 1, 1),
        move("expire", ANSWER, 3, 3), invite(ANSWER, 3, 21), move("expire", ANSWER + 50, 2, 11)], AT + ANSWER + 50),
    "the service was away when two seats fell vacant": (FIRST + [
        move("decline", 60, 2, 2), move("decline", 70, 1, 1)], AT + 80),
    "a killed service had invited one": ([invite(0, 1, 1), move("decline", 20, 1, 1)], AT + 30),
    "a juror withdraws, the recusal goes along": (FIRST + [
        move("accept", 60, 1, 1, key=key(0)), move("recuse", 70, 1, 1, ground="interest", poll=POLL),
        move("withdraw", 80, 1, 1, ground="moved"), invite(80, 1, 11), move("accept", 90, 1, 11)], AT + 100),
    "an invitation near the end": (FIRST + [
        move("accept", 60, 1, 1), move("accept", 60, 2, 2), move("accept", 60, 3, 3),
        move("withdraw", ENDS - AT - 10, 3, 3, ground="health"), invite(ENDS - AT - 10, 3, 21)], ENDS),
}
REFUSED = {
    "a friend for the next alternate": (FIRST + [move("decline", 60, 1, 1), invite(60, 1, 99)], "out_of_order"),
    "the second alternate for the first": (FIRST + [move("decline", 60, 1, 1), invite(60, 1, 12)], "out_of_order"),
    "an alternate of another stratum": (FIRST + [move("decline", 60, 1, 1), invite(60, 1, 21)], "out_of_order"),
    "an alternate before the person drawn": ([invite(0, 1, 1), move("decline", 60, 1, 1), invite(60, 1, 11)], "out_of_order"),
    "the higher vacant seat first": (FIRST + [move("decline", 60, 1, 1), move("decline", 60, 2, 2), invite(60, 2, 11)], "out_of_order"),
    "exhausted with an alternate left": (FIRST + [move("decline", 60, 3, 3), move("exhaust", 60, 3)], "out_of_order"),
    "somebody else accepts": (FIRST + [move("accept", 60, 1, 2)], "wrong_person"),
    "an alternate accepts uninvited": (FIRST + [move("accept", 60, 1, 11)], "wrong_person"),
    "accepted at the deadline": (FIRST + [move("accept", ANSWER, 1, 1)], "deadline"),
    "expired a second early": (FIRST + [move("expire", ANSWER - 1, 1, 1)], "deadline"),
    "a longer deadline": ([{**invite(0, 1, 1), "deadline": AT + ANSWER + 1}], "deadline"),
    "accepted twice": (FIRST + [move("accept", 60, 1, 1), move("accept", 61, 1, 1)], "state"),
    "a held seat offered again": (FIRST + [move("accept", 60, 1, 1), invite(61, 1, 11)], "state"),
    "time goes back": (FIRST + [move("accept", 60, 1, 1), move("accept", 59, 2, 2)], "time"),
    "before the opening": ([invite(-1, 1, 1)], "time"),
    "no such seat": (FIRST + [move("accept", 60, 4, 3)], "seat"),
    "recused twice": (FIRST + [move("accept", 60, 1, 1)] + 2 * [move("recuse", 70, 1, 1, ground="interest", poll=POLL)], "recused_twice"),
    "completed a second early": (FIRST + [move("accept", 60, 1, 1), move("complete", ENDS - AT - 1, 1, 1)], "term"),
    "withdrawn at the end": (FIRST + [move("accept", 60, 1, 1), move("withdraw", ENDS - AT, 1, 1, ground="work")], "term"),
    "invited at the end": (FIRST + [move("decline", 60, 1, 1), {**invite(ENDS - AT, 1, 11), "deadline": ENDS}], "term"),
    "a ground of one's own": (FIRST + [move("defer", 60, 1, 1, ground="holiday")], "ground"),
    "a deferral without ground": (FIRST + [move("defer", 60, 1, 1)], "move_form"),
    "an unknown act": (FIRST + [move("appoint", 60, 1, 99)], "move_form"),
    "an expiry by officials": (FIRST + [move("expire", ANSWER, 1, 1, assisted=True)], "move_form"),
}


def replay(moves):
    r = Replay(RESULT, TERMS)
    for m in moves:
        r.apply(m)
    return r


def main():
    out = {"about": "Seats of one draw after histories of moves (seat.md): the seats as they then stand, and what is due at a time. The last "
           "move of each refused history breaks the rule named. Made by service/seating/testdata/seats.py, a second replay.",
           "subject": "city/town/draw/canal/seats", "result": RESULT, "open": TERMS, "histories": [], "refused": []}
    for name, (moves, at) in HISTORIES.items():
        r = replay(moves)
        out["histories"].append({"name": name, "moves": moves, "seats": r.view(), "due_at": at, "due": r.due(at)})
    for name, (moves, rule) in REFUSED.items():
        r = replay(moves[:-1])
        try:
            r.apply(moves[-1])
            sys.exit(f"{name}: accepted")
        except Refused as e:
            if str(e) != rule:
                sys.exit(f"{name}: {e}, not {rule}")
        out["refused"].append({"name": name, "moves": moves, "rule": rule})
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()

"""Writes docs/spec/vectors/identity.json with another library's cryptography (Python's cryptography).
Run it in this folder: python3 identity.py > ../../../docs/spec/vectors/identity.json

The Ed25519 parts come out the same each time; ECDSA signatures have a fresh nonce. The assertion of
Chromium stands below as it came out of the browser.
"""
import base64
import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Made by Chromium 156 (headless) on a page of http://localhost: WebAuthn.addVirtualAuthenticator (ctap2,
# internal), navigator.credentials.create with alg -7, then .get with the challenge of identity.md.
CHROMIUM = {
    "key": {"alg": "webauthn", "rp": "localhost", "public":
            "046f1a6939070414f0f364ea283b9d9b40628147b66eb01a465bdc248708934e7900bf71d24f99699bb45b8fb607396b86c225063c2aee45fa712958f7309ad369"},
    "thing": "statement",
    "object": '{"action":"leave","community":"river","member":"abababababababababababababababababababababababababababababababab","seq":2,"v":1}',
    "signature": {
        "authenticator_data": "49960de5880e8c687434170f6476605b8fe4aeb9a28632c7995cf3ba831d97630500000002",
        "client_data": (
            b'{"type":"webauthn.get","challenge":"NnVUmX_-xbfHJEALDqAVoLFCO8nldM_soKEe4my9Uv0",'
            b'"origin":"http://localhost:46207","crossOrigin":false}').hex(),
        "signature": "30450220009d614427d21d188c4502cfbcd2ba8ca889db879575949c4745fe6af82223bd"
                     "022100ad46be1aefcccaec083da0b5e87cb662e6a73eac2a794e92ee0e58291ee2102d"},
}


def canonical(v):
    return json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def message(thing, text):
    return b"kleroterion/%s/v1\n" % thing.encode() + text.encode()


class Plain:
    def __init__(self, n):
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)
        self.key = {"alg": "ed25519", "public": self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()}

    def sign(self, thing, text):
        return {"signature": self.private.sign(message(thing, text)).hex()}


class Passkey:
    def __init__(self, n, rp):
        self.private, self.rp = ec.derive_private_key(n, ec.SECP256R1()), rp
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.key = {"alg": "webauthn", "public": point.hex(), "rp": rp}

    def client(self, thing, text, **change):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(message(thing, text)).digest()).rstrip(b"=").decode()
        c = {"type": "webauthn.get", "challenge": challenge, "origin": "https://" + self.rp, "crossOrigin": False}
        return json.dumps({**c, **change}, separators=(",", ":"))

    def sign(self, client, flags=5, rp=None):
        data = hashlib.sha256((rp or self.rp).encode()).digest() + bytes([flags, 0, 0, 0, 9])
        signed = data + hashlib.sha256(client.encode()).digest()
        der = self.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return {"authenticator_data": data.hex(), "client_data": client.encode().hex(), "signature": der.hex()}


def keys():
    good, pass_ = Plain(1).key, Passkey(7, "town.example").key
    p = 2**255 - 19

    def ed(y, sign=0):
        return {"alg": "ed25519", "public": (y | sign << 255).to_bytes(32, "little").hex()}
    order8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
    off = pass_["public"][:-2] + "%02x" % (int(pass_["public"][-2:], 16) ^ 1)
    yield "ed25519", good, None
    yield "webauthn", pass_, None
    yield "webauthn on localhost", Passkey(8, "localhost").key, None
    for name, k in {
        "order 1": ed(1), "order 1, signed": ed(1, 1), "order 2": ed(p - 1), "order 4": ed(0), "order 4, signed": ed(0, 1),
        "order 8": ed(order8), "order 8, signed": ed(order8, 1), "order 8, other": ed(p - order8), "y = p": ed(p), "y = p + 1": ed(p + 1),
        "y = 2^255 - 1": ed(2**255 - 1), "off the curve": ed(2), "31 bytes": {**good, "public": good["public"][2:]},
        "with rp": {**good, "rp": "town.example"}, "unknown alg": {**good, "alg": "rsa"}, "passkey without rp": {k: v for k, v in pass_.items() if k != "rp"},
        "passkey off the curve": {**pass_, "public": off}, "compressed": {**pass_, "public": "02" + pass_["public"][2:66]},
        "rp in capitals": {**pass_, "rp": "Town.example"}, "rp with port": {**pass_, "rp": "town.example:443"}, "rp ends in a dot": {**pass_, "rp": "town.example."},
    }.items():
        yield name, k, "key_form"


def signatures():
    thing, text = "ballot", '{"poll":"canal","v":1}'
    a, d = Plain(1), Passkey(7, "town.example")
    s, client = a.sign(thing, text), d.client(thing, text)
    t = d.sign(client)
    r, n = (int(x) for x in utils.decode_dss_signature(bytes.fromhex(t["signature"])))
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    yield "assertion of Chromium", CHROMIUM["key"], CHROMIUM["thing"], CHROMIUM["object"], CHROMIUM["signature"], None
    yield "ed25519", a.key, thing, text, s, None
    yield "webauthn", d.key, thing, text, t, None
    yield "webauthn of a subdomain", d.key, thing, text, d.sign(d.client(thing, text, origin="https://vote.town.example:8443")), None
    yield "the other s", d.key, thing, text, {**t, "signature": utils.encode_dss_signature(r, order - n).hex()}, None
    bad = [
        ("another thing", a.key, "receipt", s), ("another key", Plain(2).key, thing, s),
        ("ed25519 with client data", a.key, thing, {**s, "client_data": "7b7d"}), ("63 bytes", a.key, thing, {"signature": s["signature"][2:]}),
        ("webauthn without client data", d.key, thing, {k: v for k, v in t.items() if k != "client_data"}),
        ("user not present", d.key, thing, d.sign(client, flags=4)), ("another site's authenticator", d.key, thing, d.sign(client, rp="example")),
        ("DER with a tail", d.key, thing, {**t, "signature": t["signature"] + "00"}),
        ("r beyond the order", d.key, thing, {**t, "signature": utils.encode_dss_signature(r + order, n).hex()}),
    ]
    for name, change in {
        "a registration": {"type": "webauthn.create"}, "another challenge": {"challenge": "AAAA"}, "another site": {"origin": "https://evil.example"},
        "plain http": {"origin": "http://town.example"}, "a name that ends alike": {"origin": "https://mytown.example"},
        "another site's frame": {"crossOrigin": True}, "crossOrigin of text": {"crossOrigin": "false"},
    }.items():
        bad.append((name, d.key, thing, d.sign(d.client(thing, text, **change))))
    twice = client.replace('"type"', '"type":"webauthn.create","type"', 1)
    bad += [("type twice", d.key, thing, d.sign(twice)), ("something after the object", d.key, thing, d.sign(client + "1")),
            ("1,025 bytes", d.key, thing, d.sign(client + " " * (1025 - len(client))))]
    for name, key, what, signature in bad:
        yield name, key, what, text, signature, "signature"


def attestations():
    of = [{"id": name, "key": Plain(n).key} for n, name in enumerate(["anna", "bela", "cora", "dora"], 1)]

    def by(names, s, key=None):
        n = {"anna": 1, "bela": 2, "cora": 3, "dora": 4, "zoe": 9}
        return [{"attester": x, "signature": Plain(key or n[x]).sign("statement", canonical(s))} for x in names]
    admit = {"action": "admit", "community": "river", "key": Plain(5).key, "member": "ab" * 32, "seq": 1, "v": 1}
    leave = {"action": "leave", "community": "river", "member": "ab" * 32, "seq": 2, "v": 1}
    bare = {k: v for k, v in admit.items() if k != "key"}
    cases = [
        ("two of two needed", admit, by(["anna", "cora"], admit), None), ("one more", admit, by(["anna", "bela", "dora"], admit), None),
        ("one of two", admit, by(["anna"], admit), "attestations"), ("two more", admit, by(["anna", "bela", "cora", "dora"], admit), "attestations"),
        ("one twice", admit, by(["anna", "anna"], admit), "attestations"), ("descending", admit, by(["bela", "anna"], admit), "attestations"),
        ("a stranger", admit, by(["anna", "zoe"], admit), "attestations"), ("under another's name", admit, by(["anna", "bela"], admit, 1), "signature"),
        ("for another seq", admit, by(["anna", "bela"], {**admit, "seq": 2}), "signature"), ("a member's own", leave, by(["anna", "bela"], leave), "attestations"),
        ("admit without key", bare, by(["anna", "bela"], bare), "statement_form"),
    ]
    for name, s, given, rule in cases:
        yield {"name": name, "k": 2, "of": of, "statement": s, "list": given, **({"rule": rule} if rule else {})}


def main():
    def with_rule(v, rule):
        return {**v, "rule": rule} if rule else v
    print(json.dumps({
        "about": "Keys, signatures and attestations of identity.md; an entry without rule is accepted, the others are refused by it. `object` is the "
                 "canonical text that is signed. Made by service/identity/testdata/identity.py; the first signature comes from a browser.",
        "keys": [with_rule({"name": n, "key": k}, r) for n, k, r in keys()],
        "signatures": [with_rule({"name": n, "key": k, "thing": th, "object": o, "signature": s}, r) for n, k, th, o, s, r in signatures()],
        "attestations": list(attestations()),
    }, indent=1))


main()

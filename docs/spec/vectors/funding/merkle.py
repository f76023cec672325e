#!/usr/bin/env python3
"""Writes merkle.json: a distribution in the form of Uniswap's MerkleDistributor, with a Keccak-256 of its own.
usage: merkle.py > merkle.json"""
import json

RC = []
def _constants():
    r = 1
    for _ in range(24):
        c = 0
        for j in range(7):
            if r & 1:
                c |= 1 << ((1 << j) - 1)
            r = (r << 1) ^ (0x171 if r >> 7 else 0)
        RC.append(c)
_constants()
M = (1 << 64) - 1

def rot(x, n):
    n %= 64
    return ((x << n) | (x >> (64 - n))) & M

def permute(a):
    for rc in RC:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[(x - 1) % 5] ^ rot(c[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ d[i % 5] for i in range(25)]
        b = [0] * 25
        b[0] = a[0]
        x, y = 1, 0
        for t in range(24):
            nx, ny = y, (2 * x + 3 * y) % 5
            b[nx + 5 * ny] = rot(a[x + 5 * y], (t + 1) * (t + 2) // 2)
            x, y = nx, ny
        a = [b[i] ^ (~b[i - i % 5 + (i + 1) % 5] & M & b[i - i % 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= rc
    return a

def keccak(data):
    data = bytearray(data)
    pad = 136 - len(data) % 136
    data += bytes([1] + [0] * (pad - 1))
    data[-1] |= 0x80
    a = [0] * 25
    for at in range(0, len(data), 136):
        for i in range(17):
            a[i] ^= int.from_bytes(data[at + 8 * i:at + 8 * i + 8], 'little')
        a = permute(a)
    return b''.join(x.to_bytes(8, 'little') for x in a[:4])

assert keccak(b'').hex() == 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

def checksum(account):
    text = account.hex()
    digits = keccak(text.encode()).hex()
    return '0x' + ''.join(c.upper() if int(d, 16) >= 8 else c for c, d in zip(text, digits))

def tree(payments):
    leaves = [keccak(i.to_bytes(32, 'big') + a + n.to_bytes(32, 'big')) for i, (a, n) in enumerate(payments)]
    levels = [sorted(leaves)]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([keccak(b''.join(sorted(row[i:i + 2]))) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)])
    claims = {}
    for i, (a, n) in enumerate(payments):
        at, proof = levels[0].index(leaves[i]), []
        for row in levels[:-1]:
            if at ^ 1 < len(row):
                proof.append('0x' + row[at ^ 1].hex())
            at //= 2
        claims[checksum(a)] = {'index': i, 'amount': hexed(n), 'proof': proof}
    return {'merkleRoot': '0x' + levels[-1][0].hex(), 'tokenTotal': hexed(sum(n for _, n in payments)), 'claims': claims}

def hexed(n):
    h = '%x' % n
    return '0x' + '0' * (len(h) % 2) + h

cases = []
for size in (1, 2, 3, 5, 8, 13):
    payments = sorted((keccak(b'account %d of %d' % (i, size))[:20], int.from_bytes(keccak(b'amount %d of %d' % (i, size))[:1 + i % 15], 'big') + 1) for i in range(size))
    cases.append({'payments': [[checksum(a), str(n)] for a, n in payments], 'distribution': tree(payments)})
print(json.dumps(cases, indent=1))

"""Reads MCUboot images with nothing but the format's documentation and Python's own library, and prints what it found.

Usage: read-image.py [IMAGE SPKI_HEX]... prints a line of JSON for each. An independent look at what our signer writes;
signatures are checked elsewhere.
"""
import hashlib
import json
import struct
import sys


def read_area(data, at, expected):
    area_magic, total = struct.unpack_from("<HH", data, at)
    assert area_magic == expected, hex(area_magic)
    end, at, found = at + total, at + 4, []
    while at < end:
        kind, length = struct.unpack_from("<HH", data, at)
        found.append([kind, data[at + 4 : at + 4 + length].hex()])
        at += 4 + length
    assert at == end, (at, end)
    return found, end


def read_image(data, spki):
    magic, load, header_size, protected_size, image_size, flags = struct.unpack_from("<IIHHII", data, 0)
    major, minor, revision, build, pad = struct.unpack_from("<BBHII", data, 20)
    assert magic == 0x96F3B83D, hex(magic)
    assert pad == 0, pad

    body_end = header_size + image_size
    protected, signed_end = read_area(data, body_end, 0x6908) if protected_size else ([], body_end)
    assert signed_end - body_end == protected_size, (signed_end, body_end, protected_size)
    plain, end = read_area(data, signed_end, 0x6907)

    digest = hashlib.sha256(data[:signed_end]).hexdigest()
    kinds = [kind for kind, _ in plain]
    assert kinds[0] == 0x10 and plain[0][1] == digest, "the hash comes first, over header, body and protected entries"
    assert plain[1] in ([0x01, hashlib.sha256(spki).hexdigest()], [0x02, spki.hex()]), "then the key"
    assert len(plain) == 3 and kinds[2] in (0x22, 0x24), "then one signature"

    return {
        "load": load,
        "headerSize": header_size,
        "fill": sorted(set(data[32:header_size])),
        "flags": flags,
        "version": [major, minor, revision, build],
        "body": hashlib.sha256(data[header_size:body_end]).hexdigest(),
        "protected": protected,
        "digest": digest,
        "key": kinds[1],
        "signatureKind": kinds[2],
        "end": end,
    }


for file, spki_hex in zip(sys.argv[1::2], sys.argv[2::2]):
    print(json.dumps(read_image(open(file, "rb").read(), bytes.fromhex(spki_hex))))

#!/usr/bin/env python3
"""Checks a release dossier without the platform that wrote it: one file, Python 3.9 or newer, nothing to install.

    python verify.py [FOLDER] [--pack SHA256] [--anchor FILE ...]

It looks at: each file's digest; each artifact's manifest and what it was made from; the chain of the ledger and every
place outside the chain where its head was noted; signatures; approvals and releases; every claim of every document;
each gate, from the scores of single items. It prints one line for each problem, names the file, and ends with what it
checked and what it could not. Exit code 0: nothing is wrong with what could be checked. 1: something is.

Whoever can rewrite the whole folder can also write another verify.py. So get this file, the pack's digest (`--pack`)
or an anchor (`--anchor`, a JSON file with home, number, head) from somebody else than the one who gave you the folder.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import re
import sys
import unicodedata
from pathlib import Path

GENESIS, SHORT, HEX = "0" * 64, 16, re.compile(r"[0-9a-f]{64}")
MANIFEST, PROVENANCE = "manifest.json", "provenance.json"
ARTIFACTS, LEDGER, ITEMS = "evidence/artifacts", "evidence/ledger", "evidence/items"
EFFECTS = {
    "retrieval": ("base_with", "base_without"),
    "retrieval_tuned": ("tuned_with", "tuned_without"),
    "tuning": ("tuned_with", "base_with"),
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def digest_of(value):
    """SHA-256 of a JSON value: keys sorted, no blanks, UTF-8."""
    return sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    )


def at_pointer(document, pointer):
    """The value at a JSON pointer (RFC 6901). Raises KeyError."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            raise KeyError(pointer)
    return document


def same_json(one, other):
    """Equality of JSON values: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_json(one[i], other[i]) for i in range(len(one)))
    return one == other


def person(name):
    """A name as people read it: width, case and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", str(name)).casefold().split())


class Pack:
    """The folder, what is wrong with it (`problems`), what could not be checked (`notes`), what was (`counts`)."""

    def __init__(self, folder):
        self.folder, self.problems, self.notes, self.counts = Path(folder), [], [], {}
        self.facts, self.entries, self.artifacts = {}, [], {}  # artifacts: (asset, digest) -> manifest
        self.proofs = {"files": {}, "manifests": {}}  # what erasures left: path in the home, or artifact -> hash

    def wrong(self, where, what):
        self.problems.append(f"{where}: {what}")

    def count(self, what, by=1):
        self.counts[what] = self.counts.get(what, 0) + by

    def json(self, name):
        """The content of a JSON file, None where it cannot be read; that is a problem of its own."""
        try:
            return json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError) as error:
            self.wrong(name, f"cannot be read ({type(error).__name__})")
            return None


def check_files(pack):
    """Every file is listed in pack.json with its digest, and every listed file is there."""
    listed, there = pack.facts["files"], set()
    for path in sorted(pack.folder.rglob("*")):
        name = path.relative_to(pack.folder).as_posix()
        if path.is_symlink():
            pack.wrong(name, "a link in place of a file")
        elif path.is_file() and name not in ("pack.json", "pack.sig") and "__pycache__" not in name:
            there.add(name)
            pack.count("files")
            if name not in listed:
                pack.wrong(name, "pack.json does not name this file")
            elif sha256(path.read_bytes()) != listed[name]:
                pack.wrong(name, "its digest is not the one in pack.json")
    for name in sorted(set(listed) - there):
        pack.wrong(name, "named in pack.json and missing")


# --- the ledger ------------------------------------------------------------------------------------------------------


def check_ledger(pack):
    """Each entry holds the hash of the one before; content, name, order, time and home fit. A withheld entry shows its
    hash alone: the chain runs through it."""
    before = None
    names = sorted(p.name for p in (pack.folder / LEDGER).glob("*")) if (pack.folder / LEDGER).is_dir() else []
    for number, name in enumerate(names, start=1):
        where, entry = f"{LEDGER}/{name}", pack.json(f"{LEDGER}/{name}")
        try:
            content = {k: v for k, v in entry.items() if k != "hash"}
            if "withheld" in entry:
                pack.count("ledger entries that show their hash alone")
            elif digest_of(content) != entry["hash"]:
                pack.wrong(where, "its content does not match its hash")
            if entry["seq"] != number or entry["prev"] != (before["hash"] if before else GENESIS):
                pack.wrong(where, "the chain is broken here: an entry before it was removed, altered or moved")
            if name != f"{entry['seq']:08d}-{entry['prev'][:SHORT]}.json":
                pack.wrong(where, "its name does not match its content")
            if before and before.get("home") and entry.get("home") != before["home"]:
                pack.wrong(where, "written in another home than the entry before it")
            if before and before.get("home") and entry["at"] < before["at"]:
                pack.wrong(where, f"its time {entry['at']} lies before that of the entry before it")
        except (KeyError, TypeError, ValueError, AttributeError):
            pack.wrong(where, "not an entry of a ledger")
            continue
        before = entry
        pack.entries.append(entry)
    pack.count("ledger entries", len(pack.entries))


def check_heads(pack, further):
    """The chain ends where pack.json, the anchors, the artifacts and the pointer of production say it once was."""
    hashes = {e["seq"]: e["hash"] for e in pack.entries}
    known, stated = set(hashes.values()), pack.facts["ledger"]
    if len(pack.entries) != stated["entries"] or (pack.entries and pack.entries[-1]["hash"] != stated["head"]):
        pack.wrong(
            LEDGER, f"pack.json says {stated['entries']} entries that end in {stated['head'][:12]}: cut or added to"
        )
    inside = sorted((pack.folder / "evidence/anchors").glob("*.json"))
    for path in [*inside, *map(Path, further)]:
        try:
            found = json.loads(path.read_bytes())
            for anchor in found if isinstance(found, list) else [found]:
                pack.count("anchors")
                if anchor["home"] != pack.facts["home"]:
                    pack.wrong(path.name, f"an anchor of another home, {anchor['home']}")
                elif hashes.get(anchor["number"]) != anchor["head"]:
                    pack.wrong(path.name, f"entry {anchor['number']} of the ledger is not the one anchored")
        except (OSError, ValueError, KeyError, TypeError) as error:
            pack.wrong(path.name, f"not an anchor ({type(error).__name__})")
    if not inside and not further:
        pack.notes.append(
            "no anchor was given: a ledger rewritten from its start with all that refers to it would not show"
        )
    for key in pack.artifacts:
        where = f"{ARTIFACTS}/{key[0]}/{key[1]}/{PROVENANCE}"
        noted = ((pack.json(where) or {}).get("ledger") or {}).get("hash", "")
        if noted and noted not in known:
            pack.wrong(where, f"was made after ledger entry {noted[:12]}, which is not in the ledger")
    if (pack.folder / "evidence/production.json").exists():
        noted = (pack.json("evidence/production.json") or {}).get("entry")
        if noted not in known:
            pack.wrong("evidence/production.json", "names a release that is not in the ledger")


# --- artifacts -------------------------------------------------------------------------------------------------------


def check_erasures(pack):
    """Proofs of erasure, as the ledger names them: what an erasure left counts as published."""
    for entry in pack.entries:
        if entry.get("kind") != "erased" or "withheld" in entry:
            continue
        where = f"evidence/erasures/{entry['body']['proof']}.json"
        proof = pack.json(where)
        if proof is None or digest_of(proof) != entry["body"]["proof"]:
            pack.wrong(where, "the proof of an erasure is not the one in the ledger")
            continue
        pack.count("erasures")
        pack.proofs["files"].update({r["key"]: r["after"] for r in proof["redacted"]})
        pack.proofs["manifests"].update({(m["asset"], m["digest"]): m["after"] for m in proof["manifests"]})


def check_artifacts(pack):
    """Each manifest has the digest in its path and the hash in the ledger; each of its files is there or is named as
    not exported; everything it was made from is there or is named."""
    recorded = {}
    for e in pack.entries:
        if e.get("kind") == "materialized" and "withheld" not in e:
            recorded.setdefault((e["body"]["asset"], e["body"]["digest"]), set()).add(e["body"]["manifest"])
    for path in sorted((pack.folder / ARTIFACTS).glob(f"*/*/*/{MANIFEST}")):
        folder = path.parent.relative_to(pack.folder).as_posix()
        asset, digest = folder[len(ARTIFACTS) + 1 :].rsplit("/", 1)
        manifest = pack.json(f"{folder}/{MANIFEST}")
        try:
            check_artifact(pack, folder, asset, digest, manifest, recorded.get((asset, digest)))
            pack.artifacts[asset, digest] = manifest
            pack.count("artifacts")
        except (KeyError, TypeError, AttributeError, OSError) as error:
            pack.wrong(f"{folder}/{MANIFEST}", f"not a manifest ({type(error).__name__})")
    for asset, digest in map(tuple, pack.facts["closure"]):
        if (asset, digest) not in pack.artifacts:
            pack.wrong(f"{ARTIFACTS}/{asset}/{digest}", "pack.json names this artifact and it is not here")
    for asset, digest in set(pack.artifacts) - set(map(tuple, pack.facts["closure"])):
        pack.wrong(f"{ARTIFACTS}/{asset}/{digest}", "pack.json does not name this artifact")
    check_inputs(pack)


def check_artifact(pack, folder, asset, digest, manifest, recorded):
    key, withheld = folder[len("evidence/") :], pack.facts["withheld"]
    content = {k: manifest[k] for k in ("schema_version", "asset", "files")}
    content["snapshots"] = [{k: s[k] for k in ("name", "digest", "rows")} for s in manifest["snapshots"]]
    if digest_of(content) != digest or manifest["digest"] != digest or manifest["asset"] != asset:
        pack.wrong(f"{folder}/{MANIFEST}", "does not match the digest in its path")
    if recorded is None:
        pack.wrong(f"{folder}/{MANIFEST}", "the ledger never recorded this artifact")
    elif f"{key}/{MANIFEST}" in withheld:
        pack.count("manifests whose previews stay in the home, so that the ledger's hash of them cannot be compared")
    elif digest_of(manifest) not in ({pack.proofs["manifests"].get((asset, digest))} - {None} or recorded):
        pack.wrong(f"{folder}/{MANIFEST}", "is not the one that the ledger recorded")
    listed = {f["path"]: f["sha256"] for f in manifest["files"] + manifest["views"]}
    listed[PROVENANCE] = manifest["provenance_sha256"]
    here = {p.relative_to(pack.folder / folder).as_posix() for p in (pack.folder / folder).rglob("*") if p.is_file()}
    for name, expected in sorted(listed.items()):
        expected = pack.proofs["files"].get(f"{key}/{name}", expected)
        if f"{key}/{name}" in withheld:
            pack.count("files that are here only in part")
        elif name in here:
            if sha256((pack.folder / folder / name).read_bytes()) != expected:
                pack.wrong(f"{folder}/{name}", "altered after publication")
        elif pack.facts["not_exported"].get(f"{key}/{name}", {}).get("sha256") == expected:
            pack.count("files that stay in the home, named with their digest")
        else:
            pack.wrong(f"{folder}/{name}", "missing, and not named among what is not exported")
    for name in sorted(here - set(listed) - {MANIFEST}):
        pack.wrong(f"{folder}/{name}", "added after publication")


def check_inputs(pack):
    digests = {digest for _, digest in pack.artifacts}
    for asset, digest in pack.artifacts:
        where = f"{ARTIFACTS}/{asset}/{digest}/{PROVENANCE}"
        for name, used in ((pack.json(where) or {}).get("inputs") or {}).items():
            if isinstance(used, str) and HEX.fullmatch(used):
                pack.count("inputs")
                if used not in digests and used not in pack.facts["outside"]:
                    pack.wrong(where, f"was made from {name} {used[:12]}, which is neither here nor named")


# --- approvals and releases ------------------------------------------------------------------------------------------


def check_decisions(pack):
    """Each approval is about artifacts of that version, by somebody who was approver, and no copy of an earlier one;
    each release rests on the last approval of its version; pack.json says of the version what the ledger says."""
    told = [e for e in pack.entries if "withheld" not in e]
    made = {}
    for entry in told:
        body = entry.get("body", {})
        if entry["kind"] == "materialized":
            made.setdefault((body["asset"], body["digest"]), set()).add(body["partition"])
        elif entry["kind"] == "approval":
            pack.count("approvals")
            check_approval(pack, entry, told, made)
        elif entry["kind"] == "release":
            pack.count("releases")
            check_release(pack, entry, told)
    says = pack.facts["says"]
    mine = [e for e in told if e.get("body", {}).get("model_version") == pack.facts["model_version"]]
    last = [e["body"]["decision"] for e in mine if e["kind"] == "approval"][-1:]
    if says["decided"] != (last[0] if last else "nobody"):
        pack.wrong("pack.json", f"says of the approval {says['decided']!r}, the ledger {last or 'nothing'}")
    released = [e["body"]["model_version"] for e in told if e["kind"] == "release"][-1:]
    if says["production"] != (released[0] if released else ""):
        pack.wrong("pack.json", f"says {says['production'] or 'nothing'} is in production, the ledger {released}")


def where_of(entry):
    return f"{LEDGER}/{entry['seq']:08d}-{entry['prev'][:SHORT]}.json"


def check_approval(pack, entry, told, made):
    body, version = entry["body"], entry["body"]["model_version"]
    for name, digest in body["digests"].items():
        partitions = made.get((f"{body['use_case']}/{name}", digest), set())
        if not partitions & {version, None}:
            pack.wrong(
                where_of(entry), f"approves a {name} that was not made for {version} before it: copied or altered"
            )
    earlier = [e for e in told if e["kind"] == "approval" and e["seq"] < entry["seq"]]
    since = [e for e in earlier if (e["body"]["use_case"], e["body"]["model_version"]) == (body["use_case"], version)]
    copies = [e["seq"] for e in since if e["body"] == body]
    if copies and since[-1]["body"]["decision"] != body["decision"]:
        pack.wrong(
            where_of(entry), f"repeats entry {copies[0]} word for word after another decision: a replayed approval"
        )
    scopes = [a for a in pack.artifacts if a[0] == f"{body['use_case']}/use_case_scope"]
    people = [pack.json(f"{ARTIFACTS}/{a}/{d}/scope.json") or {} for a, d in scopes]
    approvers = {person(n) for scope in people for n in (scope.get("people") or {}).get("approvers", [])}
    if scopes and person(body["name"]) not in approvers:
        pack.wrong(where_of(entry), f"decided by {body['name']!r}, who is no approver in the recorded scope")


def check_release(pack, entry, told):
    body = entry["body"]
    about = [e for e in told if e["kind"] == "approval" and e["seq"] < entry["seq"]]
    about = [e for e in about if all(e["body"][k] == body[k] for k in ("use_case", "model_version"))]
    approval = next((e for e in about if e["hash"] == body["approval"]), None)
    if approval is None or approval is not about[-1] or approval["body"]["decision"] != "approved":
        pack.wrong(where_of(entry), "this release does not rest on the last approval of its version")
    elif approval["body"]["digests"] != body["digests"]:
        pack.wrong(where_of(entry), "this release has other digests than its approval")


# --- signatures ------------------------------------------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add_points(a, b):
    """On NIST P-256 (FIPS 186-5, SP 800-186); None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(point, number):
    found = None
    for bit in bin(number)[2:]:
        found = add_points(found, found)
        found = add_points(found, point) if bit == "1" else found
    return found


def p256_holds(public_pem, message, signature):
    """ECDSA with SHA-256. `signature`: DER. False also for what is no key or no signature."""
    try:
        raw = base64.b64decode("".join(public_pem.split("-----")[2].split()))[-65:]
        key = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
        length = signature[3]
        r = int.from_bytes(signature[4 : 4 + length], "big")
        s = int.from_bytes(signature[6 + length : 6 + length + signature[5 + length]], "big")
    except (IndexError, ValueError):
        return False
    on_curve = (key[1] * key[1] - key[0] ** 3 + 3 * key[0] - B) % P == 0
    if raw[0] != 4 or not on_curve or not (0 < r < N and 0 < s < N):
        return False
    z, inverse = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
    point = add_points(times(G, z * inverse % N), times(key, r * inverse % N))
    return point is not None and point[0] % N == r


def check_signatures(pack, expected):
    keys = {e["body"]["fingerprint"]: e["body"]["public_key"] for e in pack.entries if e.get("kind") == "signing_key"}
    whole = (pack.folder / "pack.json").read_bytes()
    if expected and sha256(whole) != expected:
        pack.wrong("pack.json", f"its digest is {sha256(whole)}, not the one you were told")
    signed_by = pack.facts["signed_by"]
    if not signed_by:
        pack.notes.append(
            "the pack is not signed: pages that nothing else holds to account rest on pack.json's digest alone"
        )
    elif not (pack.folder / "pack.sig").exists():
        pack.wrong("pack.sig", "missing; pack.json says it is signed")
    elif not p256_holds(keys.get(signed_by, ""), whole, (pack.folder / "pack.sig").read_bytes()):
        pack.wrong("pack.sig", "is no signature of pack.json by a key that the ledger names")
    else:
        pack.count("signatures")
    for asset, digest in pack.artifacts:
        folder = f"{ARTIFACTS}/{asset}/{digest}"
        if (pack.folder / folder / "model.sig").exists():
            check_model_signature(pack, folder, asset.rsplit("/", 1)[0], keys)
    for entry in pack.entries:
        if (entry.get("body") or {}).get("signature"):
            pack.notes.append(f"{where_of(entry)} carries a person's signature: check it with ssh-keygen -Y verify")


def check_model_signature(pack, folder, use_case, keys):
    """An OpenSSF model signature (Sigstore bundle with a DSSE envelope): who signed, and that the files it names are
    those of the checkpoint's manifest."""
    try:
        facts = pack.json(f"{folder}/signature.json")
        envelope = pack.json(f"{folder}/model.sig")["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"])
        kind = envelope["payloadType"].encode()
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        if not p256_holds(keys.get(facts["key"], ""), message, base64.b64decode(envelope["signatures"][0]["sig"])):
            pack.wrong(f"{folder}/model.sig", "is no signature by a key that the ledger names")
        manifest = pack.artifacts.get((f"{use_case}/aligned_checkpoint", facts["checkpoint"]))
        signed = {r["name"]: r["digest"] for r in json.loads(payload)["predicate"]["resources"]}
        if manifest is None:
            pack.notes.append(f"{folder}/model.sig is about a checkpoint that is not in the pack")
        elif signed != {f["path"]: f["sha256"] for f in manifest["files"]}:
            pack.wrong(f"{folder}/model.sig", "signs other files than the checkpoint's manifest lists")
        pack.count("signatures")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        pack.wrong(f"{folder}/model.sig", f"not a model signature ({type(error).__name__})")


# --- claims ----------------------------------------------------------------------------------------------------------


def claims_in(value):
    if isinstance(value, dict) and value.keys() >= {"value", "asset", "digest", "pointer"}:
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from claims_in(inner)


def check_claims(pack):
    """Every value that a document quotes equals the one at its pointer in the artifact it names."""
    read, closed = {}, 0
    for asset, digest in sorted(pack.artifacts):
        folder = pack.folder / ARTIFACTS / asset / digest
        for path in sorted(folder.rglob("*.json")):
            where = path.relative_to(pack.folder).as_posix()
            if path.name in (MANIFEST, PROVENANCE):
                continue
            for claim in claims_in(pack.json(where)):
                source = claim["asset"], claim["digest"]
                name = pack.facts["claims_in"].get(source[0].rsplit("/", 1)[-1], f"{source[0].rsplit('/', 1)[-1]}.json")
                file = f"{ARTIFACTS}/{source[0]}/{source[1]}/{name}"
                if file[len("evidence/") :] in pack.facts["not_exported"]:
                    closed += 1
                    continue
                if file not in read:
                    read[file] = pack.json(file) if (pack.folder / file).exists() else None
                pack.count("claims")
                try:
                    if read[file] is None or not same_json(at_pointer(read[file], claim["pointer"]), claim["value"]):
                        pack.wrong(where, f"its claim on {file}#{claim['pointer']} does not hold")
                except KeyError:
                    pack.wrong(where, f"claims {file}#{claim['pointer']}, where there is nothing")
    if closed:
        pack.notes.append(f"{closed} claims point into files that stay in the home")


# --- gates -----------------------------------------------------------------------------------------------------------


def mass_below(weights):
    """P(sum of weight x E <= 0) for independent exponential E, by Gil-Pelaez' inversion. `weights`: {weight: times}."""
    scale, total, s = math.sqrt(sum(k * w * w for w, k in weights.items())), 0.0, -14.0
    while s < 40 and scale:
        u, s = math.exp(s) / scale, s + 0.05
        size = math.exp(-0.5 * sum(k * math.log1p((w * u) ** 2) for w, k in weights.items()))
        total += size * math.sin(sum(k * math.atan(w * u) for w, k in weights.items()))
        if size < 1e-10:
            break
    return 0.5 - total * 0.05 / math.pi


def end_holds(items, end, at, tail, draws):
    """Whether so much of the probability lies beyond a reported end of an interval. The mean under random weights
    (Dirichlet) over groups of items, with one more group at the bound `at`: Gaffke 2005; for two-valued items this is
    Clopper and Pearson's. `items`: [(group, score)]. The report drew `draws` times; four standard errors are allowed."""
    groups = {}
    for group, score in items:
        total, size = groups.get(group, (0.0, 0))
        groups[group] = (total + score, size + 1)
    if all(score == at for _, score in items):
        return abs(end - at) < 1e-6
    weights = {max(size for _, size in groups.values()) * (at - end): 1}
    for total, size in groups.values():
        weights[total - end * size] = weights.get(total - end * size, 0) + 1
    mean = sum(score for _, score in items) / len(items)
    found = mass_below(weights) if end < mean else 1 - mass_below(weights)
    allowed = 4 * math.sqrt(tail * (1 - tail) / draws) + 2 / draws
    return abs(found - tail) < allowed or (abs(end - mean) < 1e-6 and found > tail)


def scores_at(rows, metric):
    """([(group, score or None)], (least, greatest)) behind a pointer into a report; None where no items are kept."""
    suite, parts = "golden", metric.split("/")[1:]
    if parts[0] in ("classes", "owasp", "mutators") and parts[2:] in (["success"], ["pooled"]):
        field = {"classes": "risk", "owasp": "owasp", "mutators": "mutator"}[parts[0]]
        fresh = [r for r in rows if r.get(field) == parts[1] and r["fresh"]]
        return [(f"{r['risk']}/{r['seed']}", float(r["success"])) for r in fresh], (0.0, 1.0)
    if parts[0] == "suites":
        suite, parts = parts[1], parts[2:]

    def cell(name, score):
        chosen = (r for r in rows if r.get("suite") == suite and r["cell"] == name and score in r["scores"])
        return {r["item"]: r["scores"][score] for r in chosen if parts[-1] in ("all", *r["slices"])}

    if parts[0] == "cells" and len(parts) == 4:
        found, bounds = cell("" if parts[1] == "all" else parts[1], parts[2]), (0.0, 1.0)
    elif parts[0] == "effects" and len(parts) == 3:
        score = "answer_f1" if parts[1] in EFFECTS else parts[1][len("tuning_on_") :]
        pair = EFFECTS.get(parts[1], ("tuned_with", "base_with"))
        pair = pair if cell(pair[0], score) else ("tuned", "base")
        after, before = cell(pair[0], score), cell(pair[1], score)
        both, bounds = [i for i in after if i in before], (-1.0, 1.0)
        found = {i: None if None in (after[i], before[i]) else after[i] - before[i] for i in both}
    else:
        return None
    return (list(found.items()), bounds) if found else None


def check_interval(pack, where, gate, rows, draws):
    """The gate's mean and the ends of its interval, from the scores of its items."""
    value, found = gate["value"], scores_at(rows, gate["metric"])
    if found is None or gate.get("against") or value.get("groups") or value["method"] in ("hit_at", "none"):
        pack.notes.append(f"gate {gate['id']}: no scores of single items are kept that give {gate['metric']} alone")
        return
    pack.count("gates recomputed from the scores of single items")
    scores, (least, greatest) = found
    known, missing = [s for s in scores if s[1] is not None], [s[0] for s in scores if s[1] is None]
    fill = value["method"] == "missing_bounded"
    worst = known + [(g, least) for g in missing if fill]
    best = known + [(g, greatest) for g in missing if fill]
    side = worst if gate.get("side", "at_least") == "at_least" else best
    mean = sum(s for _, s in side) / len(side) if side else None
    if (
        len(known) != value["n"]
        or (mean is None) != (value["mean"] is None)
        or abs((mean or 0) - (value["mean"] or 0)) > 2e-6
    ):
        pack.wrong(
            where,
            f"gate {gate['id']}: {len(known)} items give {mean}, the decision says {value['mean']} of {value['n']}",
        )
    elif value["method"] == "wilson":
        pack.notes.append(f"gate {gate['id']}: mean recomputed, Wilson's interval not")
    elif value["low"] is not None:
        tail = (1 - value["confidence"]) / 2
        if not (
            end_holds(worst, value["low"], least, tail, draws) and end_holds(best, value["high"], greatest, tail, draws)
        ):
            pack.wrong(
                where, f"gate {gate['id']}: its items do not give the interval [{value['low']}, {value['high']}]"
            )


def status_of(gate, criterion):
    """What the rule says of an interval: wholly on one side of the limit, or undecided. An effect must lie beyond it."""
    value, limit = gate["value"], criterion.get("at_least", criterion.get("at_most"))
    if value is None:
        return "fail"
    if (
        value["n"] < criterion["min_items"]
        or value["low"] is None
        or value["confidence"] != criterion.get("confidence", 0.95)
    ):
        return "undecided"
    beyond = "/effects/" in gate["metric"] or gate.get("against")
    good, bad = value["low"], value["high"]
    if criterion.get("at_least") is None:
        good, bad, limit = -bad, -good, -limit
    if good > limit or (good == limit and not beyond):
        return "pass"
    return "fail" if bad < limit or (bad == limit and beyond) else "undecided"


def check_gates(pack):
    for (asset, digest), _ in sorted(pack.artifacts.items()):
        if not asset.endswith("/release_decision"):
            continue
        where, use_case = f"{ARTIFACTS}/{asset}/{digest}/decision.json", asset.rsplit("/", 1)[0]
        decision = pack.json(where) or {}
        used = decision.get("evidence", {})
        file = f"{ARTIFACTS}/{use_case}/success_criteria/{used.get('success_criteria')}/criteria.json"
        if not decision.get("gates") or not (pack.folder / file).exists():
            continue
        criteria = {c["id"]: c for c in (pack.json(file) or {})["gates"]}
        criteria.update({f"{c['id']}_{part}": c for c in list(criteria.values()) for part in c.get("slices", [])})
        for gate in decision["gates"]:
            pack.count("gates")
            check_gate(pack, where, gate, criteria.get(gate["id"]), use_case, used)
        must = [g["status"] for g in decision["gates"] if g.get("severity", "must") == "must"]
        must = [s for s in must if s != "not_applicable"]
        verdict = "no_go" if "fail" in must else "undecided" if "undecided" in must or not must else "go"
        verdict = "no_go" if decision.get("broken_claims") else verdict
        if decision.get("by_gates", decision["verdict"]) != verdict:
            pack.wrong(where, f"its verdict is {decision['verdict']}, its gates give {verdict}")


def check_gate(pack, where, gate, criterion, use_case, used):
    if criterion is None or gate["threshold"] != criterion.get("at_least", criterion.get("at_most")):
        pack.wrong(where, f"gate {gate['id']} is not the one of the success criteria")
        return
    believed = gate["status"] == "not_applicable" or (gate["figures"].get("judge") and gate["status"] == "undecided")
    if not believed and gate["status"] != status_of(gate, criterion):
        pack.wrong(where, f"gate {gate['id']} is {gate['status']}, its interval gives {status_of(gate, criterion)}")
    report = criterion.get("asset", "eval_report")
    items = f"{ITEMS}/{report}-{str(used.get(report))[:12]}.jsonl"
    made = f"{ARTIFACTS}/{use_case}/{report}/{used.get(report)}/{PROVENANCE}"
    if gate["value"] and (pack.folder / items).exists():
        rows = [json.loads(line) for line in (pack.folder / items).read_text("utf-8").splitlines()]
        draws = ((pack.json(made) or {}).get("config") or {}).get("resamples", 2000)
        check_interval(pack, where, gate, rows, draws)
    elif gate["value"]:
        pack.notes.append(f"gate {gate['id']}: the scores of single items are not in the pack")


def verify(folder, anchors=(), expected=""):
    """All checks. A file that cannot be read is a problem, never a crash."""
    pack = Pack(folder)
    pack.facts = pack.json("pack.json")
    if not isinstance(pack.facts, dict) or pack.facts.get("kind") != "dossier":
        return pack
    for check in (
        check_files,
        check_ledger,
        check_erasures,
        check_artifacts,
        lambda p: check_heads(p, anchors),
        check_decisions,
        lambda p: check_signatures(p, expected),
        check_claims,
        check_gates,
    ):
        try:
            check(pack)
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            pack.wrong(
                "pack.json", f"or what it names has another form than expected ({type(error).__name__}: {error})"
            )
    return pack


def main():
    parser = argparse.ArgumentParser(description="Check a release dossier.")
    parser.add_argument("folder", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument("--pack", default="", help="the digest of pack.json that you were told")
    parser.add_argument("--anchor", action="append", default=[], help="a JSON file {home, number, head}")
    chosen = parser.parse_args()
    pack = verify(chosen.folder, chosen.anchor, chosen.pack)
    for problem in dict.fromkeys(pack.problems):
        print(problem)
    print("checked:", ", ".join(f"{number} {what}" for what, number in sorted(pack.counts.items())))
    for note in dict.fromkeys(pack.notes):
        print("not checked:", note)
    if pack.facts:
        print("digest of pack.json:", sha256((pack.folder / "pack.json").read_bytes()))
    print(f"{len(set(pack.problems))} problems" if pack.problems else "no problem found")
    return 1 if pack.problems else 0


if __name__ == "__main__":
    sys.exit(main())

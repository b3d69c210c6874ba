"""Checks a release dossier without the platform that wrote it: one file, Python 3.9 or newer, nothing to install.

python verify.py [FOLDER] [--pack SHA256] [--anchor FILE ...] looks at each file's digest, each artifact's manifest and
what it was made from, the chain of the ledger and where its head was noted, signatures, approvals, releases, the claims
of all documents, and decides each gate again from the scores of single items. One line a problem, naming the file; then
what was checked and what could not be. Exit code 1 where something is wrong. Who can rewrite the whole folder can write
another verify.py too: get this file, the digest of pack.json or an anchor of the ledger from somebody else."""

import argparse
import base64
import hashlib
import json
import math
import re
import sys
from pathlib import Path

HEX, MANIFEST, PROVENANCE = re.compile(r"[0-9a-f]{64}"), "manifest.json", "provenance.json"
PLACES = re.compile(r"evidence/(artifacts/.+|ledger/.+|erasures/.+|anchors/.+|items/.+|production\.json)$")
POINTER = ("use_case", "model_version", "kind", "by", "reason", "digests", "previous")  # of what is in production
ARTIFACTS, LEDGER = "evidence/artifacts", "evidence/ledger"
BENT = (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError)  # what a file of another form raises


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """A JSON value as bytes: keys sorted, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Pack:
    """The folder; what is wrong with it (`problems`), what could not be checked (`notes`), what was (`counts`)."""

    def __init__(self, folder):
        self.folder, self.problems, self.notes, self.counts = Path(folder), [], [], {}
        self.entries, self.artifacts = [], {}  # of the ledger; (asset, digest) -> manifest
        self.left = {}  # what erasures left: path of a file, or (asset, digest) of a manifest -> its hash since
        self.facts = self.json("pack.json") or {}

    def wrong(self, where, what):
        self.problems.append(f"{where}: {what}")

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def json(self, name):
        """The content of a JSON file; None, and a problem, where it cannot be read."""
        try:
            return json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError) as error:
            return self.wrong(name, f"cannot be read ({type(error).__name__})")

    def told(self, kind):
        return [e for e in self.entries if e.get("kind") == kind and "withheld" not in e]


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
            if listed.get(name) != sha256(path.read_bytes()):
                pack.wrong(name, "not the digest in pack.json" if name in listed else "not named in pack.json")
            if name.startswith("evidence/") and not PLACES.match(name):
                pack.wrong(name, "evidence of no kind that there is")
    for name in sorted(set(listed) - there):
        pack.wrong(name, "named in pack.json and missing")


def check_ledger(pack):
    """Each entry holds the hash of the one before; the chain runs through an entry that shows its hash alone."""
    before = {"hash": "0" * 64, "seq": 0}
    for path in sorted((pack.folder / LEDGER).glob("*")):
        where = f"{LEDGER}/{path.name}"
        try:
            entry = pack.json(where)
            content = {k: v for k, v in entry.items() if k != "hash"}
            if "withheld" not in entry and sha256(canonical(content)) != entry["hash"]:
                pack.wrong(where, "its content does not match its hash")
            if entry["seq"] != before["seq"] + 1 or entry["prev"] != before["hash"]:
                pack.wrong(where, "the chain is broken here: an entry was removed, altered, added or moved")
            if path.name != name_of(entry):
                pack.wrong(where, "its name does not match its content")
            if before.get("home") and (entry["home"] != before["home"] or entry["at"] < before["at"]):
                pack.wrong(where, "written in another home, or at an earlier time, than the entry before it")
            pack.count("ledger entries" if "kind" in entry else "ledger entries that show their hash alone")
            pack.entries.append(entry)
            before = entry
        except BENT:
            pack.wrong(where, "not an entry of a ledger")


def name_of(entry):
    return f"{entry['seq']:08d}-{entry['prev'][:16]}.json"


def check_heads(pack, further):
    """The chain ends where pack.json says, and is the one that each anchor noted."""
    hashes, stated = {e["seq"]: e["hash"] for e in pack.entries}, pack.facts["ledger"]
    if [len(hashes), hashes.get(len(hashes), "")] != [stated["entries"], stated["head"]]:
        pack.wrong(LEDGER, f"pack.json says {stated['entries']} entries that end in {stated['head'][:12]}")
    for path in [*sorted((pack.folder / "evidence/anchors").glob("*")), *map(Path, further)]:
        try:
            for line in path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text("utf-8")]:
                check_anchor(pack, f"anchor {path.name}", json.loads(line), hashes)
        except BENT:
            pack.wrong(f"anchor {path.name}", "not an anchor of a ledger")
    if not pack.counts.get("anchors"):
        pack.notes.append("no anchor is given: a ledger rewritten with all that rests on it would not show")


def check_anchor(pack, where, anchor, hashes):
    pack.count("anchors")
    number, made_at = anchor.get("seq", anchor.get("number")), anchor.get("made_at", "")
    if anchor["home"] != pack.facts["home"] or hashes.get(number) != anchor["head"]:
        pack.wrong(where, f"entry {number} of this ledger is not the one that was anchored")
    for entry in pack.entries if made_at else ():
        if entry["at"] != made_at and (entry["at"] > made_at) == (entry["seq"] <= number):
            pack.wrong(f"{LEDGER}/{name_of(entry)}", f"its time {entry['at']} contradicts {where}")
    if anchor.get("signature"):
        statement = canonical({k: v for k, v in anchor.items() if k not in ("signature", "timestamp")})
        if not p256_holds(anchor["public_key"], statement, base64.b64decode(anchor["signature"])):
            pack.wrong(where, "its signature does not hold")
    pack.notes += [f"{where}: check its RFC 3161 time-stamp with openssl ts -verify"] if anchor.get("timestamp") else []


def check_artifacts(pack):
    """Manifests fit path and ledger; their files, and all that they were made from, are here or named as elsewhere."""
    recorded, closure = {}, set(map(tuple, pack.facts["closure"]))
    for entry in pack.told("materialized"):
        recorded.setdefault((entry["body"]["asset"], entry["body"]["digest"]), set()).add(entry["body"]["manifest"])
    for entry in pack.told("erased"):  # what an erasure left counts as published
        where = f"evidence/erasures/{entry['body']['proof']}.json"
        proof = pack.json(where)
        if sha256(canonical(proof)) != entry["body"]["proof"]:
            pack.wrong(where, "is not the proof of an erasure that the ledger names")
        pack.left.update({r["key"]: r["after"] for r in proof["redacted"]})
        pack.left.update({(m["asset"], m["digest"]): m["after"] for m in proof["manifests"]})
        pack.count("erasures")
    for path in sorted((pack.folder / ARTIFACTS).glob(f"*/*/*/{MANIFEST}")):
        folder = path.parent.relative_to(pack.folder).as_posix()
        key = tuple(folder[len(ARTIFACTS) + 1 :].rsplit("/", 1))
        try:
            pack.artifacts[key] = pack.json(f"{folder}/{MANIFEST}")
            check_artifact(pack, folder, key, pack.artifacts[key], recorded.get(key))
            pack.count("artifacts")
        except BENT as error:
            pack.artifacts.pop(key)
            pack.wrong(f"{folder}/{MANIFEST}", f"not a manifest ({type(error).__name__})")
    for asset, digest in sorted(closure ^ set(pack.artifacts)):
        pack.wrong(f"{ARTIFACTS}/{asset}/{digest}", "here and not named in pack.json, or named there and not here")
    known = {digest for _, digest in pack.artifacts} | set(pack.facts["outside"])
    heads = {None, *(entry["hash"] for entry in pack.entries)}
    for asset, digest in pack.artifacts:
        where = f"{ARTIFACTS}/{asset}/{digest}/{PROVENANCE}"
        made = pack.json(where) or {}
        if (made.get("ledger") or {}).get("hash") not in heads:
            pack.wrong(where, f"was made after ledger entry {made['ledger']['hash'][:12]}, which is not in the ledger")
        for name, used in (made.get("inputs") or {}).items():
            pack.count("inputs")
            if isinstance(used, str) and HEX.fullmatch(used) and used not in known:
                pack.wrong(where, f"was made from {name} {used[:12]}, which is neither here nor named as not exported")


def check_artifact(pack, folder, key, manifest, recorded):
    short, asset, digest = folder[len("evidence/") :], *key
    content = {k: manifest[k] for k in ("schema_version", "asset", "files")}
    content["snapshots"] = [{k: s[k] for k in ("name", "digest", "rows")} for s in manifest["snapshots"]]
    if {sha256(canonical(content)), manifest["digest"]} != {digest} or manifest["asset"] != asset:
        pack.wrong(f"{folder}/{MANIFEST}", "does not match the digest in its path")
    if recorded is None:
        pack.wrong(f"{folder}/{MANIFEST}", "the ledger never recorded this artifact")
    elif f"{short}/{MANIFEST}" in pack.facts["withheld"]:
        pack.count("manifests without their previews of rows, which therefore lack the ledger's hash")
    elif sha256(canonical(manifest)) not in ({pack.left[key]} if key in pack.left else recorded):
        pack.wrong(f"{folder}/{MANIFEST}", "is not the one that the ledger recorded")
    listed = {f["path"]: f["sha256"] for f in manifest["files"] + manifest["views"]}
    listed[PROVENANCE] = manifest["provenance_sha256"]
    here = {p.relative_to(pack.folder / folder).as_posix() for p in (pack.folder / folder).rglob("*") if p.is_file()}
    for name, published in sorted(listed.items()):
        expected = pack.left.get(f"{short}/{name}", published)
        if name in here and f"{short}/{name}" not in pack.facts["withheld"]:
            if sha256((pack.folder / folder / name).read_bytes()) != expected:
                pack.wrong(f"{folder}/{name}", "altered after publication")
        elif name not in here and pack.facts["not_exported"].get(f"{short}/{name}", {}).get("sha256") != expected:
            pack.wrong(f"{folder}/{name}", "missing, and not named with its digest among what stays in the home")
        else:
            pack.count("files that stay in the home or are shown in part")
    for name in sorted(here - {*listed, MANIFEST}):
        pack.wrong(f"{folder}/{name}", "added after publication")


def check_decisions(pack):
    """Each approval is about artifacts made for that version before it, by somebody who was approver, and no copy of an
    earlier one; each release rests on the last approval of its version; pack.json says what the ledger says."""

    made, last, gone, approvers, released = {}, {}, {}, set(), ""
    for asset, digest in (a for a in pack.artifacts if a[0].endswith("/use_case_scope")):
        approvers |= set(pack.json(f"{ARTIFACTS}/{asset}/{digest}/scope.json")["people"]["approvers"])
    for entry in (e for e in pack.entries if e.get("kind") in ("materialized", "approval", "release", "revocation")):
        body, where = entry["body"], f"{LEDGER}/{name_of(entry)}"
        about = (body.get("use_case"), body.get("model_version"))
        before = last.setdefault(about, [])
        if entry["kind"] == "materialized":
            made.setdefault((body["asset"], body["digest"]), set()).add(body["partition"])
        elif entry["kind"] == "approval":
            pack.count("approvals")
            for name, digest in body["digests"].items():
                if not made.get((f"{about[0]}/{name}", digest), set()) & {about[1], None}:
                    pack.wrong(where, f"is about a {name} that was not made for {about[1]} before: copied or altered")
            if body in [e["body"] for e in before] and before[-1]["body"] != body:
                pack.wrong(where, "repeats an earlier decision word for word after another one: a replayed approval")
            if approvers and " ".join(body["name"].casefold().split()) not in {a.casefold() for a in approvers}:
                pack.wrong(where, f"decided by {body['name']!r}, who is no approver in any recorded scope")
            before.append(entry)
        elif entry["kind"] == "revocation":
            gone.setdefault(about[1], entry["hash"])
        else:
            pack.count("releases")
            released, newest = body["model_version"], entry
            rests_on = before[-1] if before else {"hash": "", "body": {"decision": "", "digests": {}}}
            facts = [rests_on["hash"], rests_on["body"]["decision"], rests_on["body"]["digests"]]
            if facts != [body["approval"], "approved", body["digests"]]:
                pack.wrong(where, "this release does not rest on the last approval of its version, of the same digests")
    if released:  # the pointer of production says so too
        stated = {**{k: newest["body"][k] for k in POINTER}, "at": newest["at"], "entry": newest["hash"]}
        if {"revoked": "", **pack.json("evidence/production.json")} != {**stated, "revoked": gone.get(released, "")}:
            pack.wrong("evidence/production.json", "is not what the last release in the ledger made it")
    decided = last.get((pack.facts["use_case"], pack.facts["model_version"])) or [{"body": {"decision": "nobody"}}]
    says = {"decided": decided[-1]["body"]["decision"], "production": released}
    if {k: pack.facts["says"][k] for k in says} != says:
        pack.wrong("pack.json", f"says {pack.facts['says']}, the ledger {says}")


P = 2**256 - 2**224 + 2**192 + 2**96 - 1  # NIST P-256 (FIPS 186-5, SP 800-186), in plain integers
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def add(a, b):
    """Two points of the curve; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(point, number):
    found = None
    for bit in bin(number)[2:]:
        found = add(add(found, found), point if bit == "1" else None)
    return found


def p256_holds(public_pem, message, signature):
    """`signature`: DER. False also for what is no key or no signature."""
    try:
        raw = base64.b64decode("".join(public_pem.split("-----")[2].split()))[-65:]
        key = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
        end = 4 + signature[3]
        r, s = int.from_bytes(signature[4:end], "big"), int.from_bytes(signature[end + 2 :], "big")
        parts = [n.to_bytes(n.bit_length() // 8 + 1, "big") for n in (r, s)]
        body = b"".join(b"\x02" + bytes([len(part)]) + part for part in parts)
        on_curve = raw[0] == 4 and (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - B) % P == 0
        if not (on_curve and 0 < r < N and 0 < s < N and signature == b"\x30" + bytes([len(body)]) + body):
            return False
    except BENT:
        return False
    z, inverse = int(sha256(message), 16), pow(s, -1, N)
    point = add(times((GX, GY), z * inverse % N), times(key, r * inverse % N))
    return point is not None and point[0] % N == r


def check_signatures(pack, expected):
    """Of pack.json, and of models and bundles (OpenSSF: a Sigstore bundle with a DSSE envelope over their files)."""
    keys = {e["body"]["fingerprint"]: e["body"]["public_key"] for e in pack.told("signing_key")}
    whole, signature = (pack.folder / "pack.json").read_bytes(), pack.folder / "pack.sig"
    if expected and sha256(whole) != expected:
        pack.wrong("pack.json", f"its digest is {sha256(whole)}, not the one you were told")
    if pack.facts["signed_by"] or signature.exists():
        pack.count("signatures")
        if not signature.exists() or not p256_holds(keys.get(pack.facts["signed_by"]), whole, signature.read_bytes()):
            pack.wrong("pack.sig", "missing, or no signature of pack.json by a key that the ledger names")
    else:
        pack.notes.append("the pack is not signed: the pages rest on the digest of pack.json alone")
    for path in sorted(pack.folder.glob(f"{ARTIFACTS}/*/*/*/model.sig")):
        where = path.relative_to(pack.folder).as_posix()
        pack.count("signatures")
        facts, envelope = pack.json(f"{where[:-9]}signature.json"), pack.json(where)["dsseEnvelope"]
        payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        if not p256_holds(keys.get(facts["key"]), message, base64.b64decode(envelope["signatures"][0]["sig"])):
            pack.wrong(where, "is no signature by a key that the ledger names")
        signed = {r["name"]: r["digest"] for r in json.loads(payload)["predicate"]["resources"]}
        about = [m for (_, d), m in pack.artifacts.items() if d in (facts.get("checkpoint"), facts.get("bundle"))]
        if not about or signed != {f["path"]: f["sha256"] for f in about[0]["files"]}:
            pack.wrong(where, "signs other files than the manifest of what it is about lists")
    for entry in (e for e in pack.entries if (e.get("body") or {}).get("signature")):
        pack.notes.append(f"{name_of(entry)} carries a person's SSH signature: check it with ssh-keygen -Y verify")


def claims_in(value):
    """Every value that a document quotes, with where it says that it comes from."""
    if isinstance(value, dict) and value.keys() >= {"value", "asset", "digest", "pointer"}:
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from claims_in(inner)


def check_claims(pack):
    read, broken = {}, {}
    for asset, digest in sorted(pack.artifacts):
        for path in sorted((pack.folder / ARTIFACTS / asset / digest).rglob("*.json")):
            where = path.relative_to(pack.folder).as_posix()
            for claim in claims_in(pack.json(where) if path.name not in (MANIFEST, PROVENANCE) else None):
                short = str(claim["asset"]).rsplit("/", 1)[-1]
                name = pack.facts["claims_in"].get(short, f"{short}.json")
                file = f"artifacts/{claim['asset']}/{claim['digest']}/{name}"
                if file in pack.facts["not_exported"]:
                    pack.notes.append(f"claims on {file}, which stays in the home")
                    continue
                pack.count("claims")
                try:
                    if file not in read:
                        read[file] = json.loads((pack.folder / "evidence" / file).read_bytes())
                    value = read[file]
                    for part in claim["pointer"].split("/")[1:]:  # RFC 6901
                        part = part.replace("~1", "/").replace("~0", "~")
                        value = value[int(part) if isinstance(value, list) else part]
                    holds = canonical(value) == canonical(claim["value"])
                except BENT:
                    holds = False
                if not holds:
                    broken.setdefault((where, file), []).append(str(claim["pointer"]))
    for (where, file), pointers in broken.items():
        pack.wrong(where, f"claims that do not hold in evidence/{file}: {', '.join(pointers[:5])} ({len(pointers)})")


PAIRS = {"retrieval": "base_with base_without", "retrieval_tuned": "tuned_with tuned_without"}  # effect -> its cells


def scores_at(rows, metric):
    """([(group, score or None)], least, greatest) behind a pointer into a report; None where no items are kept."""
    suite, parts = "golden", metric.split("/")[1:]
    if parts[0] in ("classes", "owasp", "mutators") and parts[2:] == ["success"]:
        field = {"classes": "risk", "owasp": "owasp", "mutators": "mutator"}[parts[0]]
        fresh = [r for r in rows if r.get(field) == parts[1] and r["fresh"]]
        return [(f"{r['risk']}/{r['seed']}", float(r["success"])) for r in fresh], 0.0, 1.0
    if parts[0] == "suites":
        suite, parts = parts[1], parts[2:]

    def cell(name, score):
        chosen = (r for r in rows if r.get("suite") == suite and r["cell"] == name and score in r["scores"])
        return {r["item"]: (r["group"], r["scores"][score]) for r in chosen if parts[-1] in ("all", *r["slices"])}

    if parts[0] == "cells":
        found, least = cell("" if parts[1] == "all" else parts[1], parts[2]), 0.0
    elif parts[0] == "effects":
        score, least = parts[1][len("tuning_on_") :] if suite != "golden" else "answer_f1", -1.0
        pairs = [PAIRS.get(parts[1], "tuned_with base_with"), "tuned base"]
        after, before = next((two for p in pairs if (two := [cell(name, score) for name in p.split()])[0]), ({}, {}))
        both = {i: (after[i][1], before[i][1]) for i in after if i in before}
        found = {i: (after[i][0], None if None in two else two[0] - two[1]) for i, two in both.items()}
    else:
        return None
    return (list(found.values()), least, 1.0) if found else None


def end_holds(items, end, bound, tail, draws):
    """Whether the right share of probability lies beyond an end of an interval: of the mean under random weights over
    groups of items and one more group at `bound` (Gaffke 2005; Clopper and Pearson's interval for two-valued scores).
    Gil-Pelaez' inversion, where the report drew `draws` times: four standard errors of that share are allowed."""
    groups = {}
    for group, score in items:
        groups.setdefault(group, []).append(score)
    if all(score == bound for _, score in items):
        return abs(end - bound) < 1e-6
    mean, largest = sum(score for _, score in items) / len(items), max(map(len, groups.values()))
    weights = {largest * (bound - end): 1}
    for scores in groups.values():
        weights[sum(scores) - end * len(scores)] = weights.get(sum(scores) - end * len(scores), 0) + 1
    total, s, scale = 0.0, -14.0, math.sqrt(sum(k * w * w for w, k in weights.items())) or 1.0
    while s < 40:
        u, s = math.exp(s) / scale, s + 0.05
        size = math.exp(-0.5 * sum(k * math.log1p((w * u) ** 2) for w, k in weights.items()))
        total += 0.05 * size * math.sin(sum(k * math.atan(w * u) for w, k in weights.items()))
        if size < 1e-10:
            break
    beyond = 0.5 - total / math.pi if bound < mean else 0.5 + total / math.pi
    allowed = 4 * math.sqrt(tail * (1 - tail) / draws) + 2 / draws
    return abs(beyond - tail) < allowed or (abs(end - mean) < 1e-6 and beyond > tail)


def why_not(gate, rows, draws):
    """What the scores of single items say against the mean and the interval of a gate; None where no items are kept."""
    value, found = gate["value"], scores_at(rows, gate["metric"])
    if found is None or gate.get("against") or value.get("groups", 0) not in (0, len({g for g, _ in found[0]})):
        return None
    scores, least, greatest = found
    known, fill = [s for s in scores if s[1] is not None], value["method"] == "missing_bounded"
    worst, best = (known + [(g, end) for g, s in scores if fill and s is None] for end in (least, greatest))
    side = worst if gate.get("side", "at_least") == "at_least" else best
    mean = sum(s for _, s in side) / len(side) if side else None
    if len(known) != value["n"] or (mean is not None and abs(mean - value["mean"]) > 2e-6):
        return f"{len(known)} items give {mean}, the decision says {value['mean']} of {value['n']}"
    ends = (worst, value["low"], least), (best, value["high"], greatest)
    if value["low"] is None or all(end_holds(*end, (1 - value["confidence"]) / 2, draws) for end in ends):
        return ""
    return f"its items do not give the interval [{value['low']}, {value['high']}]"


def status_of(gate, criterion):
    """The rule: the whole interval on one side of the limit, else undecided; an effect must lie beyond the limit."""
    value, limit = gate["value"], gate["threshold"]
    if value is None:
        return "fail"
    near, far, stated = value["low"], value["high"], value.get("confidence")
    if near is None or value["n"] < criterion["min_items"] or stated != criterion.get("confidence", 0.95):
        return "undecided"
    beyond = "/effects/" in gate["metric"] or gate.get("against")
    if criterion.get("at_least") is None:
        near, far, limit = -far, -near, -limit
    if near > limit or (near == limit and not beyond):
        return "pass"
    return "fail" if far < limit or (far == limit and beyond) else "undecided"


def check_gates(pack):
    for asset, digest in sorted(a for a in pack.artifacts if a[0].endswith("/release_decision")):
        use_case, where = asset.rsplit("/", 1)[0], f"{ARTIFACTS}/{asset}/{digest}/decision.json"
        folder, decision = f"{ARTIFACTS}/{use_case}", pack.json(where)
        used, gates = decision.get("evidence", {}), decision.get("gates", [])
        stated = f"{folder}/success_criteria/{used.get('success_criteria')}/criteria.json"
        criteria = {c["id"]: c for c in pack.json(stated)["gates"]} if gates else {}
        criteria.update({f"{c['id']}_{part}": c for c in list(criteria.values()) for part in c.get("slices", [])})
        for gate in gates:
            pack.count("gates")
            named, criterion = f"gate {gate['id']}", criteria.get(gate["id"], {"asset": ""})
            if gate["threshold"] != criterion.get("at_least", criterion.get("at_most")):
                pack.wrong(where, f"{named} is not the one of the success criteria")
                continue
            judged = gate.get("figures", {}).get("judge") and gate["status"] == "undecided"  # by a judge's record
            if gate["status"] not in ("not_applicable", status_of(gate, criterion)) and not judged:
                pack.wrong(where, f"{named} is {gate['status']}, its interval gives {status_of(gate, criterion)}")
            report, against = criterion.get("asset", "eval_report"), None
            path = pack.folder / f"evidence/items/{report}-{str(used.get(report))[:12]}.jsonl"
            made = f"{folder}/{report}/{used.get(report)}/{PROVENANCE}"
            if gate["value"] and path.exists() and [f"{use_case}/{report}", used[report]] not in pack.facts["erased"]:
                rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
                against = why_not(gate, rows, (pack.json(made).get("config") or {}).get("resamples", 2000))
            if against is None:
                pack.notes.append(f"{named}: no single scores are kept for {gate['metric']}, or some were erased since")
            else:
                pack.count("gates recomputed from the scores of single items")
            if against:
                pack.wrong(where, f"{named}: {against}")
        must = {g["status"] for g in gates if g.get("severity", "must") == "must"} - {"not_applicable"}
        verdict = "go" if must == {"pass"} else "undecided"
        verdict = "no_go" if "fail" in must or decision.get("broken_claims") else verdict
        if gates and decision.get("by_gates", decision["verdict"]) != verdict:
            pack.wrong(where, f"its verdict is {decision['verdict']}, its gates give {verdict}")


def verify(folder, anchors=(), expected=""):
    pack = Pack(folder)
    checks = [check_files, check_ledger, check_artifacts, lambda p: check_heads(p, anchors), check_decisions]
    for check in [*checks, lambda p: check_signatures(p, expected), check_claims, check_gates]:
        try:
            check(pack)
        except BENT as error:
            pack.wrong("pack.json", f"or what it names, has another form ({type(error).__name__}: {error})")
    pack.problems, pack.notes = list(dict.fromkeys(pack.problems)), list(dict.fromkeys(pack.notes))
    return pack


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument("--pack", default="", help="the digest of pack.json that you were told")
    parser.add_argument("--anchor", action="append", default=[], help="a JSON file {home, seq, head} you were given")
    chosen = parser.parse_args()
    found = verify(chosen.folder, chosen.anchor, chosen.pack)
    lines = [*found.problems, "checked:", *(f"  {n} {what}" for what, n in sorted(found.counts.items()))]
    lines += [f"not checked: {note}" for note in found.notes]
    print("\n".join([*lines, f"{len(found.problems)} problems" if found.problems else "no problem found"]))
    sys.exit(1 if found.problems else 0)

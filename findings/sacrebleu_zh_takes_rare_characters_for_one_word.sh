#!/usr/bin/env bash
# sacrebleu 2.6.0.
# What happens: tokenize="zh" makes each Chinese character a token, but not those beyond U+FFFF (extension B and later:
#   rare surnames and given names, chemical elements, Cantonese, chữ Nôm). Several of them in a row stay one word, so
#   texts that differ in one character of five share nothing. Their ranges stand in the source as "\u20000", which is
#   U+2000 followed by "0", so what is split instead are signs between U+2001 and U+2A6D: "€", "™", "≤".
# Guess: every character of the CJK blocks is a token of its own; the documentation and the table of ranges say so.
# Why it matters: BLEU of such texts is 0, with no warning, where the same difference between common characters gives
#   67; a report or a release gate over names and place names is wrong for exactly the people with rare names.
# Seen: five common characters, one differs: 66.87, 5 tokens; five rare ones, one differs: 0.0, 1 token; "5€" is 2 tokens.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq sacrebleu==2.6.0 || exit 2

"$work/venv/bin/python" -I - <<'PY'
import sys

import sacrebleu
from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

print(f"versions: sacrebleu {sacrebleu.__version__}")
tokens = TokenizerZh()
seen = {}
for name, answer, reference in (
    ("common", "\u4e00\u4e8c\u4e09\u56db\u4e94", "\u4e00\u4e8c\u4e09\u56db\u516d"),
    ("rare", "\U00020000\U00020001\U00020002\U00020003\U00020004", "\U00020000\U00020001\U00020002\U00020003\U00020005"),
):
    score = sacrebleu.sentence_bleu(answer, [reference], tokenize="zh").score
    seen[name] = (round(score, 2), len(tokens(answer).split()))
seen["5€"] = len(tokens("5€").split())
print(seen)
sys.exit(seen != {"common": (66.87, 5), "rare": (0.0, 1), "5€": 2})
PY

#!/usr/bin/env bash
# spdx-python-model 0.0.6.
# What happens: a quantity below 0.0001 is written with an exponent. xsd:decimal, the type of the property, has none, so
#   a reader that keeps to XML Schema finds no number there. Not-a-number and infinity are written too. The library
#   reads all of them back without a word.
# Guess: bindings that are made from the SHACL shapes, and that refuse a wrong type or a missing field, write a decimal
#   as a decimal: 0.00005.
# Why it matters: ai_energyQuantity is a decimal in kilowatt hours or megajoules. A short training or one answer of a
#   model uses less than 0.0001 kWh, so exactly the small consumers have no energy in the eyes of others. Write the
#   text yourself.
# Seen: 0.00005 kWh becomes "5e-05", which libxml2 refuses as xsd:decimal, as it does "nan"; 0.0005 becomes "0.0005".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq spdx-python-model==0.0.6 lxml==6.1.3 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import io
import json
import sys
from datetime import datetime, timezone
from importlib.metadata import version

from lxml import etree
from spdx_python_model import v3_0_1 as spdx

BASE = "https://example.org/#"
XS = "http://www.w3.org/2001/XMLSchema"
SCHEMA = f'<xs:schema xmlns:xs="{XS}"><xs:element name="q" type="xs:decimal"/></xs:schema>'
decimal = etree.XMLSchema(etree.XML(SCHEMA))


def document(quantity):
    made = datetime(2026, 12, 1, tzinfo=timezone.utc)
    info = spdx.CreationInfo(_id="_:info", specVersion="3.0.1", created=made, createdBy=[])
    person = spdx.Agent(_id=f"{BASE}me", creationInfo=info, name="me")
    info.createdBy.append(person)
    used = spdx.ai_EnergyConsumptionDescription(
        ai_energyQuantity=quantity, ai_energyUnit=spdx.ai_EnergyUnitType.kilowattHour
    )
    energy = spdx.ai_EnergyConsumption(ai_finetuningEnergyConsumption=[used])
    model = spdx.ai_AIPackage(_id=f"{BASE}model", creationInfo=info, name="model", ai_energyConsumption=energy)
    out = io.BytesIO()
    spdx.JSONLDSerializer().write(spdx.SHACLObjectSet([info, person, model]), out)
    return out.getvalue()


def written(quantity):
    text = document(quantity)
    spdx.JSONLDDeserializer().read(io.BytesIO(text), spdx.SHACLObjectSet())  # nothing is said
    (model,) = (part for part in json.loads(text)["@graph"] if part["type"] == "ai_AIPackage")
    return model["ai_energyConsumption"]["ai_finetuningEnergyConsumption"][0]["ai_energyQuantity"]


def is_decimal(text):
    element = etree.Element("q")
    element.text = text
    return decimal.validate(element)


print(f"versions: spdx-python-model {version('spdx-python-model')}, lxml {version('lxml')}")
found = {quantity: written(quantity) for quantity in (0.0005, 0.00005, float("nan"))}
for quantity, text in found.items():
    print(f"{quantity} kWh is written as {text!r}; an xsd:decimal: {is_decimal(text)}")
if [is_decimal(text) for text in found.values()] != [True, False, False]:
    sys.exit("changed: expected 0.00005 to be written with an exponent, which is no xsd:decimal")
PY

"""Verify a signed list of {{ base_url }} with the package `cryptography` alone.

usage: python3 verify_list.py URL CERTIFICATE.pem
"""

import base64
import datetime
import json
import sys
import urllib.request

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificates


def decode(part):
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


url, pem = sys.argv[1:]
with urllib.request.urlopen(url) as answer:
    head, body, signature = answer.read().strip().split(b".")
if json.loads(decode(head))["alg"] != "ES256":
    sys.exit("refused: not signed with ES256")
raw = decode(signature)
if len(raw) != 64:
    sys.exit("refused: no ES256 signature")
der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
# The file holds the certificate that signs now, then the announced one. Nothing inside the list is trusted.
with open(pem, "rb") as file:
    certificates = load_pem_x509_certificates(file.read())
for certificate in certificates:
    try:
        certificate.public_key().verify(der, head + b"." + body, ECDSA(SHA256()))
        break
    except Exception:
        continue
else:
    sys.exit("refused: not signed by a pinned certificate")
content = json.loads(decode(body))
about = content.get("LoTE", {}).get("ListAndSchemeInformation", content)
due = about.get("NextUpdate") or about.get("next_update")
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
if due and due <= now:
    sys.exit(f"refused: the list ended on {due}")
number = about.get("LoTESequenceNumber") or about.get("sequence") or about.get("version")
print(f"OK number {number}, next update {due}")  # keep the number: refuse a smaller one next time

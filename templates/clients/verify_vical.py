"""Verify a VICAL of {{ base_url }} with cwt (pip install cwt cbor2 cryptography).

usage: python3 verify_vical.py URL CERTIFICATE.pem
"""

import datetime
import sys
import urllib.request

import cbor2
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificates
from cwt import COSE, COSEKey

SIGN1 = 18  # tag of COSE_Sign1; the list comes without it, as ISO/IEC 18013-5 wants, and cwt asks for it

url, pem = sys.argv[1:]
with urllib.request.urlopen(url) as answer:
    tagged = cbor2.dumps(cbor2.CBORTag(SIGN1, cbor2.loads(answer.read())))
# The file holds the certificate that signs now, then the announced one. Nothing inside the list is trusted.
with open(pem, "rb") as file:
    certificates = load_pem_x509_certificates(file.read())
for certificate in certificates:
    key = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        payload = COSE.new().decode(tagged, COSEKey.from_pem(key, alg="ES256", kid="signer"))
        break
    except Exception:
        continue
else:
    sys.exit("refused: not signed by a pinned certificate")
content = cbor2.loads(payload)
due = content["nextUpdate"]
if due <= datetime.datetime.now(datetime.timezone.utc):
    sys.exit(f"refused: the list ended on {due:%Y-%m-%dT%H:%M:%SZ}")
print(f"OK number {content['vicalIssueID']}, {len(content['certificateInfos'])} certificates, next update {due:%Y-%m-%dT%H:%M:%SZ}")

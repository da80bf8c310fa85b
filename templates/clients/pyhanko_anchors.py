"""Trust anchors for pyHanko (pip install 'pyHanko[etsi]'): issuers recognized now under {{ scheme }}.

usage: python3 pyhanko_anchors.py CERTIFICATE.pem

pyHanko keeps `granted` qualified EU services alone and has no setting for others. So let it verify the list, pick the
services by our type and status, and hand them over as trust roots.
"""

import base64
import sys
import urllib.request

from asn1crypto import pem
from asn1crypto.x509 import Certificate
from lxml import etree
from pyhanko.sign.validation.qualified.eutl_parse import trust_list_to_registry
from pyhanko_certvalidator import ValidationContext

SERVICE_TYPE = "{{ service_type }}"
RECOGNIZED = {
    {% for status in recognized %}
    "{{ status }}",
    {% endfor %}
}
TSL = "{http://uri.etsi.org/02231/v2#}"

with open(sys.argv[1], "rb") as file:
    signers = [Certificate.load(der) for _, _, der in pem.unarmor(file.read(), multiple=True)]
with urllib.request.urlopen("{{ lists }}/tl.xml") as answer:
    body = answer.read()
trust_list_to_registry(body.decode(), signers)  # raises SignatureValidationError unless a pinned certificate signed it
anchors = []
for service in etree.fromstring(body).iterfind(
    f"{TSL}TrustServiceProviderList/{TSL}TrustServiceProvider/{TSL}TSPServices/{TSL}TSPService/{TSL}ServiceInformation"
):
    if service.findtext(f"{TSL}ServiceTypeIdentifier") != SERVICE_TYPE:
        continue
    if service.findtext(f"{TSL}ServiceStatus") in RECOGNIZED:
        anchors += [Certificate.load(base64.b64decode(one.text)) for one in service.iter(f"{TSL}X509Certificate")]
context = ValidationContext(trust_roots=anchors)
print(f"{len(anchors)} anchors from tl.xml")

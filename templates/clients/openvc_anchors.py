"""Trust anchors for openvc (pip install 'openvc-core[trustlist]'): issuers recognized now under {{ scheme }}.

usage: python3 openvc_anchors.py CERTIFICATE.pem
"""

import sys
import urllib.request

from cryptography.x509 import load_pem_x509_certificates
from openvc.trustlist import Select, consume_lote, parse_trust_list, verify_xades_enveloped

with open(sys.argv[1], "rb") as file:
    signers = load_pem_x509_certificates(file.read())


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


# By its own defaults openvc keeps qualified EU services alone; these are the types and statuses of this registry.
select = Select(
    service_types=frozenset({"{{ service_type }}"}),
    statuses=frozenset({
        {% for status in recognized %}
        "{{ status }}",
        {% endfor %}
    }),
)

# 1. The list of current anchors: whoever is on it is recognized. Signature and dates are checked on reading.
anchors = consume_lote(fetch("{{ lists }}/lote-anchors.json").decode(), expected_signer_certs=signers)
from_anchors = {service.certificate for provider in anchors.providers for service in provider.services}

# 2. The same out of the XML list, where the status has to be looked at.
body = fetch("{{ lists }}/tl.xml")
verify_xades_enveloped(body, signers)
from_list = {
    service.certificate
    for provider in parse_trust_list(body).providers
    for service in provider.services
    if select.matches(service)
}
print(f"{len(from_anchors)} anchors from lote-anchors.json, {len(from_list)} from tl.xml")

"""XAdES baseline B, enveloped, as trusted lists carry it (ETSI TS 119 612, annex B; EN 319 132-1, 6).

Exclusive canonicalization; one Reference to the whole document (`URI=""`, transforms enveloped-signature and
exclusive C14N) and one to SignedProperties (its own exclusive C14N); SigningTime and SigningCertificateV2;
KeyInfo is exactly the signer's certificate; ES256.

Signing never parses: the caller gives the document in canonical form, in pieces, and each signed part of the
signature stands in the document exactly as it is hashed. So a list is joined from kept fragments, and the key
may be hardware. (signxml parses and canonicalizes the whole document, and asks for a private key object; it
verifies these signatures in the tests.)
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pybase64 import b64encode_as_string

from registry.signing.canonical_xml import as_bytes, element, text
from registry.signing.signers import Signer

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
DSIG = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DSIG + "enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
"""Type of the second Reference (EN 319 132-1, 4.4.2)."""
_DS = {"xmlns:ds": DSIG}
_SIGNATURE, _LIST, _PROPERTIES = "signature", "list", "signed-properties"


def sign_enveloped(pieces: Sequence[bytes], end: bytes, signer: Signer, signed_at: datetime) -> bytes:
    """Return the signed document: declaration, `pieces`, the signature as last child of the root, `end`.

    `pieces` and then `end`, the root's end tag, are the document's exclusive canonical form; the root has no Id.
    `signed_at` is the SigningTime (UTC, whole seconds).

    Raises:
        ValueError: the signer has no certificate.
    """
    if not signer.certificates:
        raise ValueError(f"key {signer.key_id} has no certificate to sign lists under")
    digest = hashlib.sha256()
    for piece in (*pieces, end):
        digest.update(piece)
    signature = _signature(digest.digest(), signer, signed_at)
    return b"".join((DECLARATION, *pieces, as_bytes(signature), end))


def _signature(document_digest: bytes, signer: Signer, signed_at: datetime) -> str:
    certificate = signer.certificates[0]
    properties = _signed_properties(certificate, signed_at)
    signed_info = _signed_info(document_digest, hashlib.sha256(as_bytes(properties)).digest())
    value = b64encode_as_string(signer.sign(as_bytes(signed_info)))
    data = element("ds:X509Data", element("ds:X509Certificate", b64encode_as_string(certificate)))
    qualifying = element(
        "xades:QualifyingProperties", properties, {"xmlns:xades": XADES, "Target": f"#{_SIGNATURE}"}
    )
    parts = (
        signed_info,
        element("ds:SignatureValue", value),
        element("ds:KeyInfo", data),
        element("ds:Object", qualifying),
    )
    return element("ds:Signature", "".join(parts), {**_DS, "Id": _SIGNATURE})


def _signed_info(document_digest: bytes, properties_digest: bytes) -> str:
    document = _reference({"Id": _LIST, "URI": ""}, (ENVELOPED, EXCLUSIVE), document_digest)
    properties = _reference(
        {"Type": SIGNED_PROPERTIES, "URI": f"#{_PROPERTIES}"}, (EXCLUSIVE,), properties_digest
    )
    parts = (
        _method("CanonicalizationMethod", EXCLUSIVE),
        _method("SignatureMethod", ECDSA_SHA256),
        document,
        properties,
    )
    return element("ds:SignedInfo", "".join(parts), _DS)


def _reference(attributes: dict[str, str], transforms: Sequence[str], digest: bytes) -> str:
    steps = "".join(_method("Transform", algorithm) for algorithm in transforms)
    value = _method("DigestMethod", SHA256) + element("ds:DigestValue", b64encode_as_string(digest))
    return element("ds:Reference", element("ds:Transforms", steps) + value, attributes)


def _method(name: str, algorithm: str) -> str:
    return element(f"ds:{name}", "", {"Algorithm": algorithm})


def _signed_properties(certificate: bytes, signed_at: datetime) -> str:
    digest = element("ds:DigestMethod", "", {**_DS, "Algorithm": SHA256})
    digest += element("ds:DigestValue", b64encode_as_string(hashlib.sha256(certificate).digest()), _DS)
    signing_certificate = element("xades:Cert", element("xades:CertDigest", digest))
    signature_properties = (
        element("xades:SigningTime", text(signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"))),
        # EN 319 132-1, 5.2.2: IssuerSerialV2 is optional; the digest alone names the certificate.
        element("xades:SigningCertificateV2", signing_certificate),
    )
    # EN 319 132-1, 5.2.4: the form of the signed document.
    form = element("xades:MimeType", "text/xml")
    data_properties = element("xades:DataObjectFormat", form, {"ObjectReference": f"#{_LIST}"})
    content = element("xades:SignedSignatureProperties", "".join(signature_properties))
    content += element("xades:SignedDataObjectProperties", data_properties)
    return element("xades:SignedProperties", content, {"xmlns:xades": XADES, "Id": _PROPERTIES})

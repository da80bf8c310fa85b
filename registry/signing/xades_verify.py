"""Verifying an enveloped XAdES signature in the shape that ETSI TS 119 612, Annex B gives it (EN 319 132-1, baseline B).

Nothing that a document carries is trusted: the caller pins the certificate, after looking with `peek_xades` at the one that
the document names. Against wrapping: one signature in the whole document, last child of the root; two references, one of
URI "" with enveloped-signature and exclusive C14N and nothing else, one to the SignedProperties of this very signature.
What is returned is parsed from the bytes whose digest was signed. Cryptography by signxml; SHA-256 or longer, RSA and ECDSA.
"""

import base64
import binascii
import warnings
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from registry.errors import InvalidInput, RegistryError
from registry.signing.certificates import load_certificate
from registry.signing.xml_reading import hardened_parser

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ENVELOPED = f"{DS}enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
SMALLEST_RSA = 2048
METHODS = frozenset(
    {
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


class XadesInvalid(RegistryError):
    """The document carries no signature of this shape, or the signature does not fit."""


@dataclass(frozen=True, slots=True)
class Peeked:
    """What a document says of its signer, trusted by nobody yet: certificates (DER, signer first) and signing time."""

    certificates: tuple[bytes, ...]
    signed_at: str


def peek_xades(root: etree._Element) -> Peeked:
    """Return what the signature of a document names, after checking the shape of it.

    Raises:
        XadesInvalid: no signature, or one of another shape.
    """
    signature = _the_signature(root)
    _check_references(signature)
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if not found:
        raise XadesInvalid("the signature names no certificate in KeyInfo")
    times = _signed_properties(signature).findall(
        f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SigningTime"
    )
    if len(times) != 1:
        raise XadesInvalid("the signature has no signing time")
    return Peeked(tuple(_certificate(element) for element in found), times[0].text or "")


def verify_xades(root: etree._Element, certificate: bytes, at: datetime) -> etree._Element:
    """Return the root that was signed, without its signature, after verifying it with a pinned certificate (DER).

    Raises:
        XadesInvalid: another shape, a weak algorithm or key, another signer, or the signature does not fit.
    """
    peeked = peek_xades(root)
    if certificate != peeked.certificates[0]:
        raise XadesInvalid("the signature names another certificate than the trusted one")
    pinned = load_certificate(certificate)
    _check_key(pinned.public_key())
    wanted = XAdESSignatureConfiguration(
        location="./",
        expect_references=True,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=at,
    )
    try:
        results = XAdESVerifier().verify(
            root, x509_cert=pinned, parser=hardened_parser(), expect_config=wanted
        )
    except InvalidDigest as error:
        raise XadesInvalid(
            "the content was changed after it was signed, or the certificate is another"
        ) from error
    except (SignXMLException, ValueError, TypeError, AttributeError, KeyError, etree.LxmlError) as error:
        raise XadesInvalid(f"the signature does not fit the content ({_first_line(error)})") from error
    covered = [r.signed_xml for r in results if r.signed_xml is not None and r.signed_xml.tag == root.tag]
    if len(covered) != 1:
        raise XadesInvalid("the signature does not cover the document")
    return covered[0]


def _the_signature(root: etree._Element) -> etree._Element:
    everywhere = root.iter(f"{{{DS}}}Signature")
    found = [signature for signature, _ in zip(everywhere, range(2), strict=False)]
    if not found:
        raise XadesInvalid("the XML carries no signature")
    if len(found) > 1:
        raise XadesInvalid("the XML carries more than one signature")
    if root[-1] is not found[0] or (found[0].tail or "").strip():
        raise XadesInvalid("the signature is not the last child of the root")
    return found[0]


def _check_references(signature: etree._Element) -> None:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    whole = [reference for reference in references if reference.get("URI") == ""]
    if len(references) != 2 or len(whole) != 1:
        raise XadesInvalid(
            "the signature does not have two references, to the whole document and to its properties"
        )
    if _transforms(whole[0]) != [ENVELOPED, EXCLUSIVE]:
        raise XadesInvalid("the signature covers another form of the document than the whole of it")
    other = next(reference for reference in references if reference is not whole[0])
    properties = _signed_properties(signature)
    if other.get("Type") != SIGNED_PROPERTIES or other.get("URI") != f"#{properties.get('Id')}":
        raise XadesInvalid("the signature does not cover its own properties")
    if _transforms(other) != [EXCLUSIVE]:
        raise XadesInvalid("the signature covers another form of its properties than the whole of them")
    method = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}CanonicalizationMethod")
    if method is None or method.get("Algorithm") != EXCLUSIVE:
        raise XadesInvalid("the signature is not over exclusive C14N")


def _transforms(reference: etree._Element) -> list[str | None]:
    found = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    return [transform.get("Algorithm") for transform in found]


def _signed_properties(signature: etree._Element) -> etree._Element:
    path = f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties/{{{XADES}}}SignedProperties"
    found = signature.findall(path)
    if len(found) != 1 or not found[0].get("Id"):
        raise XadesInvalid("the signature has no signed properties, so it is no XAdES signature")
    return found[0]


def _certificate(element: etree._Element) -> bytes:
    try:
        der = base64.b64decode("".join((element.text or "").split()), validate=True)
        with warnings.catch_warnings():
            # The library only warns of certificates that it will refuse one day; we refuse them now.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            load_certificate(der)
    except (binascii.Error, ValueError, InvalidInput, CryptographyDeprecationWarning) as error:
        raise XadesInvalid("a certificate in KeyInfo cannot be read") from error
    return der


def _check_key(key: object) -> None:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return
    raise XadesInvalid(
        f"the signer's key is too weak or of a kind not accepted; RSA from {SMALLEST_RSA} bits or ECDSA is"
    )


_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]

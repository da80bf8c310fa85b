"""From a DID to the keys that may sign for it; the only service that looks outside."""

from collections.abc import Sequence

from registry.outbound import Outbound
from registry.services.identities import DidResolver
from registry.signing.did_documents import keys_of_document, web_document_url
from registry.signing.possession import PublicKey


def web_resolver(outbound: Outbound) -> DidResolver:
    """Return a resolver of did:web; did:key needs none."""

    def resolve(did: str) -> Sequence[PublicKey]:
        return keys_of_document(did, outbound.fetch(web_document_url(did)))

    return resolve

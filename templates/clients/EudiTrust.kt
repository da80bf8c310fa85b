// Trust anchors for EUDI wallet libraries (eudi-lib-kmp-etsi-1196x2): issuers recognized now under {{ scheme }}.
// A recognition of micro-credentials is an EAA of a use case of its own; its anchors are kept apart from those of PID.
import eu.europa.ec.eudi.etsi119602.consultation.LotEMeta
import eu.europa.ec.eudi.etsi1196x2.consultation.SupportedLists
import eu.europa.ec.eudi.etsi1196x2.consultation.VerificationContext

const val USE_CASE = "microcredential"

/** Where the list is: current anchors alone, since the library does not look at statuses. */
val locations = SupportedLists(
    eaaProviders = mapOf(USE_CASE to "{{ lists }}/lote-anchors.json"),
)

/** Which service type counts for which question. */
val serviceTypes = SupportedLists(
    eaaProviders = mapOf(
        USE_CASE to LotEMeta(
            svcTypePerCtx = mapOf(
                VerificationContext.EAA(USE_CASE) to "{{ service_type }}",
            ),
            // The list names the issuer's own certificates as well as authorities that vouch for one issuer.
            directTrust = true,
        ),
    ),
)
// Give the signing certificate of the scheme ({{ base_url }}/schemes/{{ scheme }}/certificates.pem) to the
// VerifyJwtSignature that loads the list, and classify the attestations of micro-credentials as EAA(USE_CASE).

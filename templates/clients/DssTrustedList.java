// Trust anchors for DSS (eu.europa.ec.joinup.sd-dss, 6.x): issuers recognized now under {{ scheme }}.
import eu.europa.esig.dss.service.http.commons.CommonsDataLoader;
import eu.europa.esig.dss.service.http.commons.FileCacheDataLoader;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.tsl.TrustedListsCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.tsl.job.TLValidationJob;
import eu.europa.esig.dss.tsl.source.TLSource;
import java.io.File;
import java.util.Set;

public class DssTrustedList {
    static final String SERVICE_TYPE = "{{ service_type }}";
    static final Set<String> RECOGNIZED = Set.of(
        {% for status in recognized %}
        "{{ status }}"{{ ");" if loop.last else "," }}
        {% endfor %}

    /** `pem`: the signing certificates of the scheme, compared over another channel. */
    public static TrustedListsCertificateSource anchors(File pem, File cache) {
        var signers = new CommonTrustedCertificateSource();
        signers.addCertificate(DSSUtils.loadCertificate(pem));

        var list = new TLSource();
        list.setUrl("{{ lists }}/tl.xml");
        list.setCertificateSource(signers);
        // By default DSS keeps every service; these are the type and the statuses of this registry.
        list.setTrustServicePredicate(service -> {
            var information = service.getServiceInformation();
            return SERVICE_TYPE.equals(information.getServiceTypeIdentifier())
                && RECOGNIZED.contains(information.getServiceStatus());
        });

        var loader = new FileCacheDataLoader(new CommonsDataLoader());
        loader.setFileCacheDirectory(cache);
        var found = new TrustedListsCertificateSource();
        var job = new TLValidationJob();
        job.setTrustedListSources(list);
        job.setTrustedListCertificateSource(found);
        job.setOnlineDataLoader(loader);
        job.onlineRefresh();
        return found;
    }
}

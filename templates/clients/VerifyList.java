// Verify a signed list of {{ base_url }} with nothing but Java 17.
// usage: java VerifyList.java URL CERTIFICATE.pem
import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.regex.Pattern;

public class VerifyList {
    public static void main(String[] arguments) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        String[] parts = answer.body().strip().split("\\.");
        if (answer.statusCode() != 200 || parts.length != 3 || !text(parts[0]).contains("\"alg\":\"ES256\""))
            throw new SignatureException("refused: no list signed with ES256");
        if (!signedByOneOf(arguments[1], parts))
            throw new SignatureException("refused: not signed by a pinned certificate");
        String content = text(parts[1]);
        var due = Pattern.compile("\"(?:NextUpdate|next_update)\":\"([^\"]+)\"").matcher(content);
        if (due.find() && java.time.Instant.parse(due.group(1)).isBefore(java.time.Instant.now()))
            throw new SignatureException("refused: the list ended on " + due.group(1));
        System.out.println("OK " + content.length() + " characters; read them with any JSON library");
    }

    /** The file holds the certificate that signs now, then the announced one. Nothing inside the list is trusted. */
    static boolean signedByOneOf(String pem, String[] parts) throws Exception {
        try (var file = new FileInputStream(pem)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                var check = Signature.getInstance("SHA256withECDSAinP1363Format");
                check.initVerify(certificate.getPublicKey());
                check.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
                if (check.verify(Base64.getUrlDecoder().decode(parts[2]))) return true;
            }
        }
        return false;
    }

    static String text(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }
}

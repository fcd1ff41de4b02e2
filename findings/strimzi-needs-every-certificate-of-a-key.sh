#!/usr/bin/env bash
# A key of a CA Secret whose second block is no certificate makes Strimzi refuse the first one, too.
#
# Versions:   Java 17 and 25, openssl 3.0; Strimzi 1.2.0 (CertificateUtils.x509Certificate, read in its source: it
#             calls CertificateFactory.generateCertificates as below, and takes the first of what is returned; its
#             images have Java 21).
# Guess:      Strimzi trusts the first certificate of each key (`tls.trustedCertificates`), so nothing that is
#             behind it matters, and what `openssl verify` accepts as a CA file is fit for it.
# Behaviour:  Java reads all blocks of the text before it returns any. A private key behind the certificate, a second
#             certificate that is broken, or a title in hyphens fails the whole text. openssl and Python skip a key
#             and a title, and `openssl x509` shows the first certificate of each text.
# Matters:    A CA file that every other tool accepts makes the KafkaMirrorMaker2 NotReady, with "Failed to load
#             certificate from Secret", which names neither the key nor the block. So trusted certificates are read
#             as Java reads them before anything is deployed.
# Output:     two certificates: openssl shows the first and verifies with it; Java reads 2
#             a certificate and its private key: openssl shows the first and verifies with it; Java reads none
#             a title in hyphens: openssl shows the first and verifies with it; Java reads none
#             a second certificate that is broken: openssl shows the first; Java reads none
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
for name in first second; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.crt -subj /CN=$name -days 2 2>/dev/null
done
cat first.crt second.crt > two.pem
cat first.crt first.key > key.pem
{ echo "----- our CA -----"; cat first.crt; } > title.pem
{ cat first.crt; sed '3s/[^=]/A/g' second.crt; } > broken.pem
cat > Read.java <<'JAVA'
import java.io.FileInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

public class Read {
    public static void main(String[] arguments) throws Exception {
        try (var file = new FileInputStream(arguments[0])) {
            System.out.println(CertificateFactory.getInstance("X.509").generateCertificates(file).size());
        } catch (CertificateException error) {
            System.out.println("none");
        }
    }
}
JAVA
read_by_both() {
  said="openssl"
  [ "$(openssl x509 -in "$2" -noout -subject 2>/dev/null)" = "subject=CN = first" ] && said="$said shows the first"
  openssl verify -CAfile "$2" first.crt >/dev/null 2>&1 && said="$said and verifies with it"
  echo "$1: $said; Java reads $(java Read.java "$2")"
}
{
  read_by_both "two certificates" two.pem
  read_by_both "a certificate and its private key" key.pem
  read_by_both "a title in hyphens" title.pem
  read_by_both "a second certificate that is broken" broken.pem
} | tee seen
diff seen - <<'EXPECTED'
two certificates: openssl shows the first and verifies with it; Java reads 2
a certificate and its private key: openssl shows the first and verifies with it; Java reads none
a title in hyphens: openssl shows the first and verifies with it; Java reads none
a second certificate that is broken: openssl shows the first; Java reads none
EXPECTED

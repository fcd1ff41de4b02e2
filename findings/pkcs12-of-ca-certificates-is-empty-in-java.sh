#!/usr/bin/env bash
# A PKCS#12 file with CA certificates, written by openssl, is an empty truststore to Java.
#
# Versions:   openssl 3.0, keytool of Java 17.
# Guess:      `openssl pkcs12 -export -nokeys -in ca.crt` makes a truststore for `ssl.truststore.location`.
# Behaviour:  Java opens it without an error and finds no entry in it.
# Matters:    openssl lists the CA in the file and the password is right, yet a Java client trusts nobody by it.
# Output:     openssl: 1 certificate
#             Java, written by openssl: 0 entries
#             Java, written by keytool: 1 entry
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2 2>/dev/null
openssl pkcs12 -export -nokeys -in ca.crt -out openssl.p12 -passout pass:changeit
keytool -importcert -noprompt -alias ca -file ca.crt -keystore keytool.p12 -storetype PKCS12 -storepass changeit 2>/dev/null
entries() { LC_ALL=C keytool -list -keystore "$1" -storepass changeit 2>/dev/null | sed -nE 's/.*contains ([0-9]+ entr[a-z]+).*/\1/p'; }
{
  echo "openssl: $(openssl pkcs12 -in openssl.p12 -nokeys -passin pass:changeit | grep -c 'BEGIN CERTIFICATE') certificate"
  echo "Java, written by openssl: $(entries openssl.p12)"
  echo "Java, written by keytool: $(entries keytool.p12)"
} | tee seen
diff seen - <<'EXPECTED'
openssl: 1 certificate
Java, written by openssl: 0 entries
Java, written by keytool: 1 entry
EXPECTED

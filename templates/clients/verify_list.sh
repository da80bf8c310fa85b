#!/bin/sh
# Verify the signature of a list of {{ base_url }} with curl and openssl.
# usage: sh verify_list.sh URL CERTIFICATE.pem
# It checks the first certificate of the file, which is the one that signs now. Read the dates yourself.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
decode() { tr -- '-_' '+/' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | openssl base64 -d -A; }
curl -fsS "$1" | tr -d '\n' > "$folder/list"
test "$(cut -d. -f1 "$folder/list" | decode | grep -c '"alg":"ES256"')" = 1
cut -d. -f1,2 "$folder/list" | tr -d '\n' > "$folder/signed"
# A JWS holds the two numbers of the signature side by side; openssl wants them in DER.
raw=$(cut -d. -f3 "$folder/list" | decode | od -An -v -tx1 | tr -d ' \n')
test "$(printf %s "$raw" | wc -c)" -eq 128
printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
  "$(printf %s "$raw" | cut -c1-64)" "$(printf %s "$raw" | cut -c65-128)" > "$folder/asn1"
openssl asn1parse -genconf "$folder/asn1" -out "$folder/signature" -noout
openssl x509 -in "$2" -pubkey -noout > "$folder/key"
openssl dgst -sha256 -verify "$folder/key" -signature "$folder/signature" "$folder/signed"
cut -d. -f2 "$folder/list" | decode > list.json

// Verifies a published document with libraries that this project did not write.
// usage: node verify.mjs FILE CERTIFICATE.pem [lote]
// Prints one JSON object with header and payload; exit code 1 and the reason on standard error if it does not verify.
import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { compactVerify, importX509 } from 'jose';
import { validateLoTE } from '@owf/eudi-lote';

const [file, pinned, kind] = process.argv.slice(2);
try {
  const pem = readFileSync(pinned, 'utf8');
  const { payload, protectedHeader } = await compactVerify(
    readFileSync(file),
    await importX509(pem, 'ES256'),
    { algorithms: ['ES256'] },
  );
  const carried = protectedHeader.x5c?.[0];
  if (carried && !new X509Certificate(Buffer.from(carried, 'base64')).raw.equals(new X509Certificate(pem).raw)) {
    throw new Error('the certificate in the header is not the pinned one');
  }
  const content = JSON.parse(new TextDecoder().decode(payload));
  if (kind === 'lote') {
    const outcome = validateLoTE(content);
    if (!outcome.valid) throw new Error(JSON.stringify(outcome.errors).slice(0, 500));
  }
  console.log(JSON.stringify({ header: protectedHeader, payload: content }));
} catch (error) {
  console.error(String(error.message));
  process.exit(1);
}

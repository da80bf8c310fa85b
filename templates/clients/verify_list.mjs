// Verify a signed list of {{ base_url }} with jose (npm install jose).
// usage: node verify_list.mjs URL CERTIFICATE.pem
import { readFileSync } from 'node:fs';
import { compactVerify, importX509 } from 'jose';

const [url, file] = process.argv.slice(2);
const answer = await fetch(url);
if (!answer.ok) throw new Error(`refused: ${url} answers ${answer.status}`);
const token = await answer.text();
// The file holds the certificate that signs now, then the announced one. Nothing inside the list is trusted.
const pinned = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g);
let verified;
for (const pem of pinned ?? []) {
  const key = await importX509(pem, 'ES256');
  verified ??= await compactVerify(token.trim(), key, { algorithms: ['ES256'] }).catch(() => undefined);
}
if (!verified) throw new Error('refused: not signed by a pinned certificate');
const content = JSON.parse(new TextDecoder().decode(verified.payload));
const about = content.LoTE?.ListAndSchemeInformation ?? content;
const due = about.NextUpdate ?? about.next_update;
if (due && Date.parse(due) <= Date.now()) throw new Error(`refused: the list ended on ${due}`);
const number = about.LoTESequenceNumber ?? about.sequence ?? about.version;
console.log(`OK number ${number}, next update ${due}`); // keep the number: refuse a smaller one next time

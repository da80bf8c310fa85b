// Looks DIDs up in a legacy registry with the client of the Digital Credentials Consortium.
// usage: node dcc_registry.mjs FILE DID...
// The file is served on a loopback port as the registry serves it. Prints one JSON object, DID to entry or null.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { RegistryClient } from '@digitalcredentials/issuer-registry-client';

const [file, ...dids] = process.argv.slice(2);
const server = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(readFileSync(file));
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
try {
  const client = new RegistryClient();
  const url = `http://127.0.0.1:${server.address().port}/registry.json`;
  const [outcome] = await client.load({ config: [{ name: 'under test', url }] });
  if (!outcome.loaded) throw new Error(`not loaded: ${outcome.error}`);
  const found = dids.map((did) => {
    const entry = client.didEntry(did);
    return [did, entry ? { name: entry.name, location: entry.location, url: entry.url } : null];
  });
  console.log(JSON.stringify(Object.fromEntries(found)));
} catch (error) {
  console.error(String(error.message));
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}

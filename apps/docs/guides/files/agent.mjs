import { env } from 'node:process';
import { openCodexLogin } from 'chatgpt-auth/node';
import { loadAuth, providerFetch } from 'provider-auth';

const baseUrl = 'http://127.0.0.1:8080';

// Reads the login that `agent-identity enroll` stored, and registers one task for this run.
const auth = await loadAuth({ login: await openCodexLogin({ env }) });

// Signs each request to this service, and no other request.
const fetch = providerFetch(auth, { kind: 'first_party', baseUrl });

const response = await fetch(`${baseUrl}/items`);
console.log(response.status, await response.json());

import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';
import { loadAuth, providerFetch, sdkApiKeyPlaceholder } from 'provider-auth';

const { AGENT_IDENTITY_JWT_FILE, AUTHORITY_URL, MODEL_BASE_URL: baseUrl } = process.env;

// The identity arrives as a JWT. It is a secret, because it contains the agent's private key.
// loadAuth verifies it and registers one task for this run.
const auth = await loadAuth({
  jwt: await readFile(AGENT_IDENTITY_JWT_FILE, 'utf8'),
  jwtBaseUrl: AUTHORITY_URL,
  authapiBaseUrl: AUTHORITY_URL,
});

// Each request is signed when it is sent, and only requests to this provider are.
const client = new OpenAI({
  baseURL: baseUrl,
  apiKey: sdkApiKeyPlaceholder, // required by the SDK, never sent
  fetch: providerFetch(auth, { kind: 'first_party', baseUrl }),
});
const response = await client.responses.create({ model: 'echo-1', input: 'Hello' });
console.log(response.output_text);

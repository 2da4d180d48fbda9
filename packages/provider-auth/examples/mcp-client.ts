/**
 * A Model Context Protocol client with agent identity: pass `providerFetch` as the `fetch` of its transport. A session goes on
 * when its task was replaced.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { providerFetch, type SessionAuth } from 'provider-auth';

/**
 * Connects to the server at this URL, which gets the agent's assertions and no other credential.
 *
 * @param auth From `await loadAuth({ … })`.
 */
export async function connectMcpClient(auth: SessionAuth, url: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: url });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch }));
  return client;
}

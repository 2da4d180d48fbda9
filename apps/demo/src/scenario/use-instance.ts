import { randomUUID } from 'node:crypto';
import { parseInstanceAssertion } from 'agent-identity-core';
import { createRunScope, loadAuth, providerFetch } from 'provider-auth';
import type { LoopbackServers } from '../servers/loopback-servers.js';
import type { Section } from '../timeline/timeline.js';
import { errorCode } from './post.js';
import { recordingFetch } from './recording-fetch.js';

/**
 * Tells the second generation of the protocol: an agent with an API key registers an instance at its first request and signs
 * an assertion of its own for each request.
 */
export async function useInstance(step: Section, servers: LoopbackServers): Promise<void> {
  const { ask, send } = openAgent(servers);

  await step('The agent registers an instance; its assertion goes beside the API key', async () => {
    const { status, sent, received, summaries } = await ask('dual_header');
    return { sent, received, passed: status === 200 && summaries.join() === `${registered},${answered}` };
  });
  const { request } = await step('The same instance sends the assertion alone', async () => {
    const { status, sent, received, summaries, request } = await ask('assertion_only');
    const passed = status === 200 && summaries.join() === answered;
    return { sent, received, passed, request };
  });
  await step('A copy of this request is refused, because an assertion is used once', async () => {
    const { status, sent, received, code } = await send(request);
    return { sent, received, passed: status === 403 && code === 'instance_assertion_replayed' };
  });
  const { runtimeAgentInstanceId } = parseInstanceAssertion(request.headers.get('authorization') ?? '');
  await servers.authority.changeRuntimeAgentInstances({ runtimeAgentInstanceId }, 'revoke');
  await step('The authority has revoked the instance', async () => {
    const { status, sent, received, code } = await ask('assertion_only');
    return { sent, received, passed: status === 403 && code === 'runtime_instance_revoked' };
  });
}

const registered = 'POST /agent/register → 200';
const answered = 'POST /v1/responses → 200';

/** Opens an agent that can ask the provider in both modes, with one instance for both. */
function openAgent({ apiKey, authorityUrl, providerUrl: baseUrl }: LoopbackServers) {
  const { fetch, exchanges } = recordingFetch();
  const scope = createRunScope({}, { fetch });
  const installationId = randomUUID();
  let lastRequest: Request;
  const keepingFetch: typeof fetch = (input, init) => {
    lastRequest = new Request(input, init);
    return fetch(lastRequest.clone());
  };

  /** Describes what a call sent and received, which may be more than one request. */
  const describe = async (call: () => Promise<Response>) => {
    const before = exchanges.length;
    const response = await call();
    const made = exchanges.slice(before);
    return {
      status: response.status,
      code: response.ok ? undefined : errorCode(await response.text()),
      sent: made.map(({ sent }) => sent).join('\n'),
      received: made.map(({ received }) => received).join('\n'),
      summaries: made.map(({ summary }) => summary),
      request: lastRequest,
    };
  };
  return {
    async ask(mode: 'dual_header' | 'assertion_only') {
      const auth = await loadAuth({
        apiKey,
        scope,
        runtimeAgentInstances: { installationId, mode, hosts: ['127.0.0.1'], instanceBaseUrl: authorityUrl },
      });
      const agentFetch = providerFetch(auth, { kind: 'first_party', baseUrl }, { fetch: keepingFetch });
      const body = JSON.stringify({ model: 'echo-1', input: 'Hello from an instance' });
      return describe(() => agentFetch(`${baseUrl}/responses`, { method: 'POST', body }));
    },
    send: (request: Request) => describe(() => fetch(request)),
  };
}

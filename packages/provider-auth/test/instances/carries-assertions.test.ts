import { memoryAuthStore } from 'chatgpt-auth';
import {
  type LoadAuthOptions,
  loadAuth,
  providerFetch,
  type RuntimeAgentInstancesOptions,
} from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { installationId, platformActor } from '../support/instance-servers.js';
import { noNetwork, unreadStore } from '../support/no-network.js';
import { stillEffects } from '../support/start-run.js';

/** Sends one request to the base URL, and returns where requests went and which of them carried an assertion. */
async function sendTo(
  baseUrl: string,
  more: Partial<RuntimeAgentInstancesOptions> = {},
  options: LoadAuthOptions = {},
): Promise<string[]> {
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const isSigned = new Headers(init?.headers).has('x-openai-agent-assertion');
    sent.push(`${new URL(String(input)).host}${isSigned ? ' signed' : ''}`);
    const ids = { runtime_agent_instance_id: 'instance-1', agent_host_id: 'host-1' };
    return Response.json({ ...ids, actor: platformActor });
  };
  const runtimeAgentInstances = { installationId, mode: 'dual_header', ...more } as const;
  const auth = await loadAuth(
    { apiKey: 'sk-1', runtimeAgentInstances, ...options },
    { ...stillEffects, fetch },
  );
  const provider = {
    kind: 'first_party',
    baseUrl,
    allowPlainHttpHosts: [new URL(baseUrl).hostname],
  } as const;
  try {
    await providerFetch(auth, provider, { fetch })(baseUrl);
  } catch (error) {
    expect(sent).toEqual([]);
    throw error;
  }
  return sent;
}

const staging: LoadAuthOptions = { chatgptBaseUrl: 'https://chatgpt-staging.com/backend-api' };

describe('assertions', () => {
  it.each([
    'api.openai.com',
    'API.openai.com:443',
    ...['us', 'eu', 'au', 'ca', 'in', 'jp', 'kr', 'sg', 'ae', 'gb', 'gov'].map(
      (each) => `${each}.api.openai.com`,
    ),
    'chatgpt.com',
    'a.b.chatgpt.com',
    'chat.openai.com',
  ])('go to %s', async (host) => {
    const { host: name } = new URL(`https://${host}`);
    expect(await sendTo(`https://${host}/v1`)).toEqual(['auth.openai.com', `${name} signed`]);
  });

  it.each(['api.openai.org', 'chatgpt-staging.com'])(
    'go to %s after a staging registration',
    async (host) => {
      expect(await sendTo(`https://${host}/v1`, {}, staging)).toEqual([
        'auth.api.openai.org',
        `${host} signed`,
      ]);
    },
  );

  it.each([
    'models.example.com',
    'api.openai.com.example.com',
    'notchatgpt.com',
    'openai.com.example',
    'xopenai.com',
  ])('do not go to %s', async (host) => {
    expect(await sendTo(`https://${host}/v1`)).toEqual([host]);
  });

  it.each([
    ['https://Models.example.com/v1', ['models.EXAMPLE.com']],
    ['https://models.example.com:8443/v1', ['models.example.com']],
    ['http://[::1]:1/v1', ['[::1]']],
  ])('go to %s if the caller names it', async (baseUrl, hosts) => {
    const { host } = new URL(baseUrl);
    expect(await sendTo(baseUrl, { hosts })).toEqual(['auth.openai.com', `${host} signed`]);
  });

  it('of another registration server go to an OpenAI host only if the caller names it', async () => {
    const more = { instanceBaseUrl: 'https://authority.example.com' };
    const baseUrl = 'https://api.openai.com/v1';
    expect((await thrownBy(() => sendTo(baseUrl, more))).code).toBe('unsupported_instance_host');
    expect(await sendTo(baseUrl, { ...more, hosts: ['api.openai.com'] })).toEqual([
      'authority.example.com',
      'api.openai.com signed',
    ]);
  });
});

describe('nothing is sent', () => {
  it.each<[string, LoadAuthOptions?]>([
    ['http://api.openai.com/v1'],
    ['https://api.openai.com:8443/v1'],
    ['https://api.openai.com./v1'],
    ['https://chatgpt.com./v1'],
    ['https://openai.com/v1'],
    ['https://platform.openai.com/v1'],
    ['https://xx.api.openai.com/v1'],
    ['https://a.us.api.openai.com/v1'],
    ['https://x.chatgpt-staging.com/v1'],
    ['https://api.openai.org/v1'],
    ['https://chatgpt-staging.com/v1'],
    ['https://api.openai.com/v1', staging],
    ['https://chatgpt.com/v1', staging],
  ])('to %s', async (baseUrl, options) => {
    const error = await thrownBy(() => sendTo(baseUrl, {}, options));
    expect(error.code).toBe('unsupported_instance_host');
  });
});

describe('loadAuth refuses the option runtimeAgentInstances before any request', () => {
  const valid = { installationId, mode: 'dual_header' } as const;
  it.each<[string, unknown, string]>([
    ['true', true, 'invalid_argument'],
    ['no installation id', { mode: 'dual_header' }, 'invalid_argument'],
    [
      'an installation id in upper case',
      { ...valid, installationId: installationId.toUpperCase() },
      'invalid_argument',
    ],
    ['no mode', { installationId }, 'invalid_argument'],
    ['another mode', { ...valid, mode: 'AssertionOnly' }, 'invalid_argument'],
    ['a host that is a URL', { ...valid, hosts: ['https://a.example.com'] }, 'invalid_argument'],
    ['a host with a port', { ...valid, hosts: ['a.example.com:443'] }, 'invalid_argument'],
    ['a host with a path', { ...valid, hosts: ['a.example.com/v1'] }, 'invalid_argument'],
    ['a pattern', { ...valid, hosts: ['*.example.com'] }, 'invalid_argument'],
    ['hosts that are a string', { ...valid, hosts: 'a.example.com' }, 'invalid_argument'],
    ['a blank organization', { ...valid, organizationId: ' ' }, 'invalid_argument'],
    ['a project with a line break', { ...valid, projectId: 'a\nb' }, 'invalid_argument'],
    [
      'metadata without a role',
      { ...valid, metadata: { harness: 'a', harness_version: '1' } },
      'invalid_argument',
    ],
    ['an unknown member', { ...valid, host: ['a.example.com'] }, 'invalid_argument'],
    ['an insecure server', { ...valid, instanceBaseUrl: 'http://a.example.com' }, 'insecure_url'],
    ['a server with a query', { ...valid, instanceBaseUrl: 'https://a.example.com/?a' }, 'invalid_base_url'],
  ])('%s', async (_, runtimeAgentInstances, code) => {
    const options = { apiKey: 'sk-1', store: unreadStore, runtimeAgentInstances } as LoadAuthOptions;
    expect((await thrownBy(() => loadAuth(options, noNetwork))).code).toBe(code);
  });

  it('an organization or a project for a ChatGPT login', async () => {
    const store = memoryAuthStore(chatgptLogin());
    for (const selected of [{ organizationId: 'org-1' }, { projectId: 'proj-1' }]) {
      const runtimeAgentInstances = { ...valid, ...selected };
      const error = await thrownBy(() => loadAuth({ store, runtimeAgentInstances }, noNetwork));
      expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('API key') });
    }
  });

  it('a ChatGPT base URL that no registration server belongs to', async () => {
    const options = {
      apiKey: 'sk-1',
      chatgptBaseUrl: 'https://proxy.example.com',
      runtimeAgentInstances: valid,
    };
    expect((await thrownBy(() => loadAuth(options, noNetwork))).code).toBe('unknown_chatgpt_base_url');
  });
});
